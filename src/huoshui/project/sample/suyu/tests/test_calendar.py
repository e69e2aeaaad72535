"""Festivals by the moon, and how many times a normal day each sells."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from huoshui.project.sample.suyu import festivals
from huoshui.project.sample.suyu.festivals import COMMUNITY, COUNTY, MALL, OFFICE, ONLINE
from huoshui.project.sample.suyu.tests.worlds import small


@pytest.mark.parametrize(
    ("year", "spring", "boat", "moon"),
    [(2025, (1, 29), (5, 31), (10, 6)), (2026, (2, 17), (6, 19), (9, 25)), (2027, (2, 6), (6, 9), (9, 15))],
)
def test_the_moon_says_when(
    year: int, spring: tuple[int, int], boat: tuple[int, int], moon: tuple[int, int]
) -> None:
    assert festivals.spring_festival(year) == date(year, *spring)
    assert festivals.dragon_boat(year) == date(year, *boat)
    assert festivals.mid_autumn(year) == date(year, *moon)


def test_the_sun_says_when() -> None:
    assert festivals.winter_solstice(2025) == date(2025, 12, 21)
    assert festivals.mothers_day(2026) == date(2026, 5, 10)


def test_days_against_a_normal_one() -> None:
    calendar = festivals.calendar(date(2025, 1, 1), date(2026, 12, 31))

    def times(place: int, on: date) -> float:
        return float(calendar.times[place, calendar.index(on)])

    assert times(COUNTY, date(2025, 1, 23)) == pytest.approx(3.0)  # five days before, a Thursday
    assert times(COMMUNITY, date(2025, 1, 30)) == pytest.approx(0.25)
    assert times(COUNTY, date(2025, 1, 30)) == pytest.approx(1.6)
    assert times(ONLINE, date(2025, 6, 16)) == pytest.approx(3.2)
    assert times(ONLINE, date(2025, 11, 3)) == pytest.approx(4.0)
    assert times(COMMUNITY, date(2025, 11, 13)) == pytest.approx(0.75)
    assert times(COMMUNITY, date(2025, 3, 5)) == pytest.approx(1.4 * 1.2)  # a Wednesday
    assert times(MALL, date(2025, 4, 12)) == pytest.approx(1.35)
    assert times(OFFICE, date(2025, 4, 12)) == pytest.approx(0.5)
    assert times(COMMUNITY, date(2025, 4, 10)) == 1.0
    assert calendar.boxes[calendar.index(date(2025, 9, 25))] == 0.55
    assert calendar.refunds[calendar.index(date(2025, 11, 11))] == 2.0


def test_sales_follow_the_calendar() -> None:
    """From all of the small world: 双11 online, the members' day, the weekend of the malls."""
    world = small()
    orders, plan = world.shard.orders, world.plan
    day = orders.at // 86_400
    days = np.arange(plan.calendar.days)
    weekday = (plan.first.weekday() + days) % 7
    times = plan.calendar.times[COMMUNITY]
    at_shop = (orders.store >= 0) & (plan.places.store_kind[orders.store] == COMMUNITY)
    sold = np.bincount(day[at_shop], minlength=len(days))
    members_day, others = (weekday == 2) & np.isclose(times, 1.2), (weekday != 2) & np.isclose(times, 1.0)
    assert sold[members_day].mean() / sold[others].mean() == pytest.approx(1.2, abs=0.12)
    online = np.bincount(day[orders.store < 0], minlength=len(days))
    normal = online[plan.calendar.times[ONLINE] == 1].mean()
    assert online[plan.calendar.times[ONLINE] == 4.0].mean() / normal == pytest.approx(4.0, abs=0.7)
    mall = (orders.store >= 0) & (plan.places.store_kind[orders.store] == MALL)
    at_mall = np.bincount(day[mall], minlength=len(days))
    plain = (times == 1) & (weekday != 2)
    assert at_mall[plain & (weekday > 4)].mean() / at_mall[plain & (weekday < 5)].mean() == pytest.approx(
        1.35, abs=0.2
    )
