"""What may stand under what, and who may say so."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Final

ABOVE: Final[Mapping[str, frozenset[str]]] = {
    "headquarters": frozenset(),
    "region": frozenset({"headquarters"}),
    "dealer": frozenset({"region", "headquarters"}),
    "store": frozenset({"dealer", "region", "headquarters"}),
}
"""A kind → the kinds it may stand under. A store of a region or of headquarters is head office's own."""
MOVERS: Final = frozenset({"boss", "operator"})
FARTHEST: Final = timedelta(days=366)


def may_move(roles: Collection[str]) -> bool:
    return bool(MOVERS.intersection(roles))


def wrong_with_move(kind: str, under: str, day: date, *, today: date, since: date | None) -> str:
    """Why a unit of this kind cannot come under one of that kind on that day; nothing where it can. `since`: when it came to
    where it stands now."""
    if under not in ABOVE[kind]:
        return "门店归经销商、大区或总部，经销商归大区或总部，大区归总部。"
    if day > today + FARTHEST:
        return "最多提前一年安排。"
    if since is not None and day <= since:
        return "生效日要晚于上一次调整的那天。"
    return ""
