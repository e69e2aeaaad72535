"""Plain sums of days: whatever streams of one table they stand on, all are made in one pass over it.

A stream is a condition on the rows of that pass, not a pass of its own: a hundred rules read the lines once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from functools import reduce
from operator import and_, or_
from typing import Any, NamedTuple

import ibis
import ibis.expr.types as ir
from ibis import _

from huoshui.insight.dimensions import DIMENSIONS, KEYS
from huoshui.insight.lines import HALF_A_THOUSANDTH, INCOMPLETE
from huoshui.insight.rules.streams import (
    OPERATORS,
    Scene,
    Span,
    having,
    is_then,
    on_days,
    since_given,
    span,
    widest,
)
from huoshui.insight.rules.tables import NEVER, day_number, numbered, soonest
from huoshui.insight.rules.types import (
    BUY,
    Absent,
    Average,
    Count,
    DaysSince,
    Filter,
    FirstTime,
    Has,
    Hours,
    Property,
    Since,
    Total,
    Weekdays,
    Worth,
)
from huoshui.lake.api import LakeTables

Summed = Count | Total | Average | DaysSince | Absent | FirstTime
OfLines = Has | Hours | Weekdays
"""Filters that a line passes by itself."""


class Pass(NamedTuple):
    """What is asked of one table in one go; `tag` where its rows are those since a tag was given."""

    name: str
    properties: tuple[Property, ...]
    tag: str


class _Events(NamedTuple):
    """One stream within a pass: which rows are of it, and which of those count; None is all."""

    day: ir.DateValue
    figures: Mapping[str, ir.IntegerValue]
    here: ir.BooleanValue | None
    counts: ir.BooleanValue | None


def pass_of(node: Summed) -> Pass:
    """Nodes of one pass are summed together. Properties are a table beside the facts: what asks for the same goes together."""
    tag = node.of.window.tag if isinstance(node.of.window, Since) else ""
    if node.of.name == BUY:
        return Pass(BUY, (), tag)
    return Pass("", tuple(each for each in node.of.where if isinstance(each, Property)), tag)


def summed(scene: Scene, nodes: Mapping[Summed, str]) -> ir.Table:
    """Of nodes of one pass; columns v_<name>, n_<name>."""
    first = next(iter(nodes))
    rows, streams = _purchases(scene, nodes) if first.of.name == BUY else _facts(scene, nodes)
    columns = _Columns()
    # Nodes that differ in their windows alone ask for much that is the same
    known: dict[str, str] = {}
    sums: dict[str, Any] = {}
    called: dict[Summed, dict[str, str]] = {}
    for node, name in nodes.items():
        called[node] = {}
        for part, value in _parts(streams[_stream(node)], node, scene.today, columns).items():
            column = called[node][part] = known.setdefault(repr(value), f"{part}_{name}")
            sums[column] = value
    table = rows.mutate(**columns.made).aggregate(by="person_id", **sums)
    made = {
        f"{key}_{name}": value
        for node, name in nodes.items()
        for key, value in _made(node, {part: table[column] for part, column in called[node].items()}, scene)
    }
    return table.select("person_id", **made)


def _where(value: ir.Value, condition: ir.BooleanValue | None) -> ir.Value:
    """Null where it does not hold: such a column is summed up several times as fast as one beside a filter."""
    return value if condition is None else ibis.ifelse(condition, value, ibis.null(value.type()))


class _Columns:
    """Values where conditions hold, each made once however many sums ask for it."""

    def __init__(self) -> None:
        self.made: dict[str, ir.Value] = {}
        self._known: dict[Any, str] = {}

    def of(self, value: ir.Value, *conditions: ir.BooleanValue | None) -> Any:
        made = _where(value, _both(*conditions))
        name = self._known.setdefault(made.op(), f"c_{len(self._known)}")
        self.made[name] = made
        return _[name]


def _stream(node: Summed) -> tuple[Any, ...]:
    return node.of.name, node.of.where


def _both(*conditions: ir.BooleanValue | None) -> ir.BooleanValue | None:
    asked = [each for each in conditions if each is not None]
    return reduce(and_, asked) if asked else None


def _days(nodes: Iterable[Summed], today: date) -> tuple[date | None, date | None]:
    return widest([None if isinstance(node, FirstTime) else node.of.window for node in nodes], today)


# Facts: each is an event


def _facts(scene: Scene, nodes: Mapping[Summed, str]) -> tuple[ir.Table, Mapping[tuple[Any, ...], _Events]]:
    asked: dict[tuple[Any, ...], list[Summed]] = {}
    for node in nodes:
        asked.setdefault(_stream(node), []).append(node)
    table = on_days(scene.lake.facts, _days(nodes, scene.today))
    table = table.filter(table.name.isin(sorted({name for name, _where in asked})))
    own = pass_of(next(iter(nodes)))
    for each in own.properties:
        named = {name for name, _where in asked}
        table = table.semi_join(having(scene.lake, sorted(named), each), "fact_id")
    table, marks = _marked(table, scene.lake, [where for _name, where in asked])
    conditions = {
        f"s_{place}": _fact_condition(table, stream, nodes_of, marks, scene.today)
        for place, (stream, nodes_of) in enumerate(asked.items())
    }
    table = table.filter(reduce(or_, conditions.values()))
    alone = len(asked) == 1
    rows = scene.canonical(
        table.select("person_id", "amount", day=table.business_day, **({} if alone else conditions))
    )
    if own.tag:
        rows = since_given(scene, rows, own.tag)
    return rows, {
        stream: _Events(rows.day, {"amount": rows.amount}, None if alone else rows[f"s_{place}"], None)
        for place, stream in enumerate(asked)
    }


def _fact_condition(
    table: ir.Table,
    stream: tuple[Any, ...],
    nodes: list[Summed],
    marks: Mapping[Has, str],
    today: date,
) -> ir.BooleanValue:
    """The days are those any of its nodes may ask for: a stream of a week leaves the rest of the year to others."""
    name, where = stream
    found = table.name == name
    first, last = _days(nodes, today)
    if first:
        found = found & (table.business_day >= ibis.literal(first))
    if last:
        found = found & (table.business_day <= ibis.literal(last))
    for each in where:
        if isinstance(each, OfLines):
            found = found & _holds(table, each, marks)
        if isinstance(each, Worth):
            found = found & OPERATORS[each.op](table.amount, each.number).coalesce(False)
    return found


# Purchases: an order's lines of one person and day


def _purchases(
    scene: Scene, nodes: Mapping[Summed, str]
) -> tuple[ir.Table, Mapping[tuple[Any, ...], _Events]]:
    wheres = list(dict.fromkeys(node.of.where for node in nodes))
    kinds = {where: tuple(each for each in where if isinstance(each, OfLines)) for where in wheres}
    lines = list(dict.fromkeys(kinds.values()))
    table, marks = _marked(on_days(scene.lake.order_lines, _days(nodes, scene.today)), scene.lake, lines)
    passing = [_both(*(_holds(table, each, marks) for each in of)) for of in lines]
    told = {f"l_{place}": each for place, each in enumerate(passing) if each is not None}
    if len(told) == len(lines):
        table = table.filter(reduce(or_, told.values()))
    shown = {} if len(lines) == 1 else told
    table = scene.canonical(table.mutate(**shown).drop(*marks.values()))
    sums: dict[str, ir.Value] = {}
    for place, of in enumerate(lines):
        mark = table[f"l_{place}"] if f"l_{place}" in shown else None
        sums |= _sums(table, place, mark, _figures(nodes, kinds, of))
    orders = table.aggregate(by=["order_id", "person_id", "business_day"], **sums)
    if tag := pass_of(next(iter(nodes))).tag:
        orders = since_given(scene, orders, tag, "business_day")
    return orders, {
        (BUY, where): _purchase_events(orders, where, lines.index(kinds[where])) for where in wheres
    }


def _figures(
    nodes: Mapping[Summed, str],
    kinds: Mapping[tuple[Filter, ...], tuple[OfLines, ...]],
    of: tuple[OfLines, ...],
) -> set[str]:
    """What has to be summed of these lines: nobody reads the others."""
    wanted: set[str] = set()
    for node in nodes:
        if kinds[node.of.where] == of:
            wanted |= {each.figure for each in node.of.where if isinstance(each, Worth)}
            wanted |= {node.figure} if isinstance(node, Total | Average) else set()
    return wanted


def _sums(
    table: ir.Table, place: int, mark: ir.BooleanValue | None, figures: set[str]
) -> dict[str, ir.Value]:
    is_sale = _both(mark, table.kind == "sale")
    quantity = table.quantity.coalesce(0.0)
    sign = ibis.ifelse(table.is_reversal, -1, 1).cast("int64")
    incomplete = _both(is_sale, (table.flags & INCOMPLETE) != 0)
    sums: dict[str, ir.Value] = {
        "sold_amount": _where(table.amount, is_sale).sum(),
        "sold_quantity": _where(quantity, is_sale).sum(),
        "incomplete": _where(sign, incomplete).sum(),
    }
    if mark is not None:
        sums["here"] = mark.max()
    if "amount" in figures:
        sums["amount"] = _where(table.amount, mark).sum().cast("int64")
    if "discount" in figures:
        sums["discount"] = _where(table.discount, mark).sum().cast("int64")
    if "units" in figures:
        sums["units"] = (_where(quantity, mark).sum() * 1000).round().cast("int64")
    return {f"{part}_{place}": value for part, value in sums.items()}


def _purchase_events(orders: ir.Table, where: tuple[Filter, ...], place: int) -> _Events:
    figures = {
        figure: orders[f"{figure}_{place}"]
        for figure in ("amount", "units", "discount")
        if f"{figure}_{place}" in orders.columns
    }
    here = orders[f"here_{place}"] if f"here_{place}" in orders.columns else None
    worth = [
        OPERATORS[each.op](figures[each.figure], each.number) for each in where if isinstance(each, Worth)
    ]
    left = (
        (orders[f"sold_amount_{place}"].coalesce(0) != 0)
        | (orders[f"sold_quantity_{place}"].coalesce(0.0).abs() > HALF_A_THOUSANDTH)
        | (orders[f"incomplete_{place}"].coalesce(0) != 0)
    )
    return _Events(orders.business_day, figures, _both(here, *worth), left)


# Filters on what a product or a store is, looked up once for all streams


def _marked(
    table: ir.Table, lake: LakeTables, wheres: Iterable[tuple[Filter, ...]]
) -> tuple[ir.Table, dict[Has, str]]:
    """The rows with a column for each filter that asks what their product or store is."""
    asked = dict.fromkeys(
        Has(each.trait, each.values)
        for where in wheres
        for each in where
        if isinstance(each, Has) and DIMENSIONS[each.trait].home != "line"
    )
    marks = {each: f"h_{place}" for place, each in enumerate(asked)}
    for home, key in KEYS.items():
        rows = lake.products if home == "product" else lake.org_units
        hits = {name: _hit(rows, each) for each, name in marks.items() if DIMENSIONS[each.trait].home == home}
        if hits:
            table = table.left_join(rows.select(key, **hits), key).drop(f"{key}_right")
    return table, marks


def _hit(home: ir.Table, asked: Has) -> ir.BooleanValue:
    dimension = DIMENSIONS[asked.trait]
    hit = dimension.value(home).isin(asked.values).coalesce(False)
    return hit | home.name.isin(asked.values).coalesce(False) if dimension.called else hit


def _holds(table: ir.Table, asked: OfLines, marks: Mapping[Has, str]) -> ir.BooleanValue:
    if isinstance(asked, Hours | Weekdays):
        return is_then(table, asked)
    dimension = DIMENSIONS[asked.trait]
    if dimension.home == "line":
        hit = dimension.value(table).isin(asked.values).coalesce(False)
    else:
        hit = table[marks[Has(asked.trait, asked.values)]].coalesce(False)
    return ~hit if asked.negated else hit


# What the sums say


def _parts(events: _Events, node: Summed, today: date, columns: _Columns) -> dict[str, Any]:
    """What is summed; `enter` and `leave` are the first days that come into and go out of the window."""
    seen, day, here, counts = span(node.of.window, today), events.day, events.here, events.counts
    holds, ahead = seen.holds(day), seen.ahead(day)
    match node:
        case FirstTime():
            return {"first": columns.of(day, here, counts).min()}
        case Absent():
            last = columns.of(day, here, holds, counts).max()
            return {"last": last, "enter": columns.of(day, here, ahead, counts).min()}
        case DaysSince(which=which):
            held = columns.of(day, here, holds, counts)
            own = {"day": held.min() if which == "first" else held.max()}
        case Count():
            own = {"count": columns.of(day, here, holds, counts).count()}
        case Total(figure=figure):
            own = {"total": columns.of(events.figures[figure], here, holds).sum().cast("int64")}
        case Average(figure=figure):
            total = columns.of(events.figures[figure], here, holds).sum().cast("int64")
            own = {"count": columns.of(day, here, holds, counts).count(), "total": total}
    own["enter"] = columns.of(day, here, ahead).min()
    return own if seen.leaves is None else own | {"leave": columns.of(day, here, holds).min()}


def _made(node: Summed, sums: Mapping[str, ir.Value], scene: Scene) -> Iterable[tuple[str, ir.Value]]:
    seen, today = span(node.of.window, scene.today), day_number(scene.today)
    match node:
        case Count():
            yield "v", sums["count"].coalesce(0)
        case Total():
            yield "v", sums["total"].coalesce(0)
        case Average():
            yield "v", sums["total"].coalesce(0) / sums["count"].nullif(0)
        case DaysSince():
            yield "v", today - numbered(sums["day"])
        case Absent():
            # once is enough, so nothing changes before the last one has gone
            yield "v", sums["last"].isnull()
            yield "n", _next_once(sums, seen)
            return
        case FirstTime():
            yield "v", seen.holds(sums["first"]).coalesce(False)
            yield "n", _next_of_day(sums["first"], seen)
            return
    yield "n", _next(sums, seen)


def _next(sums: Mapping[str, ir.Value], seen: Span) -> ir.IntegerValue:
    days = [numbered(sums["enter"]) + seen.enters]
    if seen.leaves is not None:
        days.append(numbered(sums["leave"]) + seen.leaves)
    return soonest(*days)


def _next_once(sums: Mapping[str, ir.Value], seen: Span) -> ir.IntegerValue:
    comes = numbered(sums["enter"]) + seen.enters
    if seen.leaves is None:
        return ibis.ifelse(sums["last"].isnull(), comes.coalesce(NEVER), NEVER)
    goes = numbered(sums["last"]) + seen.leaves
    return ibis.coalesce(goes, comes, ibis.literal(NEVER))


def _next_of_day(day: ir.DateValue, seen: Span) -> ir.IntegerValue:
    comes = ibis.ifelse(seen.ahead(day), numbered(day) + seen.enters, NEVER)
    if seen.leaves is None:
        return comes.coalesce(NEVER)
    return ibis.ifelse(seen.holds(day), numbered(day) + seen.leaves, comes).coalesce(NEVER)
