"""What a coupon's sales made of it: by day and store, with or without a budget, and who bears it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from huoshui.core import clock, sql
from huoshui.people import api as people

Q = sql.load("huoshui.engage.campaigns")


@dataclass(frozen=True)
class UseCell:
    """Uses of one day at one store. `amount` was taken off; of it `by_dealer` is the dealer's own, the rest the brand's.

    `payable` is what the brand owes the dealer for it now: its part of what has not been given back since.
    """

    day: date
    org_unit_id: int | None
    dealer_id: int | None
    uses: int
    orders: int
    person_ids: frozenset[int]
    amount: int
    payable: int
    by_dealer: int

    @property
    def by_brand(self) -> int:
        return self.amount - self.by_dealer


class CouponUsed(NamedTuple):
    """One use. `order_id` is the order's first fact."""

    fact_id: int
    order_id: int
    order_key: str
    occurred_at: datetime
    day: date
    org_unit_id: int | None
    dealer_id: int | None
    person_id: int | None
    code: str
    amount: int
    payable: int
    by_dealer: int


def uses_by_day(
    template_id: int, first: date, last: date, *, org_unit_ids: Collection[int] | None = None
) -> list[UseCell]:
    """Of these days, both ends included, and these stores (None: all), oldest first. What was given back whole is no use."""
    rows = sql.fetch(Q.uses_by_day, **_asked(template_id, first, last, org_unit_ids))
    own = people.canonical_ids(sorted({p for r in rows for p in r.person_ids}))
    return [
        UseCell(
            r.day,
            r.org_unit_id,
            r.dealer_id,
            r.uses,
            r.orders,
            frozenset(own[p] for p in r.person_ids),
            r.amount,
            r.payable,
            r.by_dealer,
        )
        for r in rows
    ]


def last_used(template_id: int) -> date | None:
    """The day of the latest sale that used it and still does."""
    row = sql.fetch_one(Q.last_used, template_id=template_id)
    return row.day if row else None


def uses_behind(
    template_id: int,
    first: date,
    last: date,
    *,
    org_unit_id: int | None = None,
    dealer_id: int | None = None,
    org_unit_ids: Collection[int] | None = None,
    limit: int = 200,
) -> list[CouponUsed]:
    """The uses themselves, newest first; of one store or one dealer where these are given, 0 being none."""
    asked = _asked(template_id, first, last, org_unit_ids)
    return sql.fetch_as(
        CouponUsed, Q.uses_behind, **asked, org_unit_id=org_unit_id, dealer_id=dealer_id, limit=limit
    )


def _asked(
    template_id: int, first: date, last: date, org_unit_ids: Collection[int] | None
) -> dict[str, object]:
    zone = clock.brand_zone()
    return {
        "template_id": template_id,
        "first": first,
        "last": last,
        # A sale's instant may lie a little off its business day
        "since": datetime.combine(first - timedelta(days=2), time(), zone),
        "until": datetime.combine(last + timedelta(days=3), time(), zone),
        "org_unit_ids": None if org_unit_ids is None else sorted(org_unit_ids),
    }
