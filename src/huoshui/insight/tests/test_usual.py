from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from huoshui.insight.festivals import between, special_days
from huoshui.insight.maths.usual import Usual, usual
from huoshui.insight.questions.why.days import calendar, judged
from huoshui.insight.questions.why.spans import Span

FIRST = date(2025, 1, 6)  # a Monday
WEEKS, MONTH = 10, 28


def book(seed: int, *, week: float = 0.0) -> dict[date, float]:
    """Weekends sell double; days waver by 7 %, and weeks as wholes by `week`."""
    draw = random.Random(seed)
    found = {}
    for n in range(WEEKS * 7 + MONTH):
        if n % 7 == 0:
            wave = 1 + draw.gauss(0, week)
        found[FIRST + timedelta(days=n)] = (2000 if n % 7 >= 5 else 1000) * draw.gauss(1, 0.07) * wave
    return found


DAYS = [FIRST + timedelta(days=WEEKS * 7 + n) for n in range(MONTH)]


def judge(sold: dict[date, float], special: frozenset[date] = frozenset()) -> Usual:
    return usual(sold, special, DAYS, FIRST)


def test_months_in_which_nothing_happened_are_noise_and_others_are_not() -> None:
    noise = [judge(book(seed)).verdict for seed in range(200)].count("noise")
    assert noise >= 194
    less = [
        {day: sold * (0.9 if day in DAYS else 1) for day, sold in book(seed).items()} for seed in range(100)
    ]
    assert [judge(one).verdict for one in less].count("less") >= 97


def test_weeks_that_waver_as_wholes_widen_the_range() -> None:
    """Days alone would take every third such month for a change."""
    waves = [book(seed, week=0.06) for seed in range(200)]
    assert [judge(one).verdict for one in waves].count("noise") >= 180
    assert judge(waves[0]).reach > 1.3 * judge(book(0)).reach  # type: ignore[operator]  # both are known


def test_a_festival_is_nothing_usual() -> None:
    sold = book(1)
    feast = [FIRST + timedelta(days=n) for n in range(10, 45)]
    sold |= {day: sold[day] * 3 for day in feast}
    told, blind = judge(sold, frozenset(feast)), judge(sold)
    assert told.verdict == "noise"
    assert blind.of(DAYS) > 2 * told.of(DAYS)


def test_too_few_days_tell_nothing() -> None:
    late = FIRST + timedelta(days=(WEEKS - 3) * 7)
    assert usual(book(1), (), DAYS, late).verdict == "unknown"
    assert usual(book(1), (), DAYS, late - timedelta(days=7)).verdict != "unknown"


@pytest.mark.parametrize(
    ("year", "name", "first", "last"),
    [
        (2025, "春节", date(2025, 1, 28), date(2025, 2, 5)),
        (2026, "端午", date(2026, 6, 5), date(2026, 6, 19)),
        (2026, "中秋", date(2026, 8, 26), date(2026, 9, 25)),
    ],
)
def test_festivals_by_the_moon(year: int, name: str, first: date, last: date) -> None:
    found = between(date(year, 1, 1), date(year, 12, 31))
    assert [(one.first, one.last) for one in found if one.name_zh == name] == [(first, last)]
    assert first in special_days(first, first)


def test_the_span_before_may_be_the_odd_one() -> None:
    """March had 女神节; April is as usual, and is said to be, though it sold less."""
    span, before = Span(date(2025, 4, 1), date(2025, 4, 30)), Span(date(2025, 3, 1), date(2025, 3, 31))
    draw = random.Random(3)
    days = [date(2025, 1, 1) + timedelta(days=n) for n in range(120)]
    sold = {
        d: 1000 * draw.gauss(1, 0.05) * (1.8 if (d.month, d.day) < (3, 9) and d.month == 3 else 1)
        for d in days
    }
    totals = (
        round(sum(sold[d] for d in days if d.month == 3)),
        round(sum(sold[d] for d in days if d.month == 4)),
    )
    assert totals[1] < 0.9 * totals[0]
    found = judged(sold, span, before, totals, "before")
    assert found.verdict == "noise"
    (feast,) = [one for one in calendar(sold, found, span, before) if one.is_large]
    assert (feast.festival.name_zh, feast.is_now) == ("三八节", False)
    assert feast.amount == pytest.approx(0.8 * 8 * 1000, rel=0.1)
