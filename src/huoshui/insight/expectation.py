"""What a day should have brought, judged by the same weekday before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Literal

WEEKS = 8
FEWEST = 4
# How many median deviations hold the next value of n normal ones, 95 and 99 times in 100 (simulated, 10⁶
# draws). Few weeks make a wide range. Student's t would be too narrow: a median deviation wavers more than a
# variance.
REACH_95 = {4: 6.54, 5: 5.99, 6: 4.22, 7: 4.05, 8: 3.43}
REACH_99 = {4: 15.6, 5: 14.35, 6: 8.12, 7: 7.75, 8: 5.90}
_MAD_TO_SIGMA = 1.4826
# Shops are never steadier than this; without it eight equal weeks would make any other figure an alarm.
_LEAST_SPREAD = 0.03

Verdict = Literal["normal", "above", "below", "unknown"]


@dataclass(frozen=True)
class Expected:
    mid: float
    low: float
    high: float

    def verdict(self, actual: float) -> Verdict:
        return "below" if actual < self.low else "above" if actual > self.high else "normal"


def expect(
    history: Sequence[float], *, least_spread: float = 0.0, reach: Mapping[int, float] = REACH_95
) -> Expected | None:
    """The range of the next value after these like ones; None when fewer than four are known.

    Median and median deviation, because one holiday among eight Mondays must not widen the range for weeks.
    """
    if len(history) < FEWEST:
        return None
    mid = median(history)
    deviation = _MAD_TO_SIGMA * median(abs(value - mid) for value in history)
    spread = max(deviation, _LEAST_SPREAD * abs(mid), least_spread)
    width = reach[min(len(history), WEEKS)] * spread
    return Expected(mid, max(0.0, mid - width), mid + width)


def like_days(day: date) -> list[date]:
    """The same weekday in the eight weeks before, newest first."""
    return [day - timedelta(weeks=week) for week in range(1, WEEKS + 1)]
