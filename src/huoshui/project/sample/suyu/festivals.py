"""The Chinese year: days of festivals by the moon, and how many times a normal day's sales each day sells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from typing import Final

import numpy as np
from borax.calendars.lunardate import LunarDate, TermUtils

from huoshui.project.sample.suyu import catalogue as shelf

COMMUNITY, MALL, COUNTY, OFFICE, FLAGSHIP, ONLINE = range(6)
_SHOPS: Final = (COMMUNITY, MALL, COUNTY, OFFICE, FLAGSHIP)
_CITY: Final = (COMMUNITY, MALL, OFFICE, FLAGSHIP)
_ALL: Final = (*_SHOPS, ONLINE)


@dataclass(frozen=True)
class Season:
    """`times`: kind of place → × a normal day. `tastes`: category → × its usual share of baskets; `boxes`: share of gift boxes.
    `refunds`: × the usual rate of refunds online."""

    name: str
    first: date
    last: date
    times: dict[int, float] = field(default_factory=dict)
    tastes: dict[int, float] = field(default_factory=dict)
    boxes: float = 0.0
    refunds: float = 1.0
    is_sale: bool = False
    """Prices are cut online."""


@cache
def lunar(year: int, month: int, day: int) -> date:
    return date.fromordinal(LunarDate(year, month, day).to_solar_date().toordinal())


def spring_festival(year: int) -> date:
    return lunar(year, 1, 1)


def dragon_boat(year: int) -> date:
    return lunar(year, 5, 5)


def mid_autumn(year: int) -> date:
    return lunar(year, 8, 15)


def winter_solstice(year: int) -> date:
    found: date = TermUtils.nth_term_day(year, TermUtils.name2index("冬至"))
    return found


def mothers_day(year: int) -> date:
    first = date(year, 5, 1)
    return first + timedelta((6 - first.weekday()) % 7 + 7)


def _both(places: tuple[int, ...], times: float) -> dict[int, float]:
    return dict.fromkeys(places, times)


def seasons(year: int) -> list[Season]:
    """What is special in a year, in no order; where several meet, they multiply."""
    day = timedelta(1)
    spring, boat, moon = spring_festival(year), dragon_boat(year), mid_autumn(year)
    eve = spring - 2 * day
    mother, solstice = mothers_day(year), winter_solstice(year)
    lantern, seventh = lunar(year, 1, 15), lunar(year, 7, 7)
    home = {COMMUNITY: 0.25, MALL: 0.25, OFFICE: 0.25, FLAGSHIP: 0.25, COUNTY: 1.6, ONLINE: 0.5}
    return [
        Season("年货节", spring - 28 * day, eve - 10 * day, _both(_SHOPS, 2.2), boxes=0.45),
        Season("年货节", eve - 9 * day, eve, {**_both(_CITY, 2.2), COUNTY: 3.0}, boxes=0.45),
        Season("春节", spring - day, spring + 6 * day, home, boxes=0.3),
        Season("元宵节", lantern, lantern, _both(_ALL, 1.15)),
        Season("情人节", date(year, 2, 14), date(year, 2, 14), _both(_ALL, 1.15)),
        Season("女神节", date(year, 3, 1), date(year, 3, 8), _both(_ALL, 1.4)),
        Season("五一", date(year, 5, 1), date(year, 5, 5), _both(_ALL, 1.3)),
        Season("母亲节", mother - 2 * day, mother, _both(_ALL, 1.25)),
        Season("520", date(year, 5, 20), date(year, 5, 20), _both(_ALL, 1.25)),
        Season("六一", date(year, 5, 30), date(year, 6, 1), tastes={shelf.MOTHERS: 1.5}),
        Season("端午", boat - 14 * day, boat - day, _both(_ALL, 1.35), boxes=0.3),
        Season(
            "618", date(year, 5, 28), date(year, 6, 20), {**_both(_SHOPS, 1.15), ONLINE: 3.2}, is_sale=True
        ),
        Season(
            "轻体季", date(year, 7, 1), date(year, 8, 31), _both(_ALL, 0.92), tastes={shelf.SLIM: 1.5 / 0.92}
        ),
        Season("七夕", seventh, seventh, _both(_ALL, 1.1)),
        Season("开学", date(year, 8, 25), date(year, 9, 5), _both(_ALL, 1.1)),
        Season("中秋", moon - 30 * day, moon - day, _both(_ALL, 1.9), boxes=0.55),
        Season(
            "国庆", date(year, 10, 1), date(year, 10, 7), {**_both(_CITY, 1.25), ONLINE: 1.0, COUNTY: 1.5}
        ),
        Season("会员周年庆", date(year, 10, 18), date(year, 10, 18), _both(_ALL, 1.5)),
        Season(
            "双11",
            date(year, 10, 24),
            date(year, 11, 11),
            {**_both(_SHOPS, 1.1), ONLINE: 4.0},
            refunds=2.0,
            is_sale=True,
        ),
        Season("双11之后", date(year, 11, 12), date(year, 11, 21), _both(_ALL, 0.75), refunds=2.0),
        Season("双12", date(year, 12, 12), date(year, 12, 12), _both(_ALL, 1.3), is_sale=True),
        Season("冬至", solstice - 3 * day, solstice, tastes={shelf.TONICS: 1.6}),
    ]


_MEMBERS_DAY: Final = 2
"""Wednesday is the members' day."""


