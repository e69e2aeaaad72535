"""Days on which a Chinese shop sells as on no other: known beforehand, by the moon or by the date.

What such a day sells says nothing of a usual one, so it is no part of what is usual; and where one of two spans has one that
the other has not, that is a reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from borax.calendars.lunardate import LunarDate

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Festival:
    name_zh: str
    name_en: str
    first: date
    last: date

    def name(self, lang: str) -> str:
        return self.name_en if lang == "en" else self.name_zh

    def within(self, first: date, last: date) -> bool:
        return self.first <= last and self.last >= first


def between(first: date, last: date) -> list[Festival]:
    """By their first day; one that only touches these days is among them."""
    years = range(first.year - 1, last.year + 2)
    found = [one for year in years for one in _of_year(year) if one.within(first, last)]
    return sorted(found, key=lambda one: (one.first, one.last))


def special_days(first: date, last: date) -> frozenset[date]:
    return frozenset(
        day for one in between(first, last) for day in _days(max(one.first, first), min(one.last, last))
    )


@lru_cache(maxsize=64)
def _of_year(year: int) -> tuple[Festival, ...]:
    spring, boat, moon = _lunar(year, 1, 1), _lunar(year, 5, 5), _lunar(year, 8, 15)
    lantern, seventh = _lunar(year, 1, 15), _lunar(year, 7, 7)
    return (
        Festival("元旦", "New Year's Day", date(year, 1, 1), date(year, 1, 1)),
        Festival("年货节", "shopping before Spring Festival", spring - 28 * _DAY, spring - 2 * _DAY),
        Festival("春节", "Spring Festival", spring - _DAY, spring + 7 * _DAY),
        Festival("元宵节", "Lantern Festival", lantern, lantern),
        Festival("情人节", "Valentine's Day", date(year, 2, 14), date(year, 2, 14)),
        Festival("三八节", "Women's Day", date(year, 3, 1), date(year, 3, 8)),
        Festival("五一", "Labour Day", date(year, 5, 1), date(year, 5, 5)),
        Festival("520", "20 May", date(year, 5, 20), date(year, 5, 20)),
        Festival("端午", "Dragon Boat Festival", boat - 14 * _DAY, boat),
        Festival("618", "618", date(year, 5, 28), date(year, 6, 20)),
        Festival("七夕", "Qixi", seventh, seventh),
        Festival("中秋", "Mid-Autumn Festival", moon - 30 * _DAY, moon),
        Festival("国庆", "National Day", date(year, 10, 1), date(year, 10, 7)),
        Festival("双11", "Double 11", date(year, 10, 24), date(year, 11, 11)),
        Festival("双11之后", "after Double 11", date(year, 11, 12), date(year, 11, 21)),
        Festival("双12", "Double 12", date(year, 12, 12), date(year, 12, 12)),
    )


def _lunar(year: int, month: int, day: int) -> date:
    return date.fromordinal(LunarDate(year, month, day).to_solar_date().toordinal())


def _days(first: date, last: date) -> Iterator[date]:
    for n in range((last - first).days + 1):
        yield first + n * _DAY
