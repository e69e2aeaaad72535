"""Daily sales as the console reads them, and the day the console calls today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.cache import cache

from huoshui.core import clock
from huoshui.insight.api import Answer
from huoshui.web.console import numbers
from huoshui.web.console.contexts import rooms

# A last day with less than a fifth of its usual orders is a tail of late rows, not a bad day.
TAIL = 0.2
_CACHE_SECONDS = 30


@dataclass(frozen=True)
class Takings:
    """What one day, store or category brought; amounts in minor units."""

    key: str
    name: str
    orders: int
    customers: int
    amount: int

    @property
    def ticket(self) -> float | None:
        return self.amount / self.orders if self.orders else None


@dataclass(frozen=True)
class Tail:
    """The very last day with data, when it is too thin to be a day."""

    day: date
    orders: int


@dataclass(frozen=True)
class Calendar:
    """Days with sales by date, and which of them the console stands on."""

    days: Mapping[date, Takings]
    day: date | None
    tail: Tail | None
    fresh_at: datetime | None

    @property
    def is_live(self) -> bool:
        return self.day == clock.today()


def takings(answer: Answer) -> list[Takings]:
    """Rows of `sales` by one dimension: the value as a cell says it, and a name where it is a code."""
    (dimension,) = answer.dimensions
    found = []
    for row in answer.rows:
        key = answer.cell(row)[dimension]
        name = row.get(f"{dimension}_name") or key
        found.append(Takings(key, name, row["orders"], row["customers"], row["amount"]))
    return found


def calendar() -> Calendar:
    """All days with sales. Asked on every page that says "N days ago", hence kept for half a minute."""
    return cache.get_or_set("console.calendar", _calendar, _CACHE_SECONDS)  # type: ignore[return-value]  # never None


def _calendar() -> Calendar:
    answer = rooms.insight.ask("sales", by="day")
    days = {date.fromisoformat(t.key): t for t in takings(answer)}
    day, tail = _standing_day(days)
    return Calendar(days, day, tail, answer.fresh_at)


def _standing_day(days: Mapping[date, Takings]) -> tuple[date | None, Tail | None]:
    """The last day with data. Old data may end in a few late rows; then the day before it."""
    if not days:
        return None, None
    last = max(days)
    before = last - timedelta(days=1)
    is_old = last < clock.today()
    if is_old and before in days and days[last].orders < TAIL * days[before].orders:
        return before, Tail(last, days[last].orders)
    return last, None


def standing_day() -> date:
    """The day from which "N days ago" counts: today, or the last day with data when data is older."""
    day = calendar().day
    return clock.today() if day is None or clock.today() - day <= timedelta(days=2) else day


def by(dimension: str, first: date, last: date) -> list[Takings]:
    span = {"from": first.isoformat(), "to": last.isoformat()}
    return takings(rooms.insight.ask("sales", by=dimension, **span))


def freshness(at: datetime | None) -> str:
    """更新于 2 分钟前, in the words of the request."""
    return "" if at is None else numbers.ago(clock.now() - at)
