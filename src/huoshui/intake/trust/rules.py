"""What the measures mean. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from math import sqrt

from huoshui.insight.api import Expected, expect, like_days
from huoshui.intake.trust.types import Lag, Spoke, Volume

BUCKETS_A_DOUBLING = 4
"""So a quantile read from buckets is at most 9 % off on either side."""
REGULAR = 0.6
"""Who spoke on so large a share of like days should have spoken on this one."""
FEWEST_WEEKS = 4
CURRENT = timedelta(days=35)
"""Data that end longer ago are a past that is shown as such, not five weeks of silence."""


def bucket_edges(bucket: int) -> tuple[float, float]:
    """The seconds a bucket holds, from and below."""
    if bucket <= 0:
        return 0.0, 1.0
    return 2.0 ** ((bucket - 1) / BUCKETS_A_DOUBLING), 2.0 ** (bucket / BUCKETS_A_DOUBLING)


def quantile(buckets: Mapping[int, int], share: float) -> float:
    """Seconds that this share took no longer than."""
    total, passed = sum(buckets.values()), 0
    if not total:
        raise ValueError("nothing was measured")
    for bucket in sorted(buckets):
        inside = buckets[bucket]
        if passed + inside >= share * total:
            low, high = bucket_edges(bucket)
            return low + (high - low) * max(0.0, share * total - passed) / inside
        passed += inside
    return bucket_edges(max(buckets))[1]


def lag_of(buckets: Mapping[int, int]) -> Lag | None:
    if not buckets:
        return None
    return Lag(sum(buckets.values()), quantile(buckets, 0.5), quantile(buckets, 0.9))


def volume(day: date, facts: Mapping[date, int], first_day: date | None) -> Volume:
    """Against the same weekday of the eight weeks before, as far as the source was there already. A day without a word counts
    as nothing told."""
    history = [facts.get(d, 0) for d in like_days(day) if first_day is not None and d >= first_day]
    told = facts.get(day, 0)
    if len(history) < FEWEST_WEEKS:
        return Volume(day, told, None, None, None, "new")
    expected = _range(history)
    is_regular = is_expected(history)
    return Volume(
        day,
        told,
        expected.mid,
        expected.low,
        expected.high,
        _verdict(told, expected) if is_regular else "irregular",
    )


def _verdict(told: int, expected: Expected) -> Spoke:
    if not told:
        return "silent"
    return "below" if told < expected.low else "above" if told > expected.high else "normal"


def _range(history: Sequence[int]) -> Expected:
    """As other figures of a day are judged, and never narrower than chance: so many independent arrivals waver by twice the
    root of their number."""
    found = expect(history)
    assert found is not None
    chance = 2 * sqrt(max(1.0, found.mid))
    return Expected(
        found.mid, min(found.low, max(0.0, found.mid - chance)), max(found.high, found.mid + chance)
    )


def is_expected(history: Sequence[int]) -> bool:
    """Whether who spoke like this on like days should have spoken on this one."""
    spoken = sum(count > 0 for count in history)
    return len(history) >= FEWEST_WEEKS and spoken >= REGULAR * len(history)


def day_to_read(newest: date | None, today: date) -> tuple[date, bool]:
    """The last day that should be whole, and whether it is a past because data end long ago."""
    yesterday = today - timedelta(days=1)
    if newest is not None and today - newest > CURRENT:
        return newest, True
    return yesterday, False


def how_made(facts: int, by_file: int) -> str:
    if not facts:
        return "none"
    return "system" if by_file == 0 else "hand" if by_file == facts else "half"
