"""Whether a change is more than the weeks before it waver by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import sqrt
from statistics import fmean, median
from typing import Literal

WEEKS = 26
# So many deviations hold 99 of 100 changes where nothing happened, by how many weeks the deviation is from
# (simulated: median deviation of differences of normal weeks, 4·10⁵
# draws). 95 of 100 would call one flat month in twenty a change.
REACH_99 = {6: 5.95, 8: 4.83, 10: 4.20, 13: 3.66, 16: 3.54, 20: 3.32, 26: 3.11}
FEWEST = min(REACH_99)
_MAD_TO_SIGMA = 1.4826
# No shop is steadier than this from week to week.
_LEAST_SPREAD = 0.01

Verdict = Literal["noise", "more", "less", "unknown"]


@dataclass(frozen=True)
class Wavering:
    """`change` leaves out that one span has more days; up to `reach` either way it is noise."""

    verdict: Verdict
    change: float
    reach: float | None


def wavering(
    weeks: Sequence[float], week_days: int, before: tuple[float, int], now: tuple[float, int]
) -> Wavering:
    """`weeks` are the sums of weeks up to the span asked about, oldest first, or of `week_days` days of each; a side
    is its sum and its days.

    The deviation is of differences from week to week, so that a season that comes slowly widens nothing, and the
    median one, so that a holiday among the weeks does not either.
    """
    more_days = now[1] / before[1]
    change = now[0] - before[0] * more_days
    weeks = weeks[-WEEKS:]
    if len(weeks) < FEWEST:
        return Wavering("unknown", change, None)
    steps = [abs(b - a) for a, b in pairwise(weeks)]
    deviation = _MAD_TO_SIGMA * median(steps) / sqrt(2)
    spread = max(deviation, _LEAST_SPREAD * abs(fmean(weeks)))
    times = REACH_99[max(known for known in REACH_99 if known <= len(weeks))]
    reach = times * spread * sqrt((now[1] + before[1] * more_days**2) / week_days)
    verdict: Verdict = "noise" if abs(change) <= reach else "more" if change > 0 else "less"
    return Wavering(verdict, change, reach)
