"""What so many days usually bring, from the days of the same name before them, and how far that wavers by itself.

Of each weekday the middle of its last eight usual days; a festival is none. The variance is of what days differ from their own
weekday's middle (median deviation, so that an odd day among them widens nothing), and is made larger where whole weeks waver
more than their days would together: customers who come back in a wave, and weather, make days alike. To the variance of the
days that are judged comes that of the middle they are judged by.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import pi, sqrt
from statistics import fmean, median
from typing import Literal

WEEKS, MOST_WEEKS, FEWEST = 8, 26, 4
# So many deviations hold 99 of 100 spans in which nothing happened, by how many days the deviation is of (simulated: the
# whole of what is done here, on days of normal noise, 2,500 draws).
REACH_99 = {4: 5.95, 8: 4.56, 16: 3.41, 32: 2.84}
_MAD_TO_SIGMA = 1.4826
# A median wavers so many times the variance of a mean
_MEDIAN = pi / 2
# No shop is steadier than this from day to day.
_LEAST_SPREAD = 0.02

Verdict = Literal["noise", "more", "less", "unknown"]


@dataclass(frozen=True)
class Usual:
    """`change` is from what was to be expected; up to `reach` either way it is noise."""

    verdict: Verdict
    change: float | None
    reach: float | None
    weekday: tuple[float, ...] = ()
    """What each day of the week usually brings, Monday first."""

    def of(self, days: Sequence[date]) -> float:
        return sum(self.weekday[day.weekday()] for day in days)


def usual(sold: Mapping[date, float], special: Collection[date], days: Sequence[date], oldest: date) -> Usual:
    """`sold`: of each day, a day without any missing; `days`: those judged, one after another; `oldest`: the first day of
    which anything is known."""
    history = _history(sold, special, days[0], oldest, {day.weekday() for day in days})
    if history is None:
        return Usual("unknown", None, None)
    middle = {weekday: median(values.values()) for weekday, values in history.items()}
    least = _LEAST_SPREAD * fmean(map(abs, middle.values()))
    spread = max(_spread(history, middle), least) * _together(history, middle)
    expected = sum(middle[day.weekday()] for day in days)
    variance = float(len(days))
    for weekday, values in history.items():
        times = sum(day.weekday() == weekday for day in days)
        variance += times**2 * _MEDIAN / len(values)
    change = sum(sold.get(day, 0.0) for day in days) - expected
    known = sum(map(len, history.values()))
    reach = REACH_99[max(least for least in REACH_99 if least <= known)] * spread * sqrt(variance)
    verdict: Verdict = "noise" if abs(change) <= reach else "more" if change > 0 else "less"
    return Usual(verdict, change, reach, tuple(middle.get(n, 0.0) for n in range(7)))


History = Mapping[int, Mapping[date, float]]


def _history(
    sold: Mapping[date, float],
    special: Collection[date],
    first: date,
    oldest: date,
    weekdays: Collection[int],
) -> History | None:
    """By weekday its last usual days; None where one of them has too few."""
    found: dict[int, dict[date, float]] = {weekday: {} for weekday in weekdays}
    for back in range(1, MOST_WEEKS * 7 + 1):
        day = first - timedelta(days=back)
        if day < oldest:
            break
        mine = found.get(day.weekday())
        if mine is not None and day not in special and len(mine) < WEEKS:
            mine[day] = sold.get(day, 0.0)
    return found if all(len(mine) >= FEWEST for mine in found.values()) else None


def _gaps(history: History, middle: Mapping[int, float]) -> dict[date, float]:
    return {day: value - middle[weekday] for weekday, days in history.items() for day, value in days.items()}


def _spread(history: History, middle: Mapping[int, float]) -> float:
    gaps = _gaps(history, middle)
    count = fmean(len(days) for days in history.values())
    # a middle lies nearer to its own days than to others
    return _MAD_TO_SIGMA * median(map(abs, gaps.values())) * sqrt(count / (count - 1))


def _together(history: History, middle: Mapping[int, float]) -> float:
    """How many times more whole weeks waver than days that have nothing to do with one another would; 1 at least."""
    gaps = _gaps(history, middle)
    weeks: dict[date, list[float]] = {}
    for day, gap in gaps.items():
        weeks.setdefault(day - timedelta(days=day.weekday()), []).append(gap)
    full = [week for week in weeks.values() if len(week) == len(history)]
    alone = _MAD_TO_SIGMA * median(map(abs, gaps.values()))
    if len(full) < FEWEST or len(history) < 2 or alone <= 0:
        return 1.0
    means = [sum(week) / sqrt(len(week)) for week in full]
    whole = _MAD_TO_SIGMA * median(abs(mean - median(means)) for mean in means)
    return max(1.0, whole / alone)
