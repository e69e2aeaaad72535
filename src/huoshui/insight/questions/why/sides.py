"""What each person bought in the two spans, side by side; everything `why` counts is a sum of this."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir
from ibis import _

from huoshui.insight.dimensions import Scope
from huoshui.insight.lake import Lake
from huoshui.insight.lines import HALF_A_THOUSANDTH, lines, orders
from huoshui.insight.questions.why.spans import Span

BRIDGE = {
    "stayed": ("两期都买的", "Bought in both"),
    "new": ("新顾客", "New"),
    "back": ("又回来的", "Came back"),
    "lost": ("这期没来的", "Did not come this time"),
    "refunds": ("只有退款的", "Refunds only"),
    "nobody": ("没认出是谁的", "Of nobody known"),
}


def both(lake: Lake, scope: Scope, span: Span, before: Span) -> ir.Table:
    """Lines of the two spans; `is_now` tells which."""
    table = scope.narrow(lines(lake, min(span.first, before.first), max(span.last, before.last)), lake)
    is_now = table.business_day.between(span.first, span.last)
    return table.filter(is_now | table.business_day.between(before.first, before.last)).mutate(
        is_now=_.business_day.between(span.first, span.last)
    )


def by_person(lake: Lake, scope: Scope, span: Span, before: Span) -> ir.Table:
    """One row per person, one without an id for what nobody known bought: orders, amount, units, refunds of each
    side, and `bridge`."""
    # what was refunded is told apart from what was sold: an order does not become smaller by a later refund
    sold = orders(both(lake, scope, span, before), by=["is_now", "kind"]).mutate(is_sale=_.kind == "sale")
    figures: dict[str, ir.Deferred] = {}
    for side, is_it in (("now", _.is_now), ("before", ~_.is_now)):
        figures |= {
            f"orders_{side}": (_.counts & _.is_sale & is_it).cast("int64").sum(),
            f"amount_{side}": ibis.ifelse(_.is_sale & is_it, _.amount, 0).sum().cast("int64"),
            f"units_{side}": ibis.ifelse(_.is_sale & is_it, _.quantity, 0.0).sum().round(3),
            f"refunds_{side}": ibis.ifelse(~_.is_sale & is_it, _.amount, 0).sum().cast("int64"),
        }
    return _bridged(sold.aggregate(by="person_id", **figures), _earlier(lake, scope, span.first))


def _earlier(lake: Lake, scope: Scope, first: date) -> ir.Table:
    table = scope.narrow(lines(lake, None, first - timedelta(days=1)), lake)
    return orders(table).filter(_.counts & _.person_id.notnull()).select(earlier_id=_.person_id).distinct()


def _bridged(table: ir.Table, earlier: ir.Table) -> ir.Table:
    joined = table.left_join(earlier, table.person_id == earlier.earlier_id)
    came, came_before = _.orders_now > 0, _.orders_before > 0
    bridge = ibis.cases(
        (_.person_id.isnull(), "nobody"),
        (came & came_before, "stayed"),
        (came & _.earlier_id.notnull(), "back"),
        (came, "new"),
        (came_before, "lost"),
        else_="refunds",
    )
    return joined.mutate(bridge=bridge).drop("earlier_id")


def moved(table: ir.Table) -> dict[str, ir.BooleanValue]:
    """By piece, whose own figure it is that changed."""
    known, stayed = table.person_id.notnull(), table.bridge == "stayed"
    units = table.units_now * table.orders_before - table.units_before * table.orders_now
    price = table.amount_now * table.units_before - table.amount_before * table.units_now
    ticket = table.amount_now * table.orders_before - table.amount_before * table.orders_now
    nobody = table.person_id.isnull() & known
    return {
        "days": nobody,
        "visitors": nobody,
        "customers": known & ((table.orders_now > 0) != (table.orders_before > 0)),
        "orders": stayed & (table.orders_now != table.orders_before),
        "units": stayed & (units.abs() > HALF_A_THOUSANDTH),
        "price": stayed & (price.abs() > HALF_A_THOUSANDTH),
        "ticket": stayed & (ticket != 0),
        "refunds": known & ((table.refunds_now != 0) | (table.refunds_before != 0)),
        "nobody": nobody,
    }
