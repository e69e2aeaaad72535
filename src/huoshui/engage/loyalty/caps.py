"""What was taken offline beyond its caps. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from huoshui.core import money
from huoshui.core.unmet import Unmet

OFFLINE_CAP = "offline_cap"
KINDS = ("points", "coupons")


class OfflineCap(NamedTuple):
    """`kind`: 'points', or 'coupons' in minor units of what they took off. None: no cap."""

    kind: str
    per_order: int | None = None
    per_day: int | None = None

    @property
    def is_set(self) -> bool:
        return self.per_order is not None or self.per_day is not None


class OfflineUse(NamedTuple):
    """What a report took, with what its order has taken in all. `person_id` is canonical."""

    fact_id: int
    person_id: int | None
    day: date
    amount: int
    of_order: int


Day = tuple[int, date]


def beyond(cap: OfflineCap, uses: Sequence[OfflineUse], before: Mapping[Day, int]) -> list[Unmet]:
    """`before`: what each had taken that day. One exception for each report, of its order first."""
    so_far = Counter(dict(before))
    out = []
    for use in uses:
        of_day = 0
        if use.person_id is not None:
            so_far[use.person_id, use.day] += use.amount
            of_day = so_far[use.person_id, use.day]
        if cap.per_order is not None and use.of_order > cap.per_order:
            out.append(_told(cap, use, "order", use.of_order, cap.per_order))
        elif cap.per_day is not None and of_day > cap.per_day:
            out.append(_told(cap, use, "day", of_day, cap.per_day))
    return out


def _told(cap: OfflineCap, use: OfflineUse, per: str, used: int, most: int) -> Unmet:
    detail = {"kind": cap.kind, "per": per, "used": _plain(cap, used), "cap": _plain(cap, most)}
    return Unmet(use.fact_id, OFFLINE_CAP, detail)


def _plain(cap: OfflineCap, amount: int) -> str:
    return f"{amount:,}" if cap.kind == "points" else f"¥{money.plain(amount)}"
