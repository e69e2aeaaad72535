"""Days on which a Chinese shop sells as on no other: known beforehand, by the moon or by the date.

What such a day sells says nothing of a usual one, so it is no part of what is usual; and where one of two spans has one that
the other has not, that is a reason.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from huoshui.insight.context.calendar import festival_days

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


# Each goes by the day of a festival (`context.calendar`): from so many days before or after it to so many
_SPANS: Final = (
    ("元旦", "New Year's Day", "元旦", 0, 0),
    ("年货节", "shopping before Spring Festival", "春节", -28, -2),
    ("春节", "Spring Festival", "春节", -1, 7),
    ("元宵节", "Lantern Festival", "元宵", 0, 0),
    ("情人节", "Valentine's Day", "情人节", 0, 0),
    ("三八节", "Women's Day", "妇女节", -7, 0),
    ("五一", "Labour Day", "劳动节", 0, 4),
    ("520", "20 May", "520", 0, 0),
    ("端午", "Dragon Boat Festival", "端午", -14, 0),
    ("618", "618", "618", -21, 2),
    ("七夕", "Qixi", "七夕", 0, 0),
    ("中秋", "Mid-Autumn Festival", "中秋", -30, 0),
    ("国庆", "National Day", "国庆", 0, 6),
    ("双11", "Double 11", "双11", -18, 0),
    ("双11之后", "after Double 11", "双11", 1, 10),
    ("双12", "Double 12", "双12", 0, 0),
)


@lru_cache(maxsize=64)
def _of_year(year: int) -> tuple[Festival, ...]:
    days = festival_days(year)
    return tuple(
        Festival(name_zh, name_en, days[of] + low * _DAY, days[of] + high * _DAY)
        for name_zh, name_en, of, low, high in _SPANS
    )


def _days(first: date, last: date) -> Iterator[date]:
    for n in range((last - first).days + 1):
        yield first + n * _DAY
