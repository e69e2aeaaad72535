"""Of the orders made at each store, in how many the customer is known: what a store's people capture at the till."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis import _

from huoshui.insight import words
from huoshui.insight.days import trailing_year
from huoshui.insight.dimensions import Scope, with_names
from huoshui.insight.given import Given, Strings, check_span, require
from huoshui.insight.lake import Lake
from huoshui.insight.lines import lines, orders
from huoshui.insight.types import Answer, Cell, Column, in_order

NAME = "known"
LABEL_ZH, LABEL_EN = "认得的顾客", "Known customers"

COLUMNS = (
    Column("store", "门店", "Store", "dimension"),
    Column("store_name", "门店名称", "Store name", "text"),
    Column("orders", "订单数", "Orders", "count"),
    Column("known", "认得顾客的订单", "Orders of known customers", "count", opens=True),
    Column("share", "占比", "Share", "share"),
)


@dataclass(frozen=True)
class Params:
    """Without days: the twelve months up to the newest day."""

    first: date | None = None
    last: date | None = None
    scope: Scope = field(default_factory=Scope)
    lang: str = "zh"

    @classmethod
    def parse(cls, strings: Strings) -> Params:
        given = Given(strings)
        params = cls(given.day("from"), given.day("to"), Scope.read(given), given.lang())
        given.done()
        check_span(params.first, params.last)
        return params


def result(lake: Lake, params: Params) -> Answer:
    table = _orders(lake, params).aggregate(
        by="org_unit_id", orders=_.count(), known=_.person_id.count().cast("int64")
    )
    rows = [
        {**row, "share": row["known"] / row["orders"]}
        for row in lake.rows(with_names(table, lake, ["store"]))
    ]
    rows.sort(key=lambda row: (row["share"], str(row["store"])))
    return Answer(
        question=NAME,
        columns=COLUMNS,
        rows=tuple(in_order(row, COLUMNS) for row in rows),
        sentence=_sentence(rows, params.lang),
        fresh_at=lake.fresh_at,
    )


def people(lake: Lake, params: Params, cell: Cell) -> ir.Table:
    """Cell key: store (its code). The known ones among those who bought."""
    table = _orders(lake, params)
    for name, code in cell.items():
        require(name, {"store": "门店"}, "维度")
        stores = lake.org_units.filter(lake.org_units.code == code).select("org_unit_id")
        table = table.semi_join(stores, "org_unit_id")
    return table.filter(_.person_id.notnull()).select("person_id").distinct()


def _orders(lake: Lake, params: Params) -> ir.Table:
    """One row per order that still counts, at a store."""
    last = params.last or lake.newest_day()
    first = params.first or min(trailing_year(last)[0], last)
    found = orders(params.scope.narrow(lines(lake, first, last), lake), by=["org_unit_id"]).filter(_.counts)
    stores = lake.org_units.filter(lake.org_units.kind == ibis.literal("store")).select("org_unit_id")
    return found.semi_join(stores, "org_unit_id")


def _sentence(rows: list[dict[str, Any]], lang: str) -> str:
    if not rows:
        return words.nobody_bought(lang)
    share = words.percent(sum(r["known"] for r in rows) / sum(r["orders"] for r in rows))
    worst = rows[0]
    if lang == "en":
        return f"{share} of store orders name their customer; least at {worst['store']}: {words.percent(worst['share'])}."
    name = worst["store_name"] or worst["store"]
    return f"门店订单里 {share} 认得出顾客；最少的是{name}，{words.percent(worst['share'])}。"
