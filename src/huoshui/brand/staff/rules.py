"""Which roles there are, who may give them, and which go together."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from typing import Final, NamedTuple

from huoshui.core.actor import HEAD_OFFICE

PLACES: Final[Mapping[str, frozenset[str]]] = {
    **dict.fromkeys(HEAD_OFFICE, frozenset({"headquarters"})),
    "regional_manager": frozenset({"region"}),
    "dealer": frozenset({"dealer"}),
    "manager": frozenset({"store"}),
    "guide": frozenset({"store"}),
}
"""A role → the kinds of unit at which somebody has it."""
OUTSIDERS: Final = frozenset({"analyst", "auditor", "manager", "guide"})
"""What somebody of another firm may be: nobody who decides, and nobody who opens contacts."""
OUTSIDE_LONGEST: Final = timedelta(days=184)
ACTING_LONGEST: Final = timedelta(hours=8)


class Seat(NamedTuple):
    """A place somebody has, or is to have. `dealer_id` is whose the unit is; None: head office's own."""

    role: str
    dealer_id: int | None


def may_give(giver: Collection[str], role: str, *, is_own: bool) -> bool:
    """`is_own`: the unit is the giver's, or below it. Guides are their employer's people, and a dealer is one."""
    if "boss" in giver:
        return True
    if "operator" in giver:
        return role not in {"boss", "privacy_officer", "auditor"}
    if "dealer" in giver and is_own:
        return role in {"manager", "guide"}
    return "manager" in giver and is_own and role == "guide"


def wrong_with_seat(
    role: str, kind: str, firm: str, starts_on: date | None, expires_on: date | None, *, today: date
) -> str:
    """Why this role cannot be had there; nothing where it can."""
    if role not in PLACES:
        return "没有这个岗位。"
    if kind not in PLACES[role]:
        return "这个岗位不在这一级：总部岗位在总部，大区经理在大区，经销商老板在经销商，店长和导购在门店。"
    if starts_on and expires_on and expires_on < starts_on:
        return "结束日早于开始日。"
    if expires_on and expires_on < today:
        return "结束日已经过了。"
    if firm and role not in OUTSIDERS:
        return "外部公司的人只能做分析、审计、店长或导购。"
    if firm and (expires_on is None or expires_on > today + OUTSIDE_LONGEST):
        return "外部公司的人要写到期日，最长半年。"
    return ""


def mixes(has: Collection[Seat], new: Seat) -> bool:
    """Whether a login would carry the rights it has at one dealer to another's: roles count wherever it is placed. A couple's
    shop has all at one dealer; whoever helps out at two dealers does the same at both."""
    seats = {*has, new}
    return len({s.dealer_id for s in seats}) > 1 and len({s.role for s in seats}) > 1


def hands(until_hours: int) -> bool:
    """Whether somebody may act for a dealer for so long."""
    return timedelta(0) < timedelta(hours=until_hours) <= ACTING_LONGEST
