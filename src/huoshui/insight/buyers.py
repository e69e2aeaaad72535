"""People by what they bought: one row per person and span of business days. Steps shared by the questions."""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from huoshui.insight.lake import Lake
from huoshui.insight.lines import lines, orders

SATURDAY = 5  # of a week that begins with Monday as 0


def person_orders(lake: Lake, first: date, last: date) -> ir.Table:
    """Orders of known people, with the day and place they were made at."""
    table = orders(lines(lake, first, last), by=["business_day", "org_unit_id"])
    return table.filter(_.person_id.notnull())


def buyers(lake: Lake, first: date, last: date) -> ir.Table:
    """Everyone with an order that still counts: orders, net amount, discounts, first and last day."""
    sums = person_orders(lake, first, last).aggregate(
        by="person_id",
        orders=_.counts.sum(),
        amount=_.amount.sum().cast("int64"),
        discount=_.discount.sum().cast("int64"),
        coupon_discount=_.coupon_discount.sum().cast("int64"),
        first_day=_.business_day.min(where=_.counts),
        last_day=_.business_day.max(where=_.counts),
    )
    return sums.filter(_.orders > 0)


def fifth(table: ir.Table, value: ir.Value) -> ir.IntegerValue:
    """1 to 5 by how many rows have less: equal values share a score, whoever holds them."""
    return part(table, value, 5) + 1


def part(table: ir.Table, value: ir.Value, parts: int) -> ir.IntegerValue:
    """0 to parts − 1 by how many rows have less."""
    below, everyone = ibis.rank().over(order_by=value), table.count().over(ibis.window())
    return (below * parts // everyone).cast("int64")
