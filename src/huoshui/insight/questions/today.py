"""Today: the last business day against what the same weekday usually brings, whole and by place or product.

While the day is not over (the lake is complete up to some time of that very day), it is compared with those
days up to the same time. Old data may end in a few late rows; then the day before them is the day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import reduce
from math import sqrt
from operator import or_
from statistics import fmean
from typing import Any

import ibis.expr.types as ir

from huoshui.core import clock
from huoshui.insight import words
from huoshui.insight.days import months_before
from huoshui.insight.dimensions import LABELS, Scope, columns_of, shown
from huoshui.insight.expectation import REACH_99, Expected, expect, like_days
from huoshui.insight.given import BadQuestion, Given, Strings, require
from huoshui.insight.lake import Lake
from huoshui.insight.lines import lines
from huoshui.insight.questions import sales
from huoshui.insight.types import Answer, Cell, Column, Grid, Money, in_order

NAME = "today"
LABEL_ZH, LABEL_EN = "今日", "Today"

# A last day with less than a fifth of the orders of the day before is a tail of late rows, not a bad day.
TAIL = 0.2
DAYS = 30
VERDICTS = {
    "normal": ("正常波动", "Normal"),
    "above": ("高于正常范围", "Above the normal range"),
    "below": ("低于正常范围", "Below the normal range"),
    "unknown": ("还没有足够的往日可以比", "Not enough days to compare"),
}

_RANGE = (
    Column("expected", "预期", "Expected", "money"),
    Column("low", "正常下限", "Normal from", "money"),
    Column("high", "正常上限", "Normal to", "money"),
    Column("verdict", "判断", "Verdict", "text"),
)
_SOLD = (
    Column("amount", "成交额", "Sales", "money", opens=True),
    Column("orders", "订单数", "Orders", "count", opens=True),
    Column("customers", "顾客数", "Customers", "count", opens=True),
)
COLUMNS = (*columns_of(["day"]), *_SOLD, Column("ticket", "客单价", "Ticket", "money"), *_RANGE)
TICKET = (Column("measure", "指标", "Measure", "text"), Column("value", "今日", "Today", "money"), *_RANGE)
COUNTS = tuple(replace(column, kind="count") if column.kind == "money" else column for column in TICKET)


@dataclass(frozen=True)
class Params:
    """`by`: also tell which store, product … is furthest from what it usually sells on such a day."""

    day: date | None = None
    days: int = DAYS
    by: tuple[str, ...] = ()
    scope: Scope = field(default_factory=Scope)
    lang: str = "zh"

    @classmethod
    def parse(cls, strings: Strings) -> Params:
        given = Given(strings)
        by = given.listed("by")
        for name in by:
            require(name, LABELS, "维度")
        params = cls(
            day=given.day("day"),
            days=given.number("days", at_least=1, at_most=366) or DAYS,
            by=by,
            scope=Scope.read(given),
            lang=given.lang(),
        )
        given.done()
        return params


@dataclass(frozen=True)
class Standing:
    """The day that is today. `until`: the time it is complete to, None when it is over; `tail`: a later, thin
    day."""

    day: date
    until: time | None = None
    tail: date | None = None


def result(lake: Lake, params: Params) -> Answer:
    newest = params.day or lake.newest_day()
    book = _book(lake, params, newest)
    standing = _standing(lake, params, newest, book)
    day = standing.day
    alike = _alike(lake, params, standing, book)
    sold, like = book.get(day, _NOTHING), [alike[d] for d in like_days(day) if d in alike]
    row = _row(day, sold, like)
    return Answer(
        question=NAME,
        columns=COLUMNS,
        rows=(*_series(book, day, params.days), row),
        sentence=_sentence(row, standing, params.lang),
        fresh_at=lake.fresh_at,
        extra={
            "day": day,
            "until": standing.until and f"{standing.until:%H:%M}",
            "tail": standing.tail,
            "counts": Grid(COUNTS, tuple(_measure(name, sold, like) for name in ("orders", "customers"))),
            "ticket": Grid(TICKET, (_measure("ticket", sold, like),)),
            "like_days": Grid(COLUMNS[:5], tuple(in_order(shown(one), COLUMNS[:5]) for one in like)),
            "by": {name: _places(lake, params, standing, name) for name in params.by},
            **_to_date(lake, params, day),
        },
    )


def people(lake: Lake, params: Params, cell: Cell) -> ir.Table:
    """Cell keys: those of `sales`; without a day it is the day that the answer calls today."""
    if "day" not in cell:
        newest = params.day or lake.newest_day()
        cell = {**cell, "day": str(_standing(lake, params, newest, _book(lake, params, newest)).day)}
    if sum(name in LABELS for name in cell) != len(cell):
        raise BadQuestion(f"看人要用这些维度：{'、'.join(LABELS)}。")
    return sales.people(lake, sales.Params(scope=params.scope), cell)


_NOTHING: Mapping[str, Any] = {"amount": 0, "orders": 0, "customers": 0, "ticket": None}


def _book(lake: Lake, params: Params, newest: date) -> dict[date, Mapping[str, Any]]:
    """Every day that the series and its expectations need."""
    first = newest - timedelta(days=params.days + 7 * 8 + 1)
    return _by_day(lake, params, lines(lake, first, newest))


def _by_day(lake: Lake, params: Params, table: ir.Table) -> dict[date, Mapping[str, Any]]:
    rows = lake.rows(sales.sums(params.scope.narrow(table, lake), lake, ["day"]))
    return {row["day"]: sales.with_ratios(row) for row in rows}


def _standing(lake: Lake, params: Params, newest: date, book: Mapping[date, Mapping[str, Any]]) -> Standing:
    fresh = lake.fresh_at
    if fresh and clock.business_day(fresh) == newest:
        return Standing(newest, until=fresh.astimezone(clock.brand_zone()).time())
    before = newest - timedelta(days=1)
    late = book.get(newest, _NOTHING)["orders"] < TAIL * book.get(before, _NOTHING)["orders"]
    if late and params.day is None and not params.scope.values:
        return Standing(before, tail=newest)
    return Standing(newest)


def _alike(
    lake: Lake, params: Params, standing: Standing, book: Mapping[date, Mapping[str, Any]]
) -> Mapping[date, Mapping[str, Any]]:
    """The days to compare with, up to the same time where the day is not over."""
    if standing.until is None:
        return book
    return _by_day(lake, params, _up_to(lake, like_days(standing.day), standing.until))


def _up_to(lake: Lake, days: Iterable[date], until: time | None) -> ir.Table:
    """Lines of these days, each up to this time of the brand's clock."""
    table = lake.order_lines
    if until is None:
        return lines(replace(lake, order_lines=table.filter(table.business_day.isin(list(days)))))
    zone = clock.brand_zone()
    spans = [
        (table.business_day == day) & (table.occurred_at <= datetime.combine(day, until, zone))
        for day in days
    ]
    return lines(replace(lake, order_lines=table.filter(reduce(or_, spans))))


