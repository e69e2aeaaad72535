"""Steps every question starts with: lines with the person they belong to now, and the orders they make.

The lake holds effects: a line taken back is there again with the opposite sign, so plain sums are true. A
count of orders is not: an order counts while something of its sale is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from huoshui.insight.lake import Lake

# A line that came without a quantity or without an amount (ARCHITECTURE §3) is a sale all the same.
INCOMPLETE = 2 | 4
HALF_A_THOUSANDTH = 0.0005


def canonical(table: ir.Table, lake: Lake) -> ir.Table:
    """`person_id` becomes the person known today; an id that `persons` does not name is its own."""
    # only few were ever joined: a small table is joined several times faster than everybody
    known = lake.persons.filter(_.person_id != _.canonical_id).select(
        born_id=_.person_id, canonical_id=_.canonical_id
    )
    return (
        table.left_join(known, table.person_id == known.born_id)
        .mutate(person_id=ibis.coalesce(_.canonical_id, _.person_id))
        .drop("born_id", "canonical_id")
    )


def lines(lake: Lake, first: date | None = None, last: date | None = None) -> ir.Table:
    """Order lines of these business days, both ends included; `sign` is −1 where a line was taken back."""
    table = lake.order_lines
    if first:
        table = table.filter(_.business_day >= first)
    if last:
        table = table.filter(_.business_day <= last)
    return canonical(table, lake).mutate(
        quantity=_.quantity.coalesce(0.0), sign=ibis.ifelse(_.is_reversal, -1, 1).cast("int64")
    )


def orders(table: ir.Table, by: Sequence[str] = ()) -> ir.Table:
    """One row per order and person within each value of `by`; `counts` while something is left of it. `gross` is without the
    refunds that came as facts of their own."""
    is_sale = _.kind == "sale"
    incomplete = is_sale & ((_.flags & INCOMPLETE) != 0)
    sums = table.aggregate(
        by=[*by, "order_id", "person_id"],
        amount=_.amount.sum().cast("int64"),
        quantity=_.quantity.sum(),
        discount=_.discount.sum().cast("int64"),
        coupon_discount=_.coupon_discount.sum().cast("int64"),
        lines=ibis.ifelse(is_sale, _.sign, 0).sum().cast("int64"),
        gross=ibis.ifelse(is_sale, _.amount, 0).sum().cast("int64"),
        sold_quantity=ibis.ifelse(is_sale, _.quantity, 0.0).sum(),
        incomplete=ibis.ifelse(incomplete, _.sign, 0).sum(),
    )
    left = (_.gross != 0) | (_.sold_quantity.abs() > HALF_A_THOUSANDTH) | (_.incomplete != 0)
    return sums.mutate(counts=left).drop("sold_quantity", "incomplete")
