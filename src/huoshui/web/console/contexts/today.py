"""今日: what the day brought, against what the same weekday usually brings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from huoshui.web.console import numbers
from huoshui.web.console.contexts import sales
from huoshui.web.console.contexts.sales import Calendar, Takings
from huoshui.web.console.expectation import Expected, expect, like_days
from huoshui.web.console.markup import behind, bold, opens

DIMENSIONS = ("store", "category")
CHART_DAYS = 30
USUAL_DAYS = 28
LISTED = 8
# Many stores are compared at once, so one must be far out before it is called out.
STORE_SIGMAS = 3.0


@dataclass(frozen=True)
class Delta:
    """A difference to its base; `tone` is '' inside the normal range."""

    direction: str
    tone: str
    text: str


@dataclass(frozen=True)
class Stat:
    value: float | None
    expected: Expected | None
    delta: Delta | None
    url: str


@dataclass(frozen=True)
class TodayContext:
    day: date | None
    is_live: bool
    lag: str
    tail: sales.Tail | None
    freshness: str
    sentence: SafeString
    amount: Stat
    orders: Stat
    customers: Stat
    ticket: Stat
    chart: dict[str, Any]
    chart_says: str
    chart_rows: list[tuple[date, int, Expected | None]]


@dataclass(frozen=True)
class TakingsRow:
    takings: Takings
    usual: float
    share: float
    tick: float
    delta: Delta
    url: str


@dataclass(frozen=True)
class TakingsPanel:
    dimension: str
    rows: list[TakingsRow]
    others: int
    ordinary: int


def today() -> TodayContext | None:
    """None before the first sale."""
    book = sales.calendar()
    if book.day is None:
        return None
    day, now = book.day, book.days[book.day]
    amount = _stat(book, day, lambda t: t.amount, money=True)
    chart, rows, says = _chart(book, day)
    return TodayContext(
        day=day,
        is_live=book.is_live,
        lag="" if book.is_live else _lag(day),
        tail=book.tail,
        freshness=sales.freshness(book.fresh_at),
        sentence=_sentence(book, day, now, amount),
        amount=amount,
        orders=_stat(book, day, lambda t: t.orders),
        customers=_stat(book, day, lambda t: t.customers),
        ticket=_stat(book, day, lambda t: t.ticket or 0, money=True),
        chart=chart,
        chart_says=says,
        chart_rows=rows,
    )


def _lag(day: date) -> str:
    return _("数据到 {day} 为止，以下说的“今日”是这一天").format(day=numbers.day(day))


def _people_of(day: date) -> str:
    iso = day.isoformat()
    return behind("sales", {"by": "day", "from": iso, "to": iso}, {"day": iso})


def _stat(book: Calendar, day: date, measure: Any, *, money: bool = False) -> Stat:
    series = {when: measure(t) for when, t in book.days.items()}
    expected = None if book.is_live else expect(like_days(series, day))
    value = series[day]
    return Stat(value, expected, delta(value, expected, money=money), _people_of(day))


def delta(value: float, expected: Expected | None, *, money: bool = False) -> Delta | None:
    """Against the expectation; coloured only outside its range."""
    if expected is None:
        return None
    gap = value - expected.mid
    side = expected.side(value)
    text = str(numbers.money(abs(gap)) if money else numbers.count(abs(round(gap))))
    return Delta("up" if gap > 0 else "down", ("bad", "", "good")[side + 1], text)


def _sentence(book: Calendar, day: date, now: Takings, amount: Stat) -> SafeString:
    sold = bold(opens(numbers.money(now.amount), amount.url, title=_("看是哪些人")))
    if book.is_live:
        return format_html(
            _("今天到现在卖了 {amount}，来了 {people} 位顾客。"),
            amount=sold,
            people=bold(numbers.count(now.customers)),
        )
    parts = {"day": numbers.day(day), "weekday": numbers.weekday(day), "amount": sold}
    if amount.expected is None or not amount.expected.mid:
        return format_html(_("{day}（{weekday}）卖了 {amount}，还没有足够的往日可以比。"), **parts)
    change = now.amount / amount.expected.mid - 1
    side = amount.expected.side(now.amount)
    parts["change"] = bold(numbers.percent(abs(change)), ("bad", "", "good")[side + 1])
    templates = {
        (True, 0): _("{day}卖了 {amount}，比平常的{weekday}多 {change}，在正常波动里，不用管。"),
        (False, 0): _("{day}卖了 {amount}，比平常的{weekday}少 {change}，在正常波动里，不用管。"),
        (True, 1): _("{day}卖了 {amount}，比平常的{weekday}多 {change}，超出正常波动。"),
        (False, -1): _("{day}卖了 {amount}，比平常的{weekday}少 {change}，超出正常波动。"),
    }
    return format_html(templates[(change >= 0, side)], **parts)


def _chart(book: Calendar, day: date) -> tuple[dict[str, Any], list[tuple[date, int, Expected | None]], str]:
    """The last 30 days against their own weekdays; figures in whole currency."""
    series = {when: float(t.amount) for when, t in book.days.items()}
    span = [day - timedelta(days=back) for back in range(CHART_DAYS - 1, -1, -1)]
    rows = [
        (when, book.days[when].amount if when in book.days else 0, expect(like_days(series, when)))
        for when in span
    ]
    whole = {
        "days": [f"{when.month}-{when.day}" for when, _amount, _range in rows],
        "notes": [numbers.weekday(when) for when, _amount, _range in rows],
        "actual": [amount / 100 for _when, amount, _range in rows],
        "mid": [r and r.mid / 100 for _when, _amount, r in rows],
        "lo": [r and r.low / 100 for _when, _amount, r in rows],
        "hi": [r and r.high / 100 for _when, _amount, r in rows],
    }
    low = sum(1 for _when, amount, r in rows if r and r.side(amount) < 0)
    high = sum(1 for _when, amount, r in rows if r and r.side(amount) > 0)
    says = _("近 30 天成交额：{low} 天低于正常范围，{high} 天高于正常范围。").format(low=low, high=high)
    return whole, rows, says


def breakdown(dimension: str) -> TakingsPanel | None:
    """The day by store or category against its usual day (mean of four weeks before), furthest first."""
    book = sales.calendar()
    if book.day is None:
        return None
    day = book.day
    iso = day.isoformat()
    now = {t.key: t for t in sales.by(dimension, day, day)}
    before = {
        t.key: t for t in sales.by(dimension, day - timedelta(days=USUAL_DAYS), day - timedelta(days=1))
    }
    most = max([t.amount for t in now.values()] + [t.amount / USUAL_DAYS for t in before.values()], default=0)
    rows = []
    for key in now.keys() | before.keys():
        name = (now.get(key) or before[key]).name
        got = now.get(key, Takings(key, name, 0, 0, 0))
        was = before.get(key, Takings(key, name, 0, 0, 0))
        usual = was.amount / USUAL_DAYS
        url = (
            behind("sales", {"by": dimension, "from": iso, "to": iso}, {dimension: key})
            if got.customers
            else ""
        )
        rows.append(
            TakingsRow(got, usual, _part(got.amount, most), _part(usual, most), _usual_delta(got, was), url)
        )
    rows.sort(key=lambda row: -abs(row.takings.amount - row.usual))
    ordinary = sum(1 for row in rows if not row.delta.tone)
    return TakingsPanel(dimension, rows[:LISTED], max(0, len(rows) - LISTED), ordinary)


def _part(amount: float, most: float) -> float:
    return round(100 * max(0.0, amount) / most, 1) if most > 0 else 0.0


def _usual_delta(got: Takings, was: Takings) -> Delta:
    """Tone by the number of orders, which for a small shop is a count with Poisson noise."""
    usual_orders = was.orders / USUAL_DAYS
    gap = got.amount - was.amount / USUAL_DAYS
    is_out = abs(got.orders - usual_orders) > STORE_SIGMAS * sqrt(max(usual_orders, 1))
    tone = ("good" if gap > 0 else "bad") if is_out and was.orders else ""
    return Delta("up" if gap > 0 else "down", tone, str(numbers.money(abs(gap))))
