"""The span that is asked about, and the one that it is held against."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from huoshui.insight.days import months_before

Against = Literal["before", "last_year"]
DAYS = 28


@dataclass(frozen=True)
class Span:
    first: date
    last: date

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first} 至 {self.last}"


def asked(first: date | None, last: date | None, newest: date) -> Span:
    """What is left open: up to the newest day, four weeks of it."""
    end = last or newest
    return Span(first or end - timedelta(days=DAYS - 1), end)


def compared(span: Span, against: Against) -> Span:
    """Before: the months before whole months, the same days of the week before for less than a week (a Sunday
    tells nothing of a Monday), else as many days up to it. Last year: the same dates."""
    months = _whole_months(span)
    if against == "last_year":
        return _months_back(span, 12, is_whole=bool(months))
    if months:
        return _months_back(span, months, is_whole=True)
    back = timedelta(days=7 if span.days < 7 else span.days)
    return Span(span.first - back, span.last - back)


def _whole_months(span: Span) -> int:
    """How many; 0 where it does not begin and end with a month."""
    after = span.last + timedelta(days=1)
    if span.first.day != 1 or after.day != 1:
        return 0
    return (after.year - span.first.year) * 12 + after.month - span.first.month


def _months_back(span: Span, months: int, *, is_whole: bool) -> Span:
    if is_whole:
        after = months_before(span.last + timedelta(days=1), months)
        return Span(months_before(span.first, months), after - timedelta(days=1))
    return Span(months_before(span.first, months), months_before(span.last, months))
