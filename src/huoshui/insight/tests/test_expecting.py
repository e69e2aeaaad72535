"""What is expected of days to come: the calendar found in invented sales, the range, and what is kept of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from huoshui.insight.context import foreseeing
from huoshui.insight.context.calendar import bare, festival_days, kinds_of
from huoshui.insight.context.types import Event
from huoshui.insight.lake import Lake
from huoshui.insight.maths import expecting
from huoshui.insight.tests.lake_fixture import small_lake

FIRST, DAYS, AHEAD = date(2024, 9, 1), 730, 28
WEEK = np.array([1.0, 0.9, 0.9, 1.0, 1.2, 1.6, 1.4])


def invented(seed: int, stores: int = 30) -> tuple[np.ndarray, np.ndarray]:
    """Stores × days: what is true on the average, and what was sold. Spring Festival's first days sell a quarter."""
    draw = np.random.default_rng(seed)
    weekday = np.array([(FIRST + timedelta(n)).weekday() for n in range(DAYS + AHEAD)])
    times = WEEK[weekday]
    for year in (2025, 2026):
        spring = (festival_days(year)["春节"] - FIRST).days
        times[spring - 28 : spring - 2] *= 2.0
        times[spring : spring + 3] *= 0.25
    true = draw.uniform(2_000_00, 9_000_00, stores)[:, None] * times
    return true, draw.gamma(9.0, true / 9.0)


def test_weekdays_festivals_and_level_are_found() -> None:
    true, sold = invented(1)
    days = kinds_of(FIRST, DAYS + AHEAD)
    told = expecting.expect(sold[:, :DAYS], days)
    off = np.abs(told.mid / true[:, DAYS:] - 1)
    assert np.median(off) < 0.08
    spring = (festival_days(2026)["春节"] - FIRST).days
    eve = expecting.expect(sold[:, : spring - 5], kinds_of(FIRST, spring + 9))
    told_then = eve.mid[:, 5:8].sum() / true[:, spring : spring + 3].sum()
    assert told_then == pytest.approx(1, abs=0.25), (
        "what one Spring Festival taught holds of the next, by the moon"
    )


def test_eight_days_of_ten_lie_within_the_range() -> None:
    inside = []
    for seed in range(3):
        _true, sold = invented(seed)
        told = expecting.expect(sold[:, :DAYS], kinds_of(FIRST, DAYS + AHEAD))
        ahead = sold[:, DAYS:]
        inside.append(((ahead >= told.low) & (ahead <= told.high)).mean())
    assert np.mean(inside) == pytest.approx(0.8, abs=0.06)
    assert (told.low <= told.mid).all() and (told.mid <= told.high).all()


def test_a_promotion_is_known_by_its_name_whatever_its_year() -> None:
    true, sold = invented(2)
    first, again = date(2025, 11, 3), FIRST + timedelta(DAYS + 3)
    place = (first - FIRST).days
    sold[:, place : place + 10] *= 2.0
    events = [
        Event("2025年会员周", first, first + timedelta(9)),
        Event("会员周 2026", again, again + timedelta(9)),
    ]
    assert bare("2025年会员周") == bare("会员周 2026") == "会员周"
    told = expecting.expect(sold[:, :DAYS], kinds_of(FIRST, DAYS + AHEAD, events))
    times = told.mid[:, 3:13].sum() / true[:, DAYS + 3 : DAYS + 13].sum()
    assert times == pytest.approx(2, abs=0.3)
    untold = expecting.expect(sold[:, :DAYS], kinds_of(FIRST, DAYS + AHEAD))
    assert untold.mid[:, 3:13].sum() < 1.2 * true[:, DAYS + 3 : DAYS + 13].sum(), "else nothing was proved"


def test_a_young_store_is_told_nothing_and_a_closed_one_sells_nothing() -> None:
    _true, sold = invented(3, stores=4)
    sold[0, : DAYS - 10] = np.nan
    sold[1, DAYS - 300 : DAYS] = 0.0
    told = expecting.expect(sold[:, :DAYS], kinds_of(FIRST, DAYS + AHEAD))
    assert np.isnan(told.mid[0]).all() and np.isfinite(told.mid[1:]).all()
    assert told.mid[1].mean() < 0.01 * told.mid[2].mean()


@pytest.mark.django_db
def test_what_was_expected_stays_when_the_day_has_come() -> None:
    def lake_to(last: int) -> Lake:
        sold = [
            {
                "order_id": n * 2 + s,
                "fact_id": n,
                "org_unit_id": s,
                "business_day": FIRST + timedelta(n),
                "person_id": None,
                "amount": 100_00 * s,
                "sku_id": 1,
            }
            for n in range(last)
            for s in (1, 2)
        ]
        units = [
            {
                "org_unit_id": s,
                "code": f"S{s}",
                "name": f"S{s}",
                "kind": "store",
                "dealer": "甲",
                "region": "华东",
            }
            for s in (1, 2)
        ]
        return replace(small_lake(order_lines=sold, org_units=units), fresh_at=None)

    assert foreseeing.foresee(lake_to(60)) == 5 * foreseeing.DAYS_AHEAD
    assert foreseeing.foresee(lake_to(60)) == 0, "a day is learned from once"
    day = FIRST + timedelta(60)
    [whole] = foreseeing.expected("brand", first=day, last=day)
    assert whole.expected == pytest.approx(300_00, rel=0.02) and whole.low <= whole.expected <= whole.high
    foreseeing.foresee(lake_to(63))
    assert foreseeing.expected("brand", first=day, last=day) == [whole]
    stores = foreseeing.expected("store", first=day, last=day, names=["S2"])
    assert [(one.name, round(one.expected / 100_00)) for one in stores] == [("S2", 2)]
