"""The day the console stands on: "N days ago" counts from it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from huoshui.core import clock
from huoshui.web.console import numbers
from huoshui.web.console.contexts.asked import ask

# Yesterday's data is as good as today's for counting days; older data is a past the screen must say it shows.
CURRENT = timedelta(days=2)


def standing_day() -> date:
    """Today, or the last day with data when data is older."""
    day: date = ask("today", days=1).extra["day"]
    return clock.today() if is_current(day) else day


def is_current(day: date) -> bool:
    return clock.today() - day <= CURRENT


def freshness(at: datetime | None) -> str:
    """更新于 2 分钟前, in the words of the request."""
    return "" if at is None else numbers.ago(clock.now() - at)


def language() -> str:
    """The language insight answers in: it knows Chinese and English."""
    return "en" if numbers.language() == "en" else "zh"
