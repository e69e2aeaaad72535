"""Where measures come from: one table of rows for each source, grouped once for all of its measures."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import ibis
import ibis.expr.types as ir
import pyarrow as pa
from ibis import _

from huoshui.core import sql
from huoshui.insight.given import BadQuestion
from huoshui.insight.lake import Lake
from huoshui.insight.lines import canonical, lines, orders
from huoshui.insight.metrics import cuts
from huoshui.insight.metrics.besides import Beside
from huoshui.insight.metrics.types import Asked, Measure

Q = sql.load("huoshui.insight.metrics")

FIRST_DAYS = ("metrics", "first days")
PACE_DAYS = 28
GAINED = ("Account Followed", "Contact Added")
LOST = ("Account Unfollowed", "Contact Removed")


@dataclass(frozen=True)
class Scan:
    """One source asked: of which lake, what, by which dimensions, with which tables beside it."""

    lake: Lake
    asked: Asked
    by: tuple[str, ...]
    beside: Mapping[str, Beside]

    @property
    def keys(self) -> list[str]:
        return [cuts.key_of(name) for name in self.by]

    def narrowed(self, table: ir.Table) -> ir.Table:
        return cuts.narrowed(table, self.lake, self.asked.where)

    def keyed(self, table: ir.Table) -> ir.Table:
        return cuts.keyed(table, self.lake, self.by)

    def sold(self) -> ir.Table:
        return self.narrowed(lines(self.lake, self.asked.first, self.asked.last))

    def given(self, name: str) -> ir.Table:
        """What another room keeps, as a table of these days."""
        if name not in self.beside:
            raise BadQuestion("这个指标的数据还没有接上。")
        return ibis.memtable(self.beside[name](self.asked.first, self.asked.last))

    def within(self, table: ir.Table) -> ir.Table:
        """Of the units of this lake: what is beside it knows no walls."""
        units = self.lake.units
        return table if units is None else table.filter(table.org_unit_id.isin(sorted(units)))


Rows = Callable[[Scan, Sequence[Measure]], ir.Table]


def _sales(scan: Scan, measures: Sequence[Measure]) -> ir.Table:
    table = scan.keyed(scan.sold())
    if any(m.adding == "no" for m in measures):
        return orders(table, scan.keys)
    # nothing that asks whether an order stands: sums of lines are the same, and need no row for each order
    is_sale = _.kind == "sale"
    return table.mutate(
        gross=ibis.ifelse(is_sale, _.amount, 0).cast("int64"), lines=ibis.ifelse(is_sale, _.sign, 0)
    )


def _first(scan: Scan, _measures: Sequence[Measure]) -> ir.Table:
    """Orders of people on the first day on which they bought anything that still counts."""
    return orders(scan.keyed(first_lines(scan)), [*scan.keys, "first_day"])


def first_lines(scan: Scan) -> ir.Table:
    began = ibis.memtable(first_days(scan.lake)).rename(newcomer_id="person_id")
    sold = scan.sold()
    same = [sold.person_id == began.newcomer_id, sold.business_day == began.first_day]
    return sold.inner_join(began, same).drop("newcomer_id")


def first_days(lake: Lake) -> pa.Table:
    """person_id, first_day of everybody who ever bought. Learned once for a state of the lake."""
    table: pa.Table = lake.once(FIRST_DAYS, lambda: lake.run(_beginnings(lake)))
    return table


def first_days_kept(lake: Lake, order_lines: ir.Table) -> Lake:
    """A lake of these lines alone in which everybody is as new as before."""
    began = first_days(lake)
    kept = OrderedDict({FIRST_DAYS: began})
    return replace(lake, order_lines=order_lines.select(*lake.order_lines.columns), kept=kept)


def _beginnings(lake: Lake) -> ir.Table:
    """Whose lines were never taken back, nor are empty, began on the first of them; only the others' orders are looked at."""
    plain = lines(lake).filter(_.person_id.notnull() & (_.kind == "sale"))
    heads = plain.aggregate(
        by="person_id",
        first_day=_.business_day.min(),
        is_doubtful=(_.is_reversal | ((_.amount == 0) & ((_.flags & 6) == 0))).max(),
    )
    doubtful = heads.filter(_.is_doubtful).select("person_id")
    of_doubtful = lines(lake).semi_join(doubtful, "person_id")
    looked_at = orders(of_doubtful, by=["business_day"]).filter(_.counts)
    found = looked_at.aggregate(by="person_id", first_day=_.business_day.min())
    sure: ir.Table = heads.filter(~_.is_doubtful).select("person_id", "first_day")
    return sure.union(found)


