"""The day the console stands on: "N days ago" counts from it."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.core.cache import cache

from huoshui.core import clock
from huoshui.web.console import numbers
from huoshui.web.console.contexts import rooms

_KEY, _SECONDS = "console.standing_day", 30
# Yesterday's data is as good as today's for counting days; older data is a past the screen must say it shows.
CURRENT = timedelta(days=2)


def standing_day() -> date:
    """Today, or the last day with data when data is older. Asked on most pages, hence kept for half a minute."""
    day: date | None = cache.get(_KEY)
    if day is None:
        day = rooms.insight.ask("today", days=1).extra["day"]
        cache.set(_KEY, day, _SECONDS)
    return clock.today() if is_current(day) else day


def is_current(day: date) -> bool:
    return clock.today() - day <= CURRENT


def freshness(at: datetime | None) -> str:
    """更新于 2 分钟前, in the words of the request."""
    return "" if at is None else numbers.ago(clock.now() - at)


def language() -> str:
    """The language insight answers in: it knows Chinese and English."""
    return "en" if numbers.language() == "en" else "zh"
