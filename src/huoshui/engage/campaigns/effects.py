"""What a coupon brought: everybody it was given to, used or not, against people it was not given to (ADR 0052)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from huoshui.core import clock, sql

Q = sql.load("huoshui.engage.campaigns")

KIND = "coupon"


class Given(NamedTuple):
    """The business day on which the first was given to somebody, and to how many ids by now."""

    day: date
    people: int


def reached_by(template_id: int) -> list[int]:
    """Born ids, in no order; nobody of a template that is not there."""
    return [int(row.person_id) for row in sql.fetch(Q.reached, template_id=template_id)]


def given(template_id: int) -> Given | None:
    """None while it was given to nobody; codes that whoever brings them may use are nobody's."""
    row = sql.fetch_one(Q.first_given, template_id=template_id, zone=str(clock.brand_zone()))
    return None if row is None or row.day is None else Given(row.day, row.people)


def asks(template_id: int, first: date) -> Mapping[str, str]:
    """What insight's question `effect` is to be asked of this coupon."""
    return {"reached": f"{KIND}:{template_id}", "from": first.isoformat()}
