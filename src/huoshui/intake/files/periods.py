"""Periods as tables name them: a day, a month, a quarter, half a year, a year, or from one day to another. Pure."""

from __future__ import annotations

import re
from datetime import date, timedelta

_QUARTERS = {"一": 1, "二": 2, "三": 3, "四": 4}
_DAY = r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"


def days_of(text: str) -> tuple[date, date] | None:
    """'2026Q1' → its first and last day. None for what is no period."""
    said = re.sub(r"\s", "", text).rstrip("度份")
    try:
        return _days(said)
    except ValueError:
        return None


def _days(said: str) -> tuple[date, date] | None:
    if span := re.fullmatch(rf"{_DAY}(?:至|到|~|～|-|—|－){_DAY}", said):
        numbers = [int(part) for part in span.groups()]
        first, last = date(*numbers[:3]), date(*numbers[3:])
        return (first, last) if first <= last else None
    if day := re.fullmatch(rf"{_DAY}(?:T?\d\d:\d\d(?::\d\d)?)?", said):
        found = date(*map(int, day.groups()))
        return found, found
    if month := re.fullmatch(r"((?:19|20)\d\d)[-/.年]?(\d{1,2})月?", said):
        return _months(int(month[1]), int(month[2]), 1)
    if day := re.fullmatch(r"((?:19|20)\d\d)(\d\d)(\d\d)", said):
        found = date(*map(int, day.groups()))
        return found, found
    if quarter := re.fullmatch(r"((?:19|20)\d\d)年?[-/]?(?:[Qq]([1-4])|第?([一二三四1-4])季)", said):
        number = int(quarter[2] or _QUARTERS.get(quarter[3], 0) or quarter[3])
        return _months(int(quarter[1]), 3 * number - 2, 3)
    if half := re.fullmatch(r"((?:19|20)\d\d)年?[-/]?(?:([上下])半年|[Hh]([12]))", said):
        return _months(int(half[1]), 1 if half[2] == "上" or half[3] == "1" else 7, 6)
    if year := re.fullmatch(r"((?:19|20)\d\d)年?", said):
        return _months(int(year[1]), 1, 12)
    return None


def _months(year: int, month: int, count: int) -> tuple[date, date]:
    after = year * 12 + month - 1 + count
    return date(year, month, 1), date(after // 12, after % 12 + 1, 1) - timedelta(days=1)
