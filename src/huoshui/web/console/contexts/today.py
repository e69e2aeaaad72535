"""今日: what the day brought, against what the same weekday usually brings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.core.actor import Actor
from huoshui.insight.api import Answer
from huoshui.web.console import numbers
from huoshui.web.console.contexts.asked import ask
from huoshui.web.console.contexts.own import left_out, own_units
from huoshui.web.console.contexts.standing import freshness, is_current, language
from huoshui.web.console.markup import behind, bold, opens

DIMENSIONS = ("store", "category")
LISTED = 8
TONES = {"above": "good", "below": "bad"}
# A line may leave zero where all of it lies far above; then its axis is shown.
FAR = 0.4


@dataclass(frozen=True)
class Delta:
    """A difference to its base; `tone` is '' inside the normal range."""

    direction: str
    tone: str
    text: str


@dataclass(frozen=True)
class Stat:
    value: float | None
    low: float | None
    high: float | None
    delta: Delta | None
    url: str


@dataclass(frozen=True)
class ToDate:
    """A month or a year so far, against the same days of another one."""

    amount: int
    against_before: str
    against_last_year: str


@dataclass(frozen=True)
class ChartRow:
    day: date
    amount: int
    expected: int | None
    low: int | None
    high: int | None


@dataclass(frozen=True)
class TodayContext:
    day: date
    until: str
    lag: str
    left_out: int
    tail: date | None
    freshness: str
    sentence: SafeString
    amount: Stat
    orders: Stat
    customers: Stat
    ticket: Stat
    month: ToDate | None
    year: ToDate | None
    chart: dict[str, Any]
    chart_says: str
    chart_rows: list[ChartRow]


@dataclass(frozen=True)
class TakingsRow:
    name: str
    amount: int
    orders: int
    customers: int
    share: float
    tick: float
    is_bad: bool
    delta: Delta | None
    url: str


@dataclass(frozen=True)
class TakingsPanel:
    dimension: str
    rows: list[TakingsRow]
    others: int
    ordinary: int


def today(actor: Actor) -> TodayContext | None:
    """Of what the actor may be told of (`own_units`). None before the first sale."""
    answer = ask("today", own_units(actor), lang=language())
    if not any(row["orders"] for row in answer.rows):
        return None
    now, day = answer.rows[-1], answer.extra["day"]
    people = behind("today", {}, {"day": day.isoformat()})
    counts = {row["measure"]: row for row in answer.extra["counts"].rows}
    (ticket,) = answer.extra["ticket"].rows
    chart, rows, says = _chart(answer)
    until = answer.extra["until"] or ""
    return TodayContext(
        day=day,
        until=until,
        lag=""
        if is_current(day)
        else _("数据到 {day} 为止，以下说的“今日”是这一天").format(day=numbers.day(day)),
        left_out=left_out(actor),
        tail=answer.extra["tail"],
        freshness=freshness(answer.fresh_at),
        sentence=_sentence(now, day, until, people),
        amount=_stat({**now, "value": now["amount"]}, people, money=True),
        orders=_stat(counts["orders"], people),
        customers=_stat(counts["customers"], people),
        ticket=_stat(ticket, people, money=True),
        month=_to_date(answer.extra, "month", before="month_before", last_year="month_last_year"),
        year=_to_date(answer.extra, "year", before=None, last_year="year_before"),
        chart=chart,
        chart_says=says,
        chart_rows=rows,
    )


def _stat(row: Mapping[str, Any], url: str, *, money: bool = False) -> Stat:
    return Stat(row["value"], row["low"], row["high"], _delta(row["value"], row, money=money), url)


def _delta(value: float | None, row: Mapping[str, Any], *, money: bool = False) -> Delta | None:
    if value is None or row["expected"] is None:
        return None
    gap = value - row["expected"]
    text = str(numbers.money(abs(gap)) if money else numbers.count(abs(gap)))
    return Delta("up" if gap > 0 else "down", TONES.get(row["verdict"], ""), text)


def _sentence(row: Mapping[str, Any], day: date, until: str, url: str) -> SafeString:
    sold = bold(opens(numbers.money(row["amount"]), url, title=_("看是哪些人")))
    when = _("今天到 {time} ").format(time=until) if until else numbers.day(day)
    parts = {"when": when, "weekday": numbers.weekday(day), "amount": sold}
    if not row["expected"]:
        return format_html(_("{when}卖了 {amount}，还没有足够的往日可以比。"), **parts)
    change = row["amount"] / row["expected"] - 1
    parts["change"] = bold(numbers.percent(abs(change)), TONES.get(row["verdict"], ""))
    is_normal = row["verdict"] == "normal"
    templates = {
        (True, True): _("{when}卖了 {amount}，比往常的{weekday}多 {change}，在正常波动里，不用管。"),
        (False, True): _("{when}卖了 {amount}，比往常的{weekday}少 {change}，在正常波动里，不用管。"),
        (True, False): _("{when}卖了 {amount}，比往常的{weekday}多 {change}，超出正常波动。"),
        (False, False): _("{when}卖了 {amount}，比往常的{weekday}少 {change}，超出正常波动。"),
    }
    return format_html(templates[(change >= 0, is_normal)], **parts)


def _to_date(extra: Mapping[str, Any], name: str, *, before: str | None, last_year: str) -> ToDate | None:
    amount = extra[name]
    if amount is None:
        return None
    return ToDate(
        amount, _against(amount, extra[before]) if before else "", _against(amount, extra[last_year])
    )


def _against(amount: int, base: int | None) -> str:
    return numbers.percent(amount / base - 1, signed=True) if base else ""


def _chart(answer: Answer) -> tuple[dict[str, Any], list[ChartRow], str]:
    """The days before and the day itself, each against its own weekday; figures in whole currency."""
    rows = [
        ChartRow(date.fromisoformat(r["day"]), r["amount"], r["expected"], r["low"], r["high"])
        for r in answer.rows
    ]
    lowest = min([min(r.amount, r.amount if r.low is None else r.low) for r in rows])
    highest = max([max(r.amount, r.high or 0) for r in rows])
    chart = {
        "days": [f"{r.day.month}-{r.day.day}" for r in rows],
        "notes": [numbers.weekday(r.day) for r in rows],
        "actual": [r.amount / 100 for r in rows],
        "mid": [_whole(r.expected) for r in rows],
        "lo": [_whole(r.low) for r in rows],
        "hi": [_whole(r.high) for r in rows],
        "min": _floor(lowest / 100) if lowest > FAR * highest else 0,
    }
    below = sum(r["verdict"] == "below" for r in answer.rows)
    above = sum(r["verdict"] == "above" for r in answer.rows)
    says = _("近 30 天成交额：{low} 天低于正常范围，{high} 天高于正常范围。").format(low=below, high=above)
    return chart, rows, says


def _whole(minor: int | None) -> float | None:
    return None if minor is None else minor / 100


def _floor(value: float) -> int:
    """Down to a round number that leaves some room under the line."""
    unit: int = 10 ** max(0, len(str(int(value))) - 1)
    return int(value * 0.9) // unit * unit


def breakdown(actor: Actor, dimension: str) -> TakingsPanel | None:
    """The day by store or category, what is out of its range first. None before the first sale."""
    answer = ask("today", own_units(actor), by=dimension, lang=language())
    grid = answer.extra["by"][dimension]
    if not grid.rows:
        return None
    day = answer.extra["day"].isoformat()
    shown = grid.rows[:LISTED]
    most = max((max(row["amount"], row["expected"] or 0) for row in shown), default=0)
    return TakingsPanel(
        dimension=dimension,
        rows=[_takings(row, dimension, grid.cell(row) | {"day": day}, most) for row in shown],
        others=len(grid.rows) - len(shown),
        ordinary=_ordinary(grid.rows),
    )


def _ordinary(rows: Sequence[Mapping[str, Any]]) -> int:
    return sum(row["verdict"] not in TONES for row in rows)


def _takings(row: Mapping[str, Any], dimension: str, cell: dict[str, str], most: int) -> TakingsRow:
    return TakingsRow(
        name=row.get(f"{dimension}_name") or row[dimension] or "",
        amount=row["amount"],
        orders=row["orders"],
        customers=row["customers"],
        share=_part(row["amount"], most),
        tick=_part(row["expected"] or 0, most),
        is_bad=row["verdict"] == "below",
        delta=_delta(row["amount"], row, money=True),
        url=behind("today", {}, cell) if row["customers"] else "",
    )


def _part(amount: float, most: float) -> float:
    return round(100 * max(0.0, amount) / most, 1) if most > 0 else 0.0
