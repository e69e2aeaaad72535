"""Sales by any dimension: what was sold, in how many orders, to how many customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import ibis.expr.types as ir
from ibis import _

from huoshui.insight import words
from huoshui.insight.dimensions import (
    DIMENSIONS,
    LABELS,
    Scope,
    columns_of,
    matching,
    shown,
    with_keys,
    with_names,
)
from huoshui.insight.given import BadQuestion, Given, Strings, check_span, require
from huoshui.insight.lake import Lake
from huoshui.insight.lines import lines, orders
from huoshui.insight.metrics.catalogue import MEASURES as CATALOGUE
from huoshui.insight.types import Answer, Cell, Grid, in_order

NAME = "sales"
LABEL_ZH, LABEL_EN = "成交", "Sales"

FIGURES = ("amount", "orders", "customers", "units", "lines", "discount", "coupon_discount")
MEASURES = tuple(CATALOGUE[name].column for name in (*FIGURES, "ticket", "units_per_order"))


@dataclass(frozen=True)
class Params:
    """`by` empty means one row, the total. `limit` keeps the rows that sold most; `extra.total` is whole."""

    by: tuple[str, ...] = ()
    first: date | None = None
    last: date | None = None
    scope: Scope = field(default_factory=Scope)
    limit: int | None = None
    lang: str = "zh"

    @classmethod
    def parse(cls, strings: Strings) -> Params:
        given = Given(strings)
        by = tuple(name for name in given.listed("by") if name != "total")
        for name in by:
            require(name, LABELS | {"total": "合计"}, "维度")
        params = cls(
            by=_at_level(by, given.number("level", at_least=1, at_most=3)),
            first=given.day("from"),
            last=given.day("to"),
            scope=Scope.read(given),
            limit=given.number("limit", at_least=1, at_most=100_000),
            lang=given.lang(),
        )
        given.done()
        check_span(params.first, params.last)
        return params


def _at_level(by: tuple[str, ...], level: int | None) -> tuple[str, ...]:
    if level is None:
        return by
    if "category" not in by:
        raise BadQuestion("参数 level 要和按品类（category）一起用。")
    return tuple(f"category_{level}" if name == "category" else name for name in by)


def result(lake: Lake, params: Params) -> Answer:
    rows = _figures(lake, _most(by_dimensions(lake, params), params.limit))
    total = _figures(lake, by_dimensions(lake, params, ())) if params.by else rows
    columns = (*columns_of(params.by), *MEASURES)
    return Answer(
        question=NAME,
        columns=columns,
        rows=tuple(in_order(row, columns) for row in sorted(rows, key=lambda row: _order(row, params.by))),
        sentence=_sentence(params, rows, total[0]),
        fresh_at=lake.fresh_at,
        extra={"total": Grid(MEASURES, tuple(in_order(row, MEASURES) for row in total))},
    )


def people(lake: Lake, params: Params, cell: Cell) -> ir.Table:
    """Everyone with an order in this cell that still counts."""
    table = matching(_lines(lake, params), lake, cell)
    return orders(table).filter(_.counts & _.person_id.notnull()).select("person_id").distinct()


def by_dimensions(lake: Lake, params: Params, by: Sequence[str] | None = None) -> ir.Table:
    """The sums, one row per value of `by` (by default, the dimensions asked for)."""
    return sums(_lines(lake, params), lake, params.by if by is None else by)


def sums(table: ir.Table, lake: Lake, by: Sequence[str]) -> ir.Table:
    """Figures of these lines per value of `by`."""
    keys = [DIMENSIONS[name].key for name in by]
    figures = orders(with_keys(table, lake, by), keys).aggregate(
        by=keys, **{name: CATALOGUE[name].formula for name in FIGURES}
    )
    return with_names(figures, lake, by)


def _lines(lake: Lake, params: Params) -> ir.Table:
    return params.scope.narrow(lines(lake, params.first, params.last), lake)


def _most(table: ir.Table, limit: int | None) -> ir.Table:
    if not limit:
        return table
    # the other columns only break ties, so that the same question always keeps the same rows
    others = [name for name in table.columns if name != "amount"]
    return table.order_by(table.amount.desc(), *others).limit(limit)


def _figures(lake: Lake, table: ir.Table) -> list[dict[str, Any]]:
    return [with_ratios(shown(row)) for row in lake.rows(table)]


def with_ratios(row: Mapping[str, Any]) -> dict[str, Any]:
    # a sum of doubles depends on the order in which an engine adds; thousandths do not
    orders_, units = row["orders"], round(row["units"], 3)
    return {
        **row,
        "units": units,
        "ticket": round(row["amount"] / orders_) if orders_ else None,
        "units_per_order": round(units / orders_, 2) if orders_ else None,
    }


def _order(row: Mapping[str, Any], by: Sequence[str]) -> tuple[Any, ...]:
    """Time goes forward, everything else from the largest down."""
    times = [row[name] for name in by if DIMENSIONS[name].is_time]
    return (*times, -row["amount"], *(str(row[name]) for name in by))


def _sentence(params: Params, rows: Sequence[Mapping[str, Any]], total: Mapping[str, Any]) -> str:
    lang = params.lang
    if not total["orders"]:
        return "No sales in this span." if lang == "en" else "这段时间没有成交。"
    sold, ticket = words.yuan(total["amount"], lang), words.yuan(total["ticket"], lang)
    orders_, customers = total["orders"], total["customers"]
    if lang == "en":
        who = words.counted(customers, "customers", lang)
        said = f"{sold} in {words.counted(orders_, 'orders', lang)} from {who}, {ticket} an order"
        return f"{_span(params)}: {said}.{_best(params, rows, total)}"
    who = words.counted(customers, "位顾客")
    said = f"卖了 {sold}，{words.counted(orders_, '单')}，{who}，客单价 {ticket}"
    return f"{_span(params)}{said}。{_best(params, rows, total)}"


def _span(params: Params) -> str:
    first, last, english = params.first, params.last, params.lang == "en"
    if first and first == last:
        return f"{first}" if english else f"{first} "
    if first and last:
        return f"{first} to {last}" if english else f"{first} 至 {last} "
    if first:
        return f"From {first}" if english else f"{first} 以来"
    if last:
        return f"Until {last}" if english else f"截至 {last} "
    return "So far" if english else "到目前为止"


def _best(params: Params, rows: Sequence[Mapping[str, Any]], total: Mapping[str, Any]) -> str:
    """The row that sold most; among very many, a share says nothing and is left out."""
    if len(rows) < 2 or total["amount"] <= 0:
        return ""
    top = max(rows, key=lambda row: row["amount"])
    share, sold = top["amount"] / total["amount"], words.yuan(top["amount"], params.lang)
    if params.lang == "en":
        named = ", ".join(_named(top, name) or f"no {name}" for name in params.by)
        return f" Most: {named}, {sold}" + (f", {words.percent(share)}." if share >= 0.01 else ".")
    named = "、".join(_named(top, name) or f"没有{LABELS[name]}的" for name in params.by)
    return f"最多的是 {named}，{sold}" + (f"，占 {words.percent(share)}。" if share >= 0.01 else "。")


def _named(row: Mapping[str, Any], name: str) -> str:
    return str(row.get(DIMENSIONS[name].called) or row[name] or "")
