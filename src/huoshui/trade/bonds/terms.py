"""What a version of the rules says, and what it may say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from huoshui.trade.bonds.types import SIGNS, BadRules

WHO = ("first", "last")
RANKED = ("assigned", *SIGNS)


@dataclass(frozen=True)
class Terms:
    """`who`: whose touch counts once somebody owns her, the first's or the last's. `precedence`: strongest first; what stands
    in it is moved only by its like or a stronger one; empty, all are alike. `head_office`: whether a dealer's touch takes over
    a customer whom head office's own shop won ('open'), or she is like any other ('kept')."""

    version: int = 0
    from_position: int = 0
    makes: tuple[str, ...] = SIGNS
    who: str = "first"
    precedence: tuple[str, ...] = ()
    protection_days: int = 180
    renews: bool = False
    release_days: int = 0  # nothing is taken from anybody before head office has said so
    head_office: str = "open"
    guide: str = "first"
    holidays: tuple[tuple[date, date], ...] = ()

    def is_holiday(self, day: date) -> bool:
        return any(first <= day <= last for first, last in self.holidays)


HOUSE = Terms()
"""Without a version of one's own."""

_DAYS = 3_660


def checked(params: Mapping[str, Any]) -> dict[str, Any]:
    """As it is kept. Raises BadRules with what is wrong."""
    unknown = set(params) - set(told(HOUSE))
    if unknown:
        raise BadRules(f"没有这一项规则：{'、'.join(sorted(unknown))}")
    given = told(HOUSE) | dict(params)
    for name in ("protection_days", "release_days"):
        if type(given[name]) is not int or not 0 <= given[name] <= _DAYS:
            raise BadRules(f"天数要填 0 到 {_DAYS} 的整数。")
    _among("who", given["who"], WHO)
    _among("guide", given["guide"], WHO)
    _among("head_office", given["head_office"], ("open", "kept"))
    _all_among(given["makes"], SIGNS)
    _all_among(given["precedence"], RANKED)
    if not given["makes"]:
        raise BadRules("至少要选一种行为能带来归属。")
    if type(given["renews"]) is not bool:
        raise BadRules
    _spans(given["holidays"])
    return given


def _among(name: str, value: Any, allowed: Sequence[str]) -> None:
    if value not in allowed:
        raise BadRules(f"{name} 只能是 {' 或 '.join(allowed)}。")


def _all_among(values: Any, allowed: Sequence[str]) -> None:
    if not isinstance(values, list) or set(values) - set(allowed) or len(set(values)) != len(values):
        raise BadRules("归属方式填得不对。")


def _spans(values: Any) -> tuple[tuple[date, date], ...]:
    try:
        spans = tuple((date.fromisoformat(first), date.fromisoformat(last)) for first, last in values)
    except (TypeError, ValueError) as error:
        raise BadRules("节假日要写成 2026-02-15 到 2026-02-23 这样的起止日期。") from error
    if any(first > last for first, last in spans):
        raise BadRules("节假日的开始日期不能晚于结束日期。")
    return spans


def told(terms: Terms) -> dict[str, Any]:
    return {
        "makes": list(terms.makes),
        "who": terms.who,
        "precedence": list(terms.precedence),
        "protection_days": terms.protection_days,
        "renews": terms.renews,
        "release_days": terms.release_days,
        "head_office": terms.head_office,
        "guide": terms.guide,
        "holidays": [[first.isoformat(), last.isoformat()] for first, last in terms.holidays],
    }


def read(version: int, from_position: int, params: Mapping[str, Any]) -> Terms:
    given = told(HOUSE) | dict(params)
    return Terms(
        version=version,
        from_position=from_position,
        makes=tuple(given["makes"]),
        who=given["who"],
        precedence=tuple(given["precedence"]),
        protection_days=given["protection_days"],
        renews=given["renews"],
        release_days=given["release_days"],
        head_office=given["head_office"],
        guide=given["guide"],
        holidays=_spans(given["holidays"]),
    )
