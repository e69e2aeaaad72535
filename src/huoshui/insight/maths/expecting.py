"""What each store should sell on days to come, with a range: level × weekday × what the calendar does to it.

All stores together say what a kind of day does (weekday, days around a festival, a promotion of a name); each store's own
days pull that towards itself, the more of them there are (ratio of sums with a prior worth `PRIOR_DAYS` of its days). What is
left is the level: a ratio of sums as well, of days that count half as much every `HALF_LIFE`. The range is what the same
method missed by on the days just past, in units of the root of what was expected, drawn towards all stores' misses.

Sums and never logarithms of single days: a small store has days of nothing. Pure; over arrays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

HALF_LIFE = 28
PRIOR_DAYS = 10.0
FEWEST_DAYS = 28
"""A store younger than this is told nothing of."""
LOOKED_BACK = 182
"""Days whose misses make the range."""
OWN_MISSES = 180.0
"""Misses of all stores that stand beside a store's own."""
WIDER = 1.08
"""Days to come are a little less like those looked at than these are like one another. Taken from invented brands of seeds
1 to 4; the proof asks others."""
_ROUNDS = 4
_LEVELLED = 49
"""Days of a level in the middle of which a kind of day is weighed."""


@dataclass(frozen=True)
class Days:
    """`kinds[k][d]`: which kind of day `d` is in the k-th respect; 0 is a day like any other. The first respect is the weekday,
    of which all are kinds."""

    kinds: tuple[Ints, ...]

    def __len__(self) -> int:
        return len(self.kinds[0])


@dataclass(frozen=True)
class Expectations:
    """Stores × days to come, in the unit of the sales. NaN where a store is too young."""

    mid: Floats
    low: Floats
    high: Floats


def expect(sold: Floats, days: Days, share: float = 0.8) -> Expectations:
    """`sold`: stores × days past, NaN before a store's first sale. `days`: those days and then the days to come."""
    past, ahead = sold.shape[1], len(days) - sold.shape[1]
    if ahead < 1:
        raise ValueError("no days to come")
    effects = _effects(sold, days, past)
    mid = _level(sold, effects[:, :past])[:, None] * effects[:, past:]
    low, high = _range(sold, days, mid, share)
    young = np.isfinite(sold).sum(axis=1) < FEWEST_DAYS
    for told in (mid, low, high):
        told[young] = np.nan
    return Expectations(mid, low, high)


def _effects(sold: Floats, days: Days, past: int) -> Floats:
    """Stores × all days: how many times its level a store sells, learned from the past days alone."""
    known = np.isfinite(sold)
    have = np.where(known, sold, 0.0)
    effects = np.ones((len(sold), len(days)))
    for _round in range(_ROUNDS):
        base = _centred(have, known, effects[:, :past])
        for kinds in days.kinds:
            _pull(effects, have, known, base, kinds, past)
    return effects


def _centred(have: Floats, known: npt.NDArray[np.bool_], effects: Floats) -> Floats:
    """The level around each day, from both sides, as the effects of now have it."""
    weight = np.where(known, effects, 0.0)
    return np.asarray(_moving(have) / np.maximum(_moving(weight), 1e-9))


def _moving(values: Floats) -> Floats:
    half = _LEVELLED // 2
    padded = np.cumsum(np.pad(values, ((0, 0), (half + 1, half))), axis=1)
    return np.asarray(padded[:, _LEVELLED:] - padded[:, :-_LEVELLED])


def _pull(
    effects: Floats, have: Floats, known: npt.NDArray[np.bool_], base: Floats, kinds: Ints, past: int
) -> None:
    """Corrects the effects of one respect, in place: what was sold on days of a kind against what was expected of them."""
    expected = np.where(known, base * effects[:, :past], 0.0)
    count = int(kinds.max()) + 1
    one = np.eye(count)[kinds[:past]]
    got, due = have @ one, expected @ one
    all_of_them = _ratio(got.sum(axis=0), due.sum(axis=0), due.sum() / max(1, past) * 2)
    prior = PRIOR_DAYS * expected.sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    own = _ratio(got / all_of_them, due, prior[:, None])
    times = all_of_them * own
    if not _is_weekday(kinds):
        times[:, 0] = 1.0
    effects *= times[:, kinds]


