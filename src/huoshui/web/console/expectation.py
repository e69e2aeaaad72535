"""What a day should have brought, judged by the same weekday before it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt
from statistics import median

WEEKS = 8
FEWEST = 4
# Two-sided 95 % quantile of Student's t by degrees of freedom: few weeks, wide interval.
_T95 = {3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365}
# The median absolute deviation of a normal sample, as a standard deviation.
_MAD_TO_SIGMA = 1.4826
# Shops are never steadier than this; without it eight equal weeks would make any other figure an alarm.
_LEAST_SPREAD = 0.03


@dataclass(frozen=True)
class Expected:
    mid: float
    low: float
    high: float

    def side(self, actual: float) -> int:
        """−1 below the normal range, 1 above, 0 within."""
        return -1 if actual < self.low else 1 if actual > self.high else 0


def expect(history: Sequence[float]) -> Expected | None:
    """The next value's 95 % range from like days; None when fewer than four are known.

    Median and median deviation, because one holiday among eight Mondays must not widen the range for weeks.
    """
    if len(history) < FEWEST:
        return None
    mid = median(history)
    spread = max(_MAD_TO_SIGMA * median(abs(value - mid) for value in history), _LEAST_SPREAD * mid)
    reach = _T95[min(len(history) - 1, max(_T95))] * spread * sqrt(1 + 1 / len(history))
    return Expected(mid, max(0.0, mid - reach), mid + reach)


def like_days(series: Mapping[date, float], day: date) -> list[float]:
    """The same weekday's values in the weeks before `day`, newest first; days without data are left out."""
    earlier = (day - timedelta(weeks=week) for week in range(1, WEEKS + 1))
    return [series[that] for that in earlier if that in series]
