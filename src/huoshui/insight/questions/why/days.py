"""The days of both spans: what they sold, what they usually sell, and which of them are festivals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from ibis import _

from huoshui.insight.dimensions import Scope
from huoshui.insight.festivals import Festival, between, special_days
from huoshui.insight.lake import Lake
from huoshui.insight.lines import lines
from huoshui.insight.maths import usual, wavering
from huoshui.insight.questions.why.spans import Against, Span
from huoshui.insight.types import Column, Grid

COLUMNS = (
    Column("festival", "节日", "Festival", "text"),
    Column("side", "哪一期", "Which span", "text"),
    Column("first", "从", "From", "date"),
    Column("last", "到", "To", "date"),
    Column("sold", "卖了", "Sold", "money"),
    Column("usual", "平常这几天卖", "Usually sold", "money"),
    Column("amount", "比平常", "Beside the usual", "money"),
)
# A festival that moved the span by less is not worth a word.
_LARGE = 0.02


@dataclass(frozen=True)
class Judged:
    """`change` is from what was to be expected; None where nothing can be. `weekday`: what each usually brings."""

    verdict: str
    change: float | None
    reach: float | None
    weekday: tuple[float, ...] = ()


@dataclass(frozen=True)
class Special:
    """A festival's days in one of the spans."""

    festival: Festival
    is_now: bool
    first: date
    last: date
    sold: float
    usual: float
    is_large: bool

    @property
    def amount(self) -> float:
        return self.sold - self.usual


def daybook(lake: Lake, scope: Scope, span: Span, before: Span) -> dict[date, float]:
    """Net sales by day, from half a year before the first of the two."""
    start = min(span.first, before.first) - timedelta(weeks=usual.MOST_WEEKS)
    table = scope.narrow(lines(lake, start, span.last), lake)
    rows = lake.rows(table.aggregate(by="business_day", amount=_.amount.sum().cast("int64")))
    return {row["business_day"]: float(row["amount"]) for row in rows}


def judged(
    book: Mapping[date, float], span: Span, before: Span, totals: tuple[int, int], against: Against
) -> Judged:
    """Against the time just before: is it what such days usually bring? The span before may have been the odd one.
    Against last year there is nothing but last year: is the change more than weeks waver?"""
    if against == "last_year":
        return _against_last_year(book, span, before, totals)
    days = list_days(span)
    oldest = min(book, default=span.first)
    far = span.first - timedelta(weeks=usual.MOST_WEEKS)
    found = usual.usual(book, special_days(far, span.first), days, oldest)
    return Judged(found.verdict, found.change, found.reach, found.weekday)


def _against_last_year(
    book: Mapping[date, float], span: Span, before: Span, totals: tuple[int, int]
) -> Judged:
    """Sums of whole weeks up to the day before, or of the same days of each for less than a week."""
    oldest = min(book, default=span.first)
    weeks = []
    for back in range(wavering.WEEKS, 0, -1):
        start = span.first - timedelta(weeks=back)
        if start >= oldest:
            week = (start + timedelta(days=n) for n in range(min(7, span.days)))
            weeks.append(sum(book.get(day, 0.0) for day in week))
    found = wavering.wavering(weeks, min(7, span.days), (totals[0], before.days), (totals[1], span.days))
    return Judged(found.verdict, found.change, found.reach)


def list_days(span: Span) -> list[date]:
    return [span.first + timedelta(days=n) for n in range(span.days)]


def calendar(book: Mapping[date, float], noise: Judged, span: Span, before: Span) -> list[Special]:
    """By how far they were from usual days; none while nobody knows what is usual."""
    if not noise.weekday:
        return []
    found = []
    for side, is_now in ((before, False), (span, True)):
        whole = sum(noise.weekday[day.weekday()] for day in list_days(side))
        for festival in between(side.first, side.last):
            first, last = max(festival.first, side.first), min(festival.last, side.last)
            days = list_days(Span(first, last))
            sold, normal = sum(book.get(d, 0.0) for d in days), sum(noise.weekday[d.weekday()] for d in days)
            is_large = abs(sold - normal) >= _LARGE * abs(whole)
            found.append(Special(festival, is_now, first, last, sold, normal, is_large))
    return sorted(found, key=lambda one: -abs(one.amount))


def calendar_grid(found: Sequence[Special], lang: str) -> Grid:
    sides = {True: ("本期", "Now"), False: ("上期", "Before")}
    rows: list[dict[str, Any]] = [
        {
            "festival": one.festival.name(lang),
            "side": sides[one.is_now][lang == "en"],
            "first": one.first,
            "last": one.last,
            "sold": round(one.sold),
            "usual": round(one.usual),
            "amount": round(one.amount),
        }
        for one in found
    ]
    return Grid(COLUMNS, tuple(rows))
