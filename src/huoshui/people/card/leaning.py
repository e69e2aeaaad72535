"""Cards of those a guide serves, the most urgent first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from django.conf import settings

from huoshui.core import sql

Q = sql.load("huoshui.people.card")


class Bounds(NamedTuple):
    """From when something is urgent, in days. `kinds` in their order, '' last: nothing is."""

    kinds: tuple[str, ...]
    least_orders: int
    least_gap: int
    due_ahead: int
    due_past: int
    care_from: int
    care_to: int
    silent_days: int


class Leaning(NamedTuple):
    """`gone`: days since she bought last; `every`: after how many days she comes by her card, 0 where that tells nothing."""

    person_id: int
    kind: str
    gone: int
    every: int


def leaning(
    guide_id: int,
    bounds: Bounds,
    *,
    today: date,
    birthdays: Sequence[int] = (),
    coupons: Sequence[int] = (),
    limit: int,
    offset: int = 0,
) -> list[Leaning]:
    """One statement for any number of customers. `birthdays` and `coupons`: canonical ids of whom that is true of. Which of
    these the actor may see, `cards_for` says."""
    return sql.fetch_as(
        Leaning,
        Q.leaning,
        guide_id=guide_id,
        **bounds._asdict() | {"kinds": list(bounds.kinds)},
        today=today,
        zone=settings.HUOSHUI_ZONE,
        birthdays=list(birthdays),
        coupons=list(coupons),
        limit=limit,
        offset=offset,
    )
