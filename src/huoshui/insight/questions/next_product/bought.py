"""Who bought what on how many days: the lake's part of the question, one row per person and product."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from math import log

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from ibis import _
from numpy.typing import NDArray

from huoshui.insight.lake import Lake
from huoshui.insight.lines import HALF_A_THOUSANDTH, INCOMPLETE, lines
from huoshui.insight.maths.fitting import Floats

Places = NDArray[np.int64]

# What was bought longer ago says nothing of the next weeks.
REACH_DAYS = 400
# The weight of a purchase halves in so many days.
HALF_LIFE, SHORT_HALF_LIFE = 60, 30
# What is bought "lately", whatever the span that is asked for.
RECENT_DAYS, NEWEST_DAYS = 28, 7


@dataclass(frozen=True)
class History:
    """Everything up to `as_of`. Rows of `person` and `product` are places in `ids` and `skus`; ages in days."""

    as_of: date
    ids: Places
    skus: Places
    person: Places
    product: Places
    days: Floats
    age: Floats
    span: Floats
    weight: Floats
    short_weight: Floats
    visits: Floats
    visit_weight: Floats
    visit_age: Floats
    visit_span: Floats

    @cached_property
    def gap(self) -> Floats:
        """Days between purchases of this product by this person; 0 of whoever bought it on one day."""
        return np.where(self.days > 1, (self.span - self.age) / np.maximum(self.days - 1, 1), 0.0)

    @cached_property
    def visit_gap(self) -> Floats:
        apart = (self.visit_span - self.visit_age) / np.maximum(self.visits - 1, 1)
        return np.where(self.visits > 1, apart, 0.0)

    def per_product(self, which: NDArray[np.bool_] | None = None) -> Floats:
        """People of each product."""
        chosen = self.product if which is None else self.product[which]
        return np.bincount(chosen, minlength=len(self.skus)).astype(np.float64)


def history(lake: Lake, as_of: date) -> History:
    days = bought(lake, as_of - timedelta(days=REACH_DAYS), as_of)
    pairs = lake.run(_summed(days, ["person_id", "sku_id"], as_of).order_by(["person_id", "sku_id"]))
    came = days.select("person_id", "business_day").distinct()
    visits = lake.run(_summed(came, ["person_id"], as_of).order_by("person_id"))
    ids, person = np.unique(_ints(pairs, "person_id"), return_inverse=True)
    skus, product = np.unique(_ints(pairs, "sku_id"), return_inverse=True)
    return History(
        as_of, ids, skus, person, product,
        *(_floats(pairs, name) for name in ("days", "age", "span", "weight", "short_weight")),
        *(_floats(visits, name) for name in ("days", "short_weight", "age", "span")),
    )  # fmt: skip


def bought(lake: Lake, first: date, last: date) -> ir.Table:
    """person_id, sku_id, business_day: what is left of sales to known people."""
    table = lines(lake, first, last)
    sums = table.filter((_.kind == "sale") & _.person_id.notnull()).aggregate(
        by=["person_id", "sku_id", "business_day"],
        amount=_.amount.sum(),
        quantity=_.quantity.sum(),
        incomplete=ibis.ifelse((_.flags & INCOMPLETE) != 0, _.sign, 0).sum(),
    )
    left = (_.amount != 0) | (_.quantity.abs() > HALF_A_THOUSANDTH) | (_.incomplete != 0)
    return sums.filter(left).select("person_id", "sku_id", "business_day")


def later(lake: Lake, known: History, first: date, last: date) -> set[tuple[int, int]]:
    """(place of the person, place of the product) of what those known bought in this span."""
    rows = lake.run(bought(lake, first, last).select("person_id", "sku_id").distinct())
    people, person = _places(known.ids, _ints(rows, "person_id"))
    products, product = _places(known.skus, _ints(rows, "sku_id"))
    both = people & products
    return set(zip(person[both].tolist(), product[both].tolist(), strict=True))


def _places(of: Places, wanted: Places) -> tuple[NDArray[np.bool_], Places]:
    if not len(of):
        return np.zeros(len(wanted), dtype=bool), np.zeros(len(wanted), dtype=np.int64)
    place = np.minimum(np.searchsorted(of, wanted), len(of) - 1)
    return of[place] == wanted, place


def _summed(days: ir.Table, by: list[str], as_of: date) -> ir.Table:
    age = ibis.literal(as_of).delta(days.business_day, unit="day")
    aged = days.mutate(age=age.cast("int64"))
    return aged.aggregate(
        by=by,
        days=_.count(),
        span=_.age.max(),
        weight=(_.age * (-log(2) / HALF_LIFE)).exp().sum(),
        short_weight=(_.age * (-log(2) / SHORT_HALF_LIFE)).exp().sum(),
        age=_.age.min(),
    )


def _ints(table: pa.Table, name: str) -> Places:
    found: Places = table.column(name).to_numpy().astype(np.int64)
    return found


def _floats(table: pa.Table, name: str) -> Floats:
    found: Floats = table.column(name).to_numpy().astype(np.float64)
    return found
