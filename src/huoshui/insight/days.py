"""Spans of business days."""

from __future__ import annotations

import calendar
from datetime import date, timedelta


def trailing_year(as_of: date) -> tuple[date, date]:
    """The twelve months that end with `as_of`, both ends included."""
    return months_before(as_of, 12) + timedelta(days=1), as_of


def months_before(day: date, months: int) -> date:
    """The same day of an earlier month, or that month's last day where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
