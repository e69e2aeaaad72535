"""Orders as the core keeps them, where several are to be told at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from huoshui.core import sql

Q = sql.load("huoshui.web.console")


class Placed(NamedTuple):
    fact_id: int
    source_id: int
    org_unit_id: int | None


class Use(NamedTuple):
    """An order that took of a coupon's budget, or by which some came back: then `amount` is below zero."""

    fact_id: int
    order_key: str
    parent_key: str | None
    occurred_at: datetime
    business_day: date
    org_unit_id: int | None
    person_id: int | None
    amount: int


def places_of(fact_ids: Sequence[int]) -> dict[int, Placed]:
    if not fact_ids:
        return {}
    return {row.fact_id: row for row in sql.fetch_as(Placed, Q.places_of, fact_ids=list(fact_ids))}


def uses_of_template(template_id: int, *, limit: int) -> list[Use]:
    """Of a coupon with a budget, whose every use is in the books; of one without there are none here."""
    return sql.fetch_as(Use, Q.uses_of_template, template_id=template_id, limit=limit)