def _again(scan: Scan, _measures: Sequence[Measure]) -> ir.Table:
    """One row per customer, with her orders."""
    counted = orders(scan.keyed(scan.sold()), scan.keys).filter(_.counts & _.person_id.notnull())
    return counted.aggregate(by=[*scan.keys, "person_id"], orders=_.order_id.nunique())


def _follows(scan: Scan, _measures: Sequence[Measure]) -> ir.Table:
    facts = scan.lake.facts.filter(_.name.isin([*GAINED, *LOST]))
    if scan.asked.first:
        facts = facts.filter(_.business_day >= scan.asked.first)
    if scan.asked.last:
        facts = facts.filter(_.business_day <= scan.asked.last)
    known = canonical(facts, scan.lake).mutate(is_gained=_.name.isin(GAINED))
    return scan.keyed(scan.narrowed(known))


def _footfall(scan: Scan, _measures: Sequence[Measure]) -> ir.Table:
    """Store and day: who came, and how many orders there were."""
    came = scan.within(scan.given("footfall"))
    sold = lines(scan.lake, scan.asked.first, scan.asked.last)
    both = ["business_day", "org_unit_id"]
    sold = sold.semi_join(came, both)
    per_day = orders(sold, both).aggregate(by=both, orders=_.order_id.nunique(where=_.counts))
    joined = came.left_join(per_day, both).drop("business_day_right", "org_unit_id_right")
    return scan.keyed(scan.narrowed(joined))


def _commission(scan: Scan, _measures: Sequence[Measure]) -> ir.Table:
    return scan.keyed(scan.narrowed(scan.within(scan.given("commission"))))


def _stock(scan: Scan, _measures: Sequence[Measure]) -> ir.Table:
    """Store and product: what lies there now, and what went out a day over four weeks."""
    last = scan.lake.newest_day()
    sold = lines(scan.lake, last - timedelta(days=PACE_DAYS - 1), last)
    pace = sold.aggregate(by=["org_unit_id", "sku_id"], a_day=_.quantity.sum() / PACE_DAYS)
    lies = scan.within(ibis.memtable(sql.copy_out(Q.on_hand)))
    both = lies.outer_join(pace, ["org_unit_id", "sku_id"])
    table = both.select(
        org_unit_id=_.org_unit_id.coalesce(_.org_unit_id_right),
        sku_id=_.sku_id.coalesce(_.sku_id_right),
        on_hand=_.on_hand.coalesce(0.0),
        a_day=_.a_day.coalesce(0.0),
    )
    return scan.keyed(scan.narrowed(table))


@dataclass(frozen=True)
class Kept:
    """`cut_by`: dimensions beside those of the person. `is_of_people`: its rows have persons."""

    rows: Rows
    cut_by: frozenset[str]
    is_of_people: bool = False


_EVERYTHING = cuts.TIME | cuts.PLACE | cuts.PRODUCT | cuts.LINE
SOURCES: Mapping[str, Kept] = {
    "sales": Kept(_sales, _EVERYTHING, is_of_people=True),
    "first": Kept(_first, _EVERYTHING, is_of_people=True),
    "again": Kept(_again, _EVERYTHING, is_of_people=True),
    "follows": Kept(_follows, cuts.TIME | cuts.PLACE, is_of_people=True),
    "footfall": Kept(_footfall, cuts.TIME | cuts.PLACE),
    "commission": Kept(_commission, cuts.TIME | cuts.PLACE),
    "stock": Kept(_stock, cuts.PLACE | cuts.PRODUCT),
}


def may_cut(measure: Measure, name: str) -> bool:
    kept = SOURCES[measure.source or ""]
    return name in kept.cut_by or (kept.is_of_people and cuts.person_key(name) is not None)


def grouped(scan: Scan, source: str, measures: Sequence[Measure]) -> ir.Table:
    """Keys of `scan.by` and these measures of one source, one row per cell."""
    rows = SOURCES[source].rows(scan, measures)
    formulas: dict[str, Any] = {m.name: m.formula for m in measures}
    return rows.aggregate(by=scan.keys, **formulas)


def buyers(scan: Scan, source: str) -> ir.Table:
    """`person_id` of everyone behind a measure of the sales, of the rows that `scan` narrows to."""
    if source == "again":
        return _again(scan, ()).filter(_.orders >= 2).select("person_id").distinct()
    table = first_lines(scan) if source == "first" else scan.sold()
    return orders(table).filter(_.counts & _.person_id.notnull()).select("person_id").distinct()
