"""What a world is to be: how large, until when, and which of the thirteen truths are planted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Final

from huoshui.core.errors import Refused
from huoshui.project.sample.suyu import festivals
from huoshui.project.sample.suyu.places import Places, places

TRUTHS: Final = {
    1: "女神节召回券",
    2: "华中茶饮换配方",
    3: "武汉仓每日坚果断货",
    4: "收银台改绑",
    5: "新品分走花胶",
    6: "返乡购买",
    7: "新人少的店",
    8: "体脂上升后的关怀",
    9: "羊毛账号",
    10: "门店平板与一家一号",
    11: "叶酸到米饼",
    12: "超级会员",
    13: "平静的一个月",
}
LEAST, MOST = 1_000, 10_000_000
DAYS: Final = 730


@dataclass(frozen=True)
class Plan:
    seed: int
    people: int
    """Customers who can be told apart, about; the few of ④ and ⑨ come on top."""
    last: date
    without: frozenset[int] = frozenset()
    """Truths that are not planted: the controls of the tests."""

    def has(self, truth: int) -> bool:
        return truth not in self.without

    @property
    def first(self) -> date:
        return self.last - timedelta(DAYS - 1)

    @cached_property
    def places(self) -> Places:
        return places(self.seed, self.last)

    @cached_property
    def calendar(self) -> festivals.Calendar:
        return festivals.calendar(self.first, self.last, flat=self.flat if self.has(13) else None)

    @cached_property
    def flat(self) -> date:
        day = timedelta(1)
        others = (
            (self.womens_day, self.womens_day + 31 * day),
            (self.launch, self.launch + 30 * day),
            (self.recipe, self.recipe + 60 * day),
        )
        return festivals.flat_month(self.first, self.last, without=others)

    @cached_property
    def womens_day(self) -> date:
        return self._latest(lambda year: date(year, 3, 1), after=90, before=31)

    @cached_property
    def launch(self) -> date:
        """Of the new product."""
        return self._latest(lambda year: date(year, 4, 18), after=60, before=60)

    @cached_property
    def shortage(self) -> date:
        """The first of twelve days."""
        return self._latest(lambda year: date(year, 9, 29), after=30, before=12)

    @cached_property
    def spring(self) -> date:
        return self._latest(festivals.spring_festival, after=30, before=7)

    @cached_property
    def recipe(self) -> date:
        return self.last - timedelta(160)

    def _latest(self, of: Callable[[int], date], *, after: int, before: int) -> date:
        """The latest one with so many days of the two years after and before it."""
        for year in range(self.last.year, self.first.year - 1, -1):
            if self.first + timedelta(after) <= of(year) <= self.last - timedelta(before):
                return of(year)
        raise AssertionError("two years hold each festival")

    def day(self, of: date) -> int:
        return (of - self.first).days


def plan(*, people: int, last: date, seed: int, without: frozenset[int] = frozenset()) -> Plan:
    if not LEAST <= people <= MOST:
        raise Refused(f"演示的人数要在 {LEAST:,} 到 {MOST:,} 之间。")
    return Plan(seed, people, last, without)
