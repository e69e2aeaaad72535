"""Where people are: how many in each band of orders a year by each band of amount an order."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

import ibis.expr.types as ir
from ibis import _

from huoshui.insight.given import BadQuestion
from huoshui.insight.lake import Lake
from huoshui.insight.questions.groups.cells import Cuts
from huoshui.insight.types import Column, Grid

BANDS = 10
DIMENSIONS = {"orders_band": "单数段", "ticket_band": "客单价段"}
COLUMNS = (
    Column("orders_band", "一年几单", "Orders a year", "dimension"),
    Column("ticket_band", "客单价", "Amount an order", "dimension"),
    Column("people", "顾客数", "Customers", "count", opens=True),
)


def grid(lake: Lake, cells: ir.Table, at: Cuts) -> Grid:
    """One row per pair of bands that anybody is in; the cut lines are edges of bands.

    A band is 'from-to' with both ends in it, in yuan for amounts; the last has no end.
    """
    spread = cells.mutate(each=(_.amount / _.orders / 100).floor().cast("int64"))
    pairs = lake.rows(spread.aggregate(by=["orders", "each"], people=_.count()))
    columns, rows = _edges(pairs, "orders", at.orders), _edges(pairs, "each", at.ticket // 100)
    counted: dict[tuple[int, int], int] = {}
    for pair in pairs:
        place = (bisect_right(columns, pair["orders"]) - 1, bisect_right(rows, pair["each"]) - 1)
        counted[place] = counted.get(place, 0) + pair["people"]
    return Grid(
        COLUMNS,
        tuple(
            {"orders_band": _band(columns, column), "ticket_band": _band(rows, row), "people": people}
            for (column, row), people in sorted(counted.items())
        ),
    )


def within(table: ir.Table, cell: Mapping[str, str]) -> ir.Table:
    """People of these bands."""
    each = (_.amount / _.orders / 100).floor().cast("int64")
    for name, value in (("orders_band", _.orders), ("ticket_band", each)):
        if name in cell:
            least, most = _read(name, cell[name])
            table = table.filter(value >= least)
            if most is not None:
                table = table.filter(value <= most)
    return table


def _edges(pairs: Sequence[Mapping[str, int]], name: str, cut: int) -> list[int]:
    """Lower ends of about ten bands with as many people each, at round numbers."""
    people: Counter[int] = Counter()
    for pair in pairs:
        people[pair[name]] += pair["people"]
    total, seen = people.total(), 0
    edges = {min(people, default=0), cut}
    for value in sorted(people):
        if seen * BANDS // total != (seen + people[value]) * BANDS // total:
            edges.add(max(_round(value), min(people)))
        seen += people[value]
    return sorted(edges)


def _round(value: int) -> int:
    if value < 20:
        return value
    unit: int = 10 ** (len(str(value)) - 1) // 2
    return value // unit * unit


def _band(edges: Sequence[int], place: int) -> str:
    following = {low: high - 1 for low, high in pairwise(edges)}
    low = edges[place]
    return f"{low}-{following[low]}" if low in following else f"{low}-"


def _read(name: str, text: str) -> tuple[int, int | None]:
    least, dash, most = text.rpartition("-")
    numbers = (least.removeprefix("-"), most or "0")
    if not dash or not all(number.isascii() and number.isdigit() for number in numbers):
        raise BadQuestion(f"{DIMENSIONS[name]}要写成 20-29 或 30- 这样，现在是“{text}”。")
    return int(least), int(most) if most else None
