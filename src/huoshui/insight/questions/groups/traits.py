"""What is measured of each customer, from purchases alone."""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from huoshui.insight.buyers import SATURDAY, buyers, person_orders
from huoshui.insight.dimensions import with_keys
from huoshui.insight.lake import Lake
from huoshui.insight.lines import lines


def per_person(lake: Lake, first: date, last: date) -> ir.Table:
    """One row per buyer: the columns of `buyers` and

    months, days, stores      in which, on which, at which an order was made
    main_store_orders         orders at the store with most of them
    weekend_orders, coupon_orders
    gap                       median days between days with an order; null with one day only
    categories, top_amount    bought from, and spent in the one with most
    discounted                amount of lines that carried a discount
    known, fresh              categories bought from in the second half of the span, and of these not before
    paid, usual               amount of goods with a quantity, and their cost at the category's mean price
    """
    made = person_orders(lake, first, last).filter(_.counts)
    return (
        buyers(lake, first, last)
        .left_join(_habits(made), "person_id")
        .drop("person_id_right")
        .left_join(_places(made), "person_id")
        .drop("person_id_right")
        .left_join(_gaps(made), "person_id")
        .drop("person_id_right")
        .left_join(_tastes(_kinds_of_goods(lake, first, last), first + (last - first) / 2), "person_id")
        .drop("person_id_right")
    )


def _habits(made: ir.Table) -> ir.Table:
    return made.aggregate(
        by="person_id",
        days=_.business_day.nunique(),
        months=_.business_day.truncate("M").nunique(),
        stores=_.org_unit_id.nunique(),
        weekend_orders=(_.business_day.day_of_week.index() >= SATURDAY).sum(),
        coupon_orders=(_.coupon_discount != 0).sum(),
    )


def _places(made: ir.Table) -> ir.Table:
    per_store = made.aggregate(by=["person_id", "org_unit_id"], orders=_.count())
    return per_store.aggregate(by="person_id", main_store_orders=_.orders.max())


def _gaps(made: ir.Table) -> ir.Table:
    days = made.select("person_id", day=_.business_day).distinct()
    before = days.mutate(before=_.day.lag().over(group_by="person_id", order_by="day"))
    return before.aggregate(by="person_id", gap=before.day.delta(before.before, unit="day").median())


def _kinds_of_goods(lake: Lake, first: date, last: date) -> ir.Table:
    """One row per person and category of which something was kept."""
    bought = with_keys(lines(lake, first, last).filter(_.person_id.notnull()), lake, ["category"])
    sums = bought.aggregate(
        by=["person_id", "category"],
        amount=_.amount.sum().cast("int64"),
        quantity=_.quantity.sum(),
        discounted=ibis.ifelse(_.discount != 0, _.amount, 0).sum().cast("int64"),
        first_day=_.business_day.min(),
        last_day=_.business_day.max(),
    )
    return sums.filter(_.amount > 0)


def _tastes(kept: ir.Table, half: date) -> ir.Table:
    prices = kept.filter(_.quantity > 0).aggregate(
        by="category", price=_.amount.sum().cast("float64") / _.quantity.sum()
    )
    has_quantity = _.quantity > 0
    return kept.left_join(prices, "category").aggregate(
        by="person_id",
        categories=_.count(),
        top_amount=_.amount.max(),
        discounted=_.discounted.sum().cast("int64"),
        known=(_.last_day > half).sum(),
        fresh=(_.first_day > half).sum(),
        paid=_.amount.sum(where=has_quantity).coalesce(0).cast("int64"),
        usual=(_.quantity * _.price).sum(where=has_quantity).coalesce(0.0),
    )
