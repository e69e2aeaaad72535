"""What a version of the rules says, and what it may say. Rates in permille, money in minor units, weights in points."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from huoshui.trade.leads.types import BadLeadRules

SCAN_KINDS: Final = ("guide", "store", "campaign", "shelf", "parcel", "partner", "recommender")
_MOST_STAGES = 12


@dataclass(frozen=True)
class Terms:
    """`capacity`: how many leads a dealer may have in hand, 0: any number. `weight_*`: what counts among those that may have
    it: fair turns, how often leads become orders, room. `areas`: a district, or the beginning of its name → dealers.
    `scan_kinds`: scans of which codes are leads. `fee_*`: of an order within `window_days` of the acceptance; `lead_price`:
    for an accepted lead itself, the first `free_leads` of a dealer for nothing. A bill may be objected to for `object_days`,
    a lead be called bad for `bad_days`."""

    version: int = 0
    accept_minutes: int = 120
    most_tries: int = 3
    bond_wins: bool = True
    capacity: int = 30
    weight_fair: int = 50
    weight_wins: int = 30
    weight_room: int = 20
    look_back_days: int = 90
    window_days: int = 90
    fee_permille: int = 0
    fee_cap: int = 0
    lead_price: int = 0
    free_leads: int = 0
    object_days: int = 7
    bad_days: int = 7
    areas: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    scan_kinds: tuple[str, ...] = ("campaign", "partner")
    stages: tuple[str, ...] = ("量房", "报价", "成交", "安装", "回访")
    won_stage: str = "成交"

    @property
    def first_stage(self) -> str:
        return self.stages[0]


HOUSE: Final = Terms()

_RANGES: Final = {
    "accept_minutes": (5, 10_080),
    "most_tries": (1, 50),
    "capacity": (0, 100_000),
    "weight_fair": (0, 1000),
    "weight_wins": (0, 1000),
    "weight_room": (0, 1000),
    "look_back_days": (1, 3_660),
    "window_days": (1, 3_660),
    "fee_permille": (0, 1000),
    "fee_cap": (0, 10**10),
    "lead_price": (0, 10**8),
    "free_leads": (0, 100_000),
    "object_days": (0, 90),
    "bad_days": (0, 365),
}


def checked(params: Mapping[str, Any]) -> dict[str, Any]:
    """As it is kept. Raises BadLeadRules."""
    known = {*_RANGES, "bond_wins", "areas", "scan_kinds", "stages", "won_stage"}
    if unknown := set(params) - known:
        raise BadLeadRules(f"没有这一项规则：{'、'.join(sorted(unknown))}")
    for name, (least, most) in _RANGES.items():
        if name in params and (type(params[name]) is not int or not least <= params[name] <= most):
            raise BadLeadRules(f"要填 {least} 到 {most} 的整数。")
    if not isinstance(params.get("bond_wins", True), bool):
        raise BadLeadRules
    _stages(params.get("stages", HOUSE.stages), params.get("won_stage", HOUSE.won_stage))
    if set(_texts(params.get("scan_kinds", ()))) - set(SCAN_KINDS):
        raise BadLeadRules("没有这种活码。")
    areas = params.get("areas", {})
    if not isinstance(areas, Mapping) or any(
        not name.strip() or not dealers or any(type(d) is not int for d in dealers)
        for name, dealers in areas.items()
    ):
        raise BadLeadRules("每个地区要写明由哪几家经销商接。")
    return dict(params)


def _texts(value: Any) -> Sequence[str]:
    if not isinstance(value, list | tuple) or any(not isinstance(one, str) for one in value):
        raise BadLeadRules
    return value


def _stages(stages: Any, won: Any) -> None:
    named = _texts(stages)
    if not 2 <= len(named) <= _MOST_STAGES or len(set(named)) != len(named):
        raise BadLeadRules(f"跟进阶段要有 2 到 {_MOST_STAGES} 个，名字不能重复。")
    if any(not one.strip() or len(one) > 12 for one in named):
        raise BadLeadRules("阶段的名字要有 1 到 12 个字。")
    if won not in named:
        raise BadLeadRules("请选哪一个阶段算成交。")


def read(version: int, params: Mapping[str, Any]) -> Terms:
    told = dict(params)
    for name in ("scan_kinds", "stages"):
        if name in told:
            told[name] = tuple(told[name])
    told["areas"] = {name: tuple(dealers) for name, dealers in told.get("areas", {}).items()}
    return Terms(version=version, **told)


def told(terms: Terms) -> dict[str, Any]:
    """As `checked` wants it."""
    found = {name: getattr(terms, name) for name in (*_RANGES, "bond_wins", "won_stage")}
    return found | {
        "areas": {name: list(dealers) for name, dealers in terms.areas.items()},
        "scan_kinds": list(terms.scan_kinds),
        "stages": list(terms.stages),
    }
