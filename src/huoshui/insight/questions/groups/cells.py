"""The four cells and the lines that cut them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import ibis
import ibis.expr.types as ir
from ibis import _

from huoshui.insight.buyers import buyers
from huoshui.insight.days import trailing_year
from huoshui.insight.lake import Lake

# At most three people in ten are above a cut line.
TOP_TENTHS = 3


@dataclass(frozen=True)
class Cuts:
    """From `orders` in twelve months on, a customer comes often; from `ticket` (分) an order on, large."""

    orders: int
    ticket: int

    def frequency_of(self, table: ir.Table) -> ir.StringValue:
        return _level(table.orders >= self.orders)

    def ticket_of(self, table: ir.Table) -> ir.StringValue:
        return _level(table.amount >= table.orders * self.ticket)


def _level(is_high: ir.BooleanValue) -> ir.StringValue:
    level: ir.StringValue = ibis.ifelse(is_high, "high", "low")
    return level


def cuts(lake: Lake, day: date) -> Cuts:
    """The least orders, and the least amount an order, that fewer than three in ten reach or exceed.

    The ticket is rounded to two figures, which people can remember. Where all buy alike, nobody is above.
    """
    table = buyers(lake, *trailing_year(day)).mutate(each=_.amount / _.orders)
    below = {name: ibis.rank().over(order_by=name) * 10 for name in ("orders", "each")}
    ranked = table.mutate(
        orders_below=below["orders"], each_below=below["each"], everyone=_.count().over(ibis.window())
    )
    top = 10 - TOP_TENTHS
    found = lake.rows(
        ranked.agg(
            orders=_.orders.min(where=_.orders_below >= top * _.everyone),
            each=_.each.min(where=_.each_below >= top * _.everyone),
            most_orders=_.orders.max(),
            largest=_.each.max(),
        )
    )[0]
    orders = found["orders"] or (found["most_orders"] or 0) + 1
    return Cuts(orders, _rounded(found["each"] or (found["largest"] or 0) + 1))


def _rounded(minor: float) -> int:
    """Up to the next value of two figures."""
    whole = max(1, int(-(-minor // 1)))
    unit: int = 10 ** max(0, len(str(whole)) - 2)
    return -(-whole // unit) * unit


def cells(lake: Lake, day: date, at: Cuts) -> ir.Table:
    """The columns of `buyers` with frequency and ticket."""
    table = buyers(lake, *trailing_year(day))
    return table.mutate(frequency=at.frequency_of(table), ticket=at.ticket_of(table))


def moved(before: ir.Table, now: ir.Table) -> ir.Table:
    """person_id, before, now: groups as 'high_low'; null where nothing was bought in those twelve months."""
    then = before.select(id_before=_.person_id, before=_.frequency + "_" + _.ticket)
    today = now.select("person_id", now=_.frequency + "_" + _.ticket)
    both = today.outer_join(then, today.person_id == then.id_before)
    return both.select("before", "now", person_id=ibis.coalesce(_.person_id, _.id_before))
