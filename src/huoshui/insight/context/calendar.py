"""Kinds of days: weekday, the days around each festival of the Chinese year, and promotions by their name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from functools import cache

import numpy as np
from borax.calendars.lunardate import LunarDate

from huoshui.insight.context.types import Event
from huoshui.insight.maths.expecting import Days, Ints

_BY_MOON = {"春节": (1, 1), "元宵": (1, 15), "端午": (5, 5), "七夕": (7, 7), "中秋": (8, 15)}
_BY_SUN = {
    "元旦": (1, 1),
    "情人节": (2, 14),
    "妇女节": (3, 8),
    "劳动节": (5, 1),
    "520": (5, 20),
    "儿童节": (6, 1),
    "618": (6, 18),
    "国庆": (10, 1),
    "双11": (11, 11),
    "双12": (12, 12),
    "圣诞": (12, 25),
}
# Days before and after a festival, in stretches that sell alike
_STRETCHES = {
    "春节": ((-28, -12), (-11, -3), (-2, -1), (0, 2), (3, 7), (8, 14)),
    "中秋": ((-30, -15), (-14, -4), (-3, 0), (1, 3)),
    "端午": ((-14, -4), (-3, 0), (1, 2)),
    "国庆": ((-3, -1), (0, 2), (3, 7)),
    "618": ((-21, -4), (-3, 0), (1, 5)),
    "双11": ((-18, -2), (-1, 0), (1, 10)),
    "劳动节": ((0, 4),),
    "妇女节": ((-7, 0),),
}
_DAY_ITSELF = ((-1, 0),)


def festivals() -> list[str]:
    return [*_BY_MOON, *_BY_SUN]


@cache
def festival_days(year: int) -> dict[str, date]:
    """The day of each festival in a year of the sun."""
    by_moon = {
        name: date.fromordinal(LunarDate(year, month, day).to_solar_date().toordinal())
        for name, (month, day) in _BY_MOON.items()
    }
    return by_moon | {name: date(year, month, day) for name, (month, day) in _BY_SUN.items()}


def kinds_of(first: date, length: int, events: Iterable[Event] = ()) -> Days:
    """Of `length` days from `first` on: the weekday, each festival's stretches, each promotion by its name."""
    weekday = np.array([(first + timedelta(n)).weekday() for n in range(length)], np.int64)
    respects = [weekday, *(_around(name, first, length) for name in festivals())]
    by_name: dict[str, list[Event]] = {}
    for event in events:
        by_name.setdefault(bare(event.name), []).append(event)
    respects += [_during(own, first, length) for _name, own in sorted(by_name.items())]
    return Days(tuple(respect for respect in respects if respect.any() or respect is weekday))


def bare(name: str) -> str:
    """'2025年双11' and '双11 2024' are one promotion."""
    return re.sub(r"(19|20)\d\d\s*年?", "", name).strip()


def _around(name: str, first: date, length: int) -> Ints:
    kinds = np.zeros(length, np.int64)
    for year in range(first.year - 1, (first + timedelta(length)).year + 2):
        day = festival_days(year)[name]
        for kind, (low, high) in enumerate(_STRETCHES.get(name, _DAY_ITSELF), start=1):
            _mark(kinds, (day - first).days + low, (day - first).days + high, kind)
    return kinds


def _during(events: Sequence[Event], first: date, length: int) -> Ints:
    kinds = np.zeros(length, np.int64)
    for event in events:
        _mark(kinds, (event.starts_on - first).days, (event.ends_on - first).days, 1)
    return kinds


def _mark(kinds: Ints, low: int, high: int, kind: int) -> None:
    kinds[max(0, low) : max(0, high + 1)] = kind