def _is_weekday(kinds: Ints) -> bool:
    return len(kinds) >= 7 and bool((np.diff(kinds) % 7 == 1).all())


def _ratio(got: Floats, due: Floats, prior: Floats | float) -> Floats:
    """Drawn towards one by a prior in the unit of both; never nothing."""
    prior = np.maximum(prior, 1e-9)
    return np.asarray(np.clip((np.maximum(got, 0.0) + prior) / (due + prior), 0.02, 50.0))


def _level(sold: Floats, effects: Floats) -> Floats:
    known = np.isfinite(sold)
    age = np.arange(sold.shape[1])[::-1]
    weight = 0.5 ** (age / HALF_LIFE)
    got = (np.where(known, sold, 0.0) * weight).sum(axis=1)
    due = (np.where(known, effects, 0.0) * weight).sum(axis=1)
    return np.asarray(np.maximum(got, 0.0) / np.maximum(due, 1e-9))


def _levels_before(sold: Floats, effects: Floats, days: Sequence[int], lag: int) -> Floats:
    """The level as it was known `lag` days before each of these days."""
    known = np.isfinite(sold)
    keep = 0.5 ** (1 / HALF_LIFE)
    got, due = np.zeros(len(sold)), np.zeros(len(sold))
    levels = np.full((len(sold), len(days)), np.nan)
    place = {day - lag: k for k, day in enumerate(days)}
    for day in range(sold.shape[1]):
        got = got * keep + np.where(known[:, day], sold[:, day], 0.0)
        due = due * keep + np.where(known[:, day], effects[:, day], 0.0)
        if day in place:
            levels[:, place[day]] = np.maximum(got, 0.0) / np.maximum(due, 1e-9)
    return levels


def _range(sold: Floats, days: Days, mid: Floats, share: float) -> tuple[Floats, Floats]:
    """By the misses of the days just past, by effects known before them and a level of some days ago."""
    past, ahead = sold.shape[1], mid.shape[1]
    lag = max(1, min(ahead, 14))
    began = max(past - LOOKED_BACK, min(past // 2, past - 1))
    looked_at = list(range(began, past))
    effects = _effects(sold[:, :began], days, began)
    told = _levels_before(sold, effects[:, :past], looked_at, lag) * effects[:, looked_at]
    misses = (sold[:, looked_at] - told) / np.sqrt(np.maximum(told, 1e-9))
    tails = ((1 - share) / 2, 1 - (1 - share) / 2)
    scale = np.sqrt(_mean(misses**2))[:, None]
    scale[scale == 0] = 1.0
    alike = np.nanquantile(misses / scale, tails)
    own = _quantiles(misses, tails)
    count = np.isfinite(misses).sum(axis=1)
    weight = count / (count + OWN_MISSES)
    root = np.sqrt(np.maximum(mid, 1e-9))
    low, high = (
        WIDER * (own[k] * weight + alike[k] * scale[:, 0] * (1 - weight))[:, None] * root for k in (0, 1)
    )
    return np.maximum(0.0, mid + low), mid + high


def _mean(values: Floats) -> Floats:
    """Of each row what is known; nothing known is nothing."""
    known = np.isfinite(values)
    return np.asarray(np.where(known, values, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1))


def _quantiles(values: Floats, shares: tuple[float, ...]) -> Floats:
    known = np.asarray(np.isfinite(values)).any(axis=1, keepdims=True)
    filled = np.where(known, values, 0.0)
    return np.asarray(np.nanquantile(filled, shares, axis=1))
