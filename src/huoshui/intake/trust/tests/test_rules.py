from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest

from huoshui.intake.trust import rules

MONDAY = date(2026, 3, 9)


def days(counts: list[int], *, until: date = MONDAY) -> dict[date, int]:
    """One count a week, the last of them on `until`."""
    return {until - timedelta(weeks=len(counts) - 1 - i): n for i, n in enumerate(counts)}


def judged(counts: list[int], first: date | None = date(2025, 1, 1)) -> tuple[str, int]:
    found = rules.volume(MONDAY, days(counts), first)
    return found.verdict, found.facts


def test_a_day_is_judged_by_the_same_weekday_before_it() -> None:
    steady = [100, 104, 98, 101, 97, 103, 99, 102]
    assert judged([*steady, 100]) == ("normal", 100)
    assert judged([*steady, 20]) == ("below", 20)
    assert judged([*steady, 900]) == ("above", 900)
    assert judged([*steady, 0]) == ("silent", 0)


def test_another_weekday_says_nothing() -> None:
    sundays = {MONDAY - timedelta(weeks=w, days=1): 5_000 for w in range(9)}
    found = rules.volume(MONDAY, sundays | days([100] * 9), date(2025, 1, 1))
    assert (found.mid, found.verdict) == (100, "normal")


def test_a_new_source_is_too_new_to_tell_and_one_that_comes_now_and_then_is_never_late() -> None:
    assert judged([100, 100, 100, 0], first=MONDAY - timedelta(weeks=3)) == ("new", 0)
    assert judged([0, 100, 0, 0, 0, 100, 0, 0, 0]) == ("irregular", 0)
    assert judged([5], first=None) == ("new", 5)


def test_few_facts_waver_by_chance() -> None:
    assert judged([4, 4, 4, 4, 4, 4, 4, 4, 7])[0] == "normal"
    assert judged([400, 400, 400, 400, 400, 400, 400, 400, 700])[0] == "above"


@pytest.mark.parametrize("seconds", [1.5, 61, 3_599, 86_400, 4_000_000])
def test_a_bucket_is_no_wider_than_a_quarter_of_a_doubling(seconds: float) -> None:
    edges = [rules.bucket_edges(b) for b in range(161)]
    (low, high) = next((low, high) for low, high in edges if low <= seconds < high)
    assert high / low == pytest.approx(2**0.25)
    assert all(a[1] == pytest.approx(b[0]) for a, b in pairwise(edges))


def test_quantiles_of_buckets_are_near_the_true_ones() -> None:
    from math import floor, log2

    seconds = [1.0 + i * i / 50 for i in range(1_000)]
    buckets: dict[int, int] = {}
    for s in seconds:
        bucket = floor(4 * log2(s)) + 1
        buckets[bucket] = buckets.get(bucket, 0) + 1
    for share in (0.1, 0.5, 0.9):
        true = sorted(seconds)[int(share * 1000) - 1]
        assert rules.quantile(buckets, share) == pytest.approx(true, rel=0.09)
    assert rules.lag_of({}) is None


def test_old_data_are_read_as_of_their_last_day() -> None:
    today = date(2026, 3, 10)
    assert rules.day_to_read(date(2026, 3, 1), today) == (date(2026, 3, 9), False)
    assert rules.day_to_read(date(2017, 12, 31), today) == (date(2017, 12, 31), True)
    assert rules.day_to_read(None, today) == (date(2026, 3, 9), False)