def _series(book: Mapping[date, Mapping[str, Any]], day: date, days: int) -> Iterable[dict[str, Any]]:
    """The days before the last, whole ones; one on which nothing was sold is there with nothing."""
    for back in range(days - 1, 0, -1):
        that = day - timedelta(days=back)
        yield _row(that, book.get(that, _NOTHING), [book[d] for d in like_days(that) if d in book])


def _row(day: date, sold: Mapping[str, Any], alike: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    expected = expect([row["amount"] for row in alike])
    return in_order({**sold, "day": str(day), **_judged(sold["amount"], expected)}, COLUMNS)


def _judged(value: float | None, expected: Expected | None) -> dict[str, Any]:
    if value is None or expected is None:
        return {"expected": None, "low": None, "high": None, "verdict": "unknown"}
    mid, low, high = (round(bound) for bound in (expected.mid, expected.low, expected.high))
    return {"expected": mid, "low": low, "high": high, "verdict": expected.verdict(value)}


def _measure(name: str, sold: Mapping[str, Any], alike: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    expected = expect([row[name] for row in alike if row[name] is not None])
    return {"measure": name, "value": sold[name], **_judged(sold[name], expected)}


def _places(lake: Lake, params: Params, standing: Standing, name: str) -> Grid:
    """One dimension on the day, furthest from its expectation first.

    Many are compared at once: the range is the 99 % one, and never narrower than chance makes a few orders.
    """
    days = [standing.day, *like_days(standing.day)]
    narrowed = params.scope.narrow(_up_to(lake, days, standing.until), lake)
    columns = (*columns_of([name]), *_SOLD, *_RANGE)
    found: dict[Any, dict[date, Mapping[str, Any]]] = {}
    for row in lake.rows(sales.sums(narrowed, lake, ["day", name])):
        found.setdefault(row[name], {})[row["day"]] = row
    open_days = {day for rows in found.values() for day in rows} - {standing.day}
    judged = [
        in_order(shown({**_any(rows), **_place(rows, standing.day, open_days)}), columns)
        for rows in found.values()
    ]
    return Grid(columns, tuple(sorted(judged, key=_furthest)))


def _any(rows: Mapping[date, Mapping[str, Any]]) -> Mapping[str, Any]:
    return next(iter(rows.values()))


def _place(rows: Mapping[date, Mapping[str, Any]], day: date, open_days: Iterable[date]) -> dict[str, Any]:
    sold = rows.get(day, _NOTHING)
    alike = [rows.get(that, _NOTHING) for that in open_days]
    orders = sum(row["orders"] for row in rows.values())
    ticket = sum(row["amount"] for row in rows.values()) / orders if orders else 0.0
    usual = fmean(row["orders"] for row in alike) if alike else 0.0
    # of what is bought once in a while, one order more or less is chance
    chance = ticket * sqrt(max(usual, 1.0))
    expected = expect([row["amount"] for row in alike], least_spread=chance, reach=REACH_99)
    figures = {name: sold[name] for name in ("amount", "orders", "customers")}
    return {**figures, **_judged(sold["amount"], expected)}


def _furthest(row: Mapping[str, Any]) -> tuple[bool, float]:
    gap = abs(row["amount"] - row["expected"]) if row["expected"] is not None else row["amount"]
    return row["verdict"] in ("normal", "unknown"), -gap


def _to_date(lake: Lake, params: Params, day: date) -> dict[str, Any]:
    """This month and this year so far, and the same days of the month before and of the year before."""
    spans = {
        "month": (day.replace(day=1), day),
        "month_before": (months_before(day.replace(day=1), 1), months_before(day, 1)),
        "year": (day.replace(month=1, day=1), day),
        "year_before": (day.replace(year=day.year - 1, month=1, day=1), months_before(day, 12)),
        "month_last_year": (months_before(day.replace(day=1), 12), months_before(day, 12)),
    }
    table = params.scope.narrow(lines(lake, spans["year_before"][0], day), lake)
    sums = {
        name: table.amount.sum(where=table.business_day.between(first, last)).cast("int64")
        for name, (first, last) in spans.items()
    }
    found = lake.rows(table.aggregate(**sums))[0]
    return {name: None if value is None else Money(value) for name, value in found.items()}


def _sentence(row: Mapping[str, Any], standing: Standing, lang: str) -> str:
    day, sold = standing.day, words.yuan(row["amount"], lang)
    weekday = words.weekday(day, lang)
    if lang == "en":
        so_far = f" by {standing.until:%H:%M}" if standing.until else ""
        who = words.counted(row["customers"], "customers", lang)
        return f"{day} ({weekday}){so_far}: {sold} from {who}, {_against(row, weekday, lang)}."
    so_far = f"到 {standing.until:%H:%M} " if standing.until else " "
    who = words.counted(row["customers"], "位顾客")
    return f"{day}{so_far}卖了 {sold}，{who}，{_against(row, weekday, lang)}。"


def _against(row: Mapping[str, Any], weekday: str, lang: str) -> str:
    if not row["expected"]:
        return VERDICTS["unknown"][lang == "en"].lower() if lang == "en" else VERDICTS["unknown"][0]
    change = row["amount"] / row["expected"] - 1
    share, inside = words.percent(abs(change)), row["verdict"] == "normal"
    if lang == "en":
        verdict = "within the normal range" if inside else "outside the normal range"
        return f"{share} {'more' if change >= 0 else 'less'} than a usual {weekday}, {verdict}"
    verdict = "在正常波动里" if inside else "超出正常波动"
    return f"比往常的{weekday}{'多' if change >= 0 else '少'} {share}，{verdict}"
