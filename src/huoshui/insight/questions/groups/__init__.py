"""Frequency × ticket: who comes often, who spends much at once, what each group is like and how to treat it.

Everyone who bought in the twelve months up to the day. Often (`frequency` high) and large (`ticket` high) are
the top 30 % of people at most, by orders and by amount an order; the cut lines are stated in `extra.cuts` and
may be given.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import ibis.expr.types as ir
from ibis import _

from huoshui.insight import words
from huoshui.insight.days import trailing_year
from huoshui.insight.given import BadQuestion, Given, Strings, require
from huoshui.insight.lake import Lake
from huoshui.insight.questions.groups import map as whereabouts
from huoshui.insight.questions.groups import traits
from huoshui.insight.questions.groups.cells import Cuts, cells, cuts, moved
from huoshui.insight.questions.groups.kinds import KIND_KEYS, NOT_MEASURED, with_kind, with_thirds
from huoshui.insight.questions.groups.measured import (
    COLUMNS,
    KIND_COLUMNS,
    favourites,
    group_rows,
    kind_rows,
    measure,
)
from huoshui.insight.types import Answer, Cell, Grid, Money

NAME = "groups"
LABEL_ZH, LABEL_EN = "频次与客单", "Frequency and ticket"

LEVELS = {"high": "高", "low": "低"}
MOVED = {"in": "近 30 天进来", "out": "近 30 天离开"}
DIMENSIONS = {"frequency": "频次", "ticket": "客单", "kind": "类型", "moved": "进出"} | whereabouts.DIMENSIONS
MOVED_DAYS = 30


@dataclass(frozen=True)
class Params:
    """Cut lines that somebody chose: orders in twelve months, and minor units an order."""

    as_of: date | None = None
    frequency_cut: int | None = None
    ticket_cut: int | None = None
    lang: str = "zh"

    @classmethod
    def parse(cls, strings: Strings) -> Params:
        given = Given(strings)
        params = cls(
            as_of=given.day("as_of"),
            frequency_cut=given.number("frequency_cut", at_least=1, at_most=100_000),
            ticket_cut=given.yuan("ticket_cut"),
            lang=given.lang(),
        )
        given.done()
        return params


def result(lake: Lake, params: Params) -> Answer:
    day = params.as_of or lake.newest_day()
    at = _cuts(lake, day, params)
    cells_ = cells(lake, day, at)
    figures = measure(lake, _with_kinds(lake, day, at))
    moves = lake.rows(_moved(lake, day, at).aggregate(by=["before", "now"], people=_.count()))
    rows = group_rows(figures, favourites(lake, cells_, day), moves, params.lang)
    return Answer(
        question=NAME,
        columns=COLUMNS,
        rows=tuple(rows),
        sentence=_sentence(rows, params.lang),
        fresh_at=lake.fresh_at,
        extra={
            "as_of": day,
            "cuts": {"frequency": at.orders, "ticket": Money(at.ticket)},
            "kinds": Grid(KIND_COLUMNS, tuple(kind_rows(figures, params.lang))),
            "map": whereabouts.grid(lake, cells_, at),
            "not_measured": {key: text[params.lang == "en"] for key, text in NOT_MEASURED.items()},
        },
    )


def people(lake: Lake, params: Params, cell: Cell) -> ir.Table:
    """Cell keys: frequency, ticket, kind, moved (in | out), and the bands of the map."""
    day = params.as_of or lake.newest_day()
    at = _cuts(lake, day, params)
    for name, text in cell.items():
        require(name, DIMENSIONS, "维度")
        if name in ("frequency", "ticket"):
            require(text, LEVELS, DIMENSIONS[name])
    if "moved" in cell:
        return _movers(_moved(lake, day, at), cell)
    table = _with_kinds(lake, day, at) if "kind" in cell else cells(lake, day, at)
    if "kind" in cell:
        require(cell["kind"], KIND_KEYS, "类型")
        table = table.filter(_.kind == cell["kind"])
    for name in {"frequency", "ticket"} & cell.keys():
        table = table.filter(table[name] == cell[name])
    return whereabouts.within(table, cell).select("person_id")


def person_cells(lake: Lake, as_of: date) -> ir.Table:
    """person_id, frequency, ticket (high or low) of everyone who bought in the twelve months to `as_of`."""
    return cells(lake, as_of, cuts(lake, as_of)).select("person_id", "frequency", "ticket")


def _cuts(lake: Lake, day: date, params: Params) -> Cuts:
    if params.frequency_cut and params.ticket_cut:
        return Cuts(params.frequency_cut, params.ticket_cut)
    found = cuts(lake, day)
    return Cuts(params.frequency_cut or found.orders, params.ticket_cut or found.ticket)


def _with_kinds(lake: Lake, day: date, at: Cuts) -> ir.Table:
    measured = with_thirds(traits.per_person(lake, *trailing_year(day)).mutate(until=day))
    placed = measured.mutate(frequency=at.frequency_of(measured), ticket=at.ticket_of(measured))
    return with_kind(placed)


def _moved(lake: Lake, day: date, at: Cuts) -> ir.Table:
    return moved(cells(lake, day - timedelta(days=MOVED_DAYS), at), cells(lake, day, at))


def _movers(table: ir.Table, cell: Cell) -> ir.Table:
    """Who came into, or left, one group; '' is the group of those who bought nothing in the twelve months."""
    require(cell["moved"], MOVED, "进出")
    if set(cell) != {"frequency", "ticket", "moved"}:
        raise BadQuestion("看进出的人，要同时说明频次和客单。")
    group = f"{cell['frequency']}_{cell['ticket']}"
    now_is, before_was = table.now == group, table.before == group
    came = now_is & (~before_was).coalesce(True)
    left = before_was & (~now_is).coalesce(True)
    return table.filter(came if cell["moved"] == "in" else left).select("person_id")


def _sentence(rows: Sequence[Mapping[str, Any]], lang: str) -> str:
    if not rows:
        return words.nobody_bought(lang)
    top = rows[0]
    share, sold = words.percent(top["share"]), words.percent(top["amount_share"] or 0)
    came, left = top["moved_in"], top["moved_out"]
    if lang == "en":
        moves = f"in 30 days {came} came in and {left} left"
        return f"{top['name']}: {share} of customers bring {sold} of sales; {moves}."
    moves = f"近 30 天进来 {words.counted(came, '人')}，离开 {words.counted(left, '人')}"
    return f"{top['name']}：{share} 的顾客带来 {sold} 的成交额；{moves}。"