@dataclass(frozen=True)
class Calendar:
    """Days from `first` to `last`; rows of `times` are kinds of place."""

    first: date
    last: date
    seasons: tuple[Season, ...]
    times: np.ndarray
    tastes: np.ndarray
    """days × categories: × the usual share"""
    boxes: np.ndarray
    """days: the share of baskets that hold a gift box for the season"""
    box: np.ndarray
    """days: which gift box is meant; -1 for any"""
    refunds: np.ndarray
    is_sale: np.ndarray

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    def index(self, day: date) -> int:
        return (day - self.first).days


def calendar(first: date, last: date, *, flat: date | None = None) -> Calendar:
    """`flat`: the first day of a month in which nothing is going on; only the days of the week differ."""
    found = tuple(_meant(first, last, flat))
    days = (last - first).days + 1
    times = np.ones((6, days))
    tastes, boxes, refunds = np.ones((days, len(shelf.CATEGORIES))), np.zeros(days), np.ones(days)
    box, is_sale = np.full(days, -1, np.int16), np.zeros(days, bool)
    for season in found:
        span = slice(max((season.first - first).days, 0), (season.last - first).days + 1)
        for place, factor in season.times.items():
            times[place, span] *= factor
        for category, factor in season.tastes.items():
            tastes[span, category] *= factor
        refunds[span] = np.maximum(refunds[span], season.refunds)
        is_sale[span] |= season.is_sale
        if season.boxes:
            boxes[span], box[span] = season.boxes, _BOX.get(season.name, -1)
    _week(times, first)
    return Calendar(first, last, found, times, tastes, boxes, box, refunds, is_sale)


_BOX: Final = {
    "年货节": shelf.NEW_YEAR_BOXES[0],
    "春节": shelf.NEW_YEAR_BOXES[1],
    "端午": shelf.ZONGZI,
    "中秋": shelf.MOONCAKE,
}


def _week(times: np.ndarray, first: date) -> None:
    weekday = (first.weekday() + np.arange(times.shape[1])) % 7
    times[:, weekday == _MEMBERS_DAY] *= 1.2
    weekend = weekday >= 5
    times[MALL, weekend] *= 1.35
    times[OFFICE, weekend] *= 0.5


def _meant(first: date, last: date, flat: date | None) -> Iterator[Season]:
    for year in range(first.year - 1, last.year + 2):
        for season in seasons(year):
            if season.last >= first and season.first <= last:
                yield from _without(season, flat)


def _without(season: Season, flat: date | None) -> Iterator[Season]:
    """The season less the flat month: nothing of it may be felt there."""
    if flat is None:
        yield season
        return
    end = (flat.replace(day=28) + timedelta(4)).replace(day=1) - timedelta(1)
    if season.last < flat or season.first > end:
        yield season
        return
    if season.first < flat:
        yield replace(season, last=flat - timedelta(1))
    if season.last > end:
        yield replace(season, first=end + timedelta(1))


def flat_month(first: date, last: date, *, without: tuple[tuple[date, date], ...]) -> date:
    """First day of the latest whole month with the fewest special days, none of them in the spans of `without`."""
    special = {day for season in _meant(first, last, None) for day in _days(season.first, season.last)}
    months = sorted({date(d.year, d.month, 1) for d in _days(first, last)}, reverse=True)
    whole = [m for m in months if m >= first and _end(m) <= last - timedelta(14)]
    free = [m for m in whole if not any(a <= _end(m) and b >= m for a, b in without)]
    return min(free or whole, key=lambda m: sum(d in special for d in _days(m, _end(m))))


def _end(month: date) -> date:
    return (month.replace(day=28) + timedelta(4)).replace(day=1) - timedelta(1)


def _days(first: date, last: date) -> Iterator[date]:
    for n in range((last - first).days + 1):
        yield first + timedelta(n)
