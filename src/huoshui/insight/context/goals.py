"""Targets of a month beside what was sold, what time has passed, and what is still expected.

A store's target is its own figure; else its part of what was set for its dealer, region or the brand, which is split as the
same month of last year was sold. A figure of a year or a quarter gives a month the part that month had of it last year.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from huoshui.insight.context import foreseeing, reads
from huoshui.insight.context.types import Figure
from huoshui.insight.days import months_before
from huoshui.insight.lake import At, Lake, open_lake
from huoshui.insight.metrics import asking
from huoshui.insight.metrics.types import Asked

BRAND = ("全品牌", "品牌", "全国", "总部", "合计")
"""What a table of targets calls the whole."""
_METRICS = ("销售额", "销售目标", "成交额", "成交额目标")


@dataclass(frozen=True)
class Place:
    code: str
    name: str
    dealer: str
    region: str

    @property
    def above(self) -> tuple[tuple[str, ...], ...]:
        """What it may be called in a table, and what stands above it, the nearest first."""
        return ((self.code, self.name), (self.dealer,), (self.region,), BRAND)


@dataclass(frozen=True)
class Goal:
    """Minor units. `ahead`: expected of the days of the month that are left; None where nothing is expected yet."""

    code: str
    name: str
    target: int
    sold: int
    ahead: int | None

    @property
    def done(self) -> float:
        return self.sold / self.target

    @property
    def ending(self) -> int | None:
        return None if self.ahead is None else self.sold + self.ahead


@dataclass(frozen=True)
class Goals:
    """Of the stores that have a target. `passed`: the share of the month's days that are over."""

    day: date
    passed: float
    stores: tuple[Goal, ...]

    @property
    def whole(self) -> Goal:
        ahead = [goal.ahead for goal in self.stores if goal.ahead is not None]
        return Goal(
            "",
            "",
            sum(goal.target for goal in self.stores),
            sum(goal.sold for goal in self.stores),
            sum(ahead) if len(ahead) == len(self.stores) else None,
        )


Months = Mapping[tuple[str, date], int]
"""Store's code and first day of a month → what it sold in it."""


def month_targets(
    month: date, figures: Sequence[Figure], places: Sequence[Place], before: Months
) -> dict[str, int]:
    """Minor units by store's code, of the month that begins with `month`. `before`: what was sold by month.

    Stores of which nothing is said, by themselves or above them, have none.
    """
    told = [figure for figure in figures if figure.metric in _METRICS and figure.value > 0]
    targets: dict[str, int] = {}
    for level in range(4):
        open_ = [place for place in places if place.code not in targets]
        for names in dict.fromkeys(place.above[level] for place in open_):
            own = [place for place in open_ if place.above[level] == names]
            within = [place for place in places if place.above[level] == names]
            whole = _of_month(month, [f for f in told if f.subject in names and f.subject], within, before)
            if whole is None:
                continue
            left = max(0, whole - sum(targets.get(place.code, 0) for place in within if place not in own))
            targets |= _split(left, [place.code for place in own], month, before)
    return {code: target for code, target in targets.items() if target > 0}


def _of_month(month: date, figures: Sequence[Figure], places: Sequence[Place], before: Months) -> int | None:
    """The shortest span that has the month in it is what counts."""
    last = _end(month)
    around = [f for f in figures if f.period_start <= month and f.period_end >= last]
    if not around:
        return None
    figure = min(around, key=lambda f: (f.period_end - f.period_start, f.origin))
    months = _months(figure.period_start, figure.period_end)
    codes = [place.code for place in places]
    sold = [sum(before.get((code, months_before(one, 12)), 0) for code in codes) for one in months]
    weights = sold if all(amount > 0 for amount in sold) else [_end(one).day for one in months]
    return round(figure.value * 100 * weights[months.index(month)] / sum(weights))


def _split(whole: int, codes: Sequence[str], month: date, before: Months) -> dict[str, int]:
    """To the cent, by last year's same month; evenly where nobody sold then."""
    weights = [max(0, before.get((code, months_before(month, 12)), 0)) for code in codes]
    if not any(weights):
        weights = [1] * len(codes)
    total, given, seen = sum(weights), 0, 0
    parts = {}
    for code, weight in zip(codes, weights, strict=True):
        seen += weight
        parts[code] = whole * seen // total - given
        given += parts[code]
    return parts


def _months(first: date, last: date) -> list[date]:
    months = [first.replace(day=1)]
    while (following := _end(months[-1]) + timedelta(1)) <= last:
        months.append(following)
    return months


def _end(month: date) -> date:
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def month_goals(at: At | None = None) -> Goals:
    """Of the month of the last whole day. `at`: of these units alone."""
    lake = open_lake() if at is None else open_lake().at(at)
    return goals(lake, foreseeing.last_whole_day(lake))


def goals(lake: Lake, day: date) -> Goals:
    """Of the month of `day`, up to it. A lake of some units (`Lake.at`) has their stores alone."""
    month = day.replace(day=1)
    units = lake.org_units.filter(lake.org_units.kind == "store")
    if lake.units is not None:
        units = units.filter(units.org_unit_id.isin(sorted(lake.units)))
    places = [
        Place(row["code"], row["name"], row["dealer"] or "", row["region"] or "") for row in lake.rows(units)
    ]
    figures = reads.figures("targets", first=month, last=_end(month))
    span = min([figure.period_start for figure in figures], default=month)
    before = (
        _sold_by_month(lake, months_before(span.replace(day=1), 12), month - timedelta(1)) if figures else {}
    )
    targets = month_targets(month, figures, places, before)
    sold = {
        row["store"]: row["amount"]
        for row in asking.ask(lake, Asked(("amount",), ("store",), first=month, last=day), {}).rows
    }
    ahead: dict[str, int] = {}
    if day < _end(month):
        for one in foreseeing.expected(
            "store", first=day + timedelta(1), last=_end(month), names=sorted(targets)
        ):
            ahead[one.name] = ahead.get(one.name, 0) + one.expected
    over = day == _end(month)
    made = (
        Goal(p.code, p.name, targets[p.code], sold.get(p.code, 0), 0 if over else ahead.get(p.code))
        for p in places
        if p.code in targets
    )
    return Goals(day, day.day / _end(month).day, tuple(sorted(made, key=lambda goal: (goal.done, goal.code))))


def _sold_by_month(lake: Lake, first: date, last: date) -> dict[tuple[str, date], int]:
    told = asking.ask(lake, Asked(("amount",), ("month", "store"), first=first, last=last), {})
    return {
        (row["store"], date.fromisoformat(f"{row['month']}-01")): row["amount"]
        for row in told.rows
        if row["store"] is not None
    }
