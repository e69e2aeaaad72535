"""What a campaign brought about: those it reached against those it did not, with the interval.

CUPED (Deng, Xu, Kohavi and Walker 2013, WSDM, 123–132): what is already told by what each bought before is taken off each
one's figure; the difference stays what it was and wavers less. Where the two groups were drawn by lot there is one stratum.
Where they were not, people alike before are held against one another only: coarsened exact matching (Iacus, King and Porro
2012, Political Analysis 20 (1), 1–24), weighted to those who were reached; whoever has nobody alike is left out and counted.
The interval of the ratio is Fieller's (1954, J. R. Stat. Soc. B 16 (2), 175–185), which stays true for small groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from huoshui.insight.maths.fitting import Floats

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

CONFIDENCE = 0.95
# Fewer people on one side than this, and the mean of what they bought is nowhere near normal.
FEWEST = 30


class TooFew(Exception):
    """So many on the smaller side that can be compared: too few."""

    def __init__(self, found: int) -> None:
        super().__init__(found)
        self.found = found


class Reach(NamedTuple):
    value: float
    low: float
    high: float

    def times(self, factor: float, less: float = 0.0) -> Reach:
        return Reach(*(bound * factor - less for bound in self))


@dataclass(frozen=True)
class Effect:
    """`each`: per person reached; `share`: of what they would have bought anyway, None where that cannot be bounded.
    `base`: what each would have bought anyway. `narrowed`: how much of the variance CUPED took away, 0 to 1."""

    each: Reach
    share: Reach | None
    base: float
    narrowed: float


@dataclass(frozen=True)
class Compared:
    """Who is held against whom: `stratum` of everybody, and `kept`, those who have somebody of the other side in theirs."""

    treated: Bools
    stratum: Ints
    kept: Bools

    @property
    def reached(self) -> int:
        return int((self.treated & self.kept).sum())

    @property
    def others(self) -> int:
        return int((~self.treated & self.kept).sum())


def by_lot(treated: Bools) -> Compared:
    return _compared(treated, np.zeros(len(treated), dtype=np.int64))


def matched(treated: Bools, alike: Sequence[Ints]) -> Compared:
    """`alike`: what two people must share to be compared, coarse already, a column each."""
    _rows, stratum = np.unique(np.column_stack(alike), axis=0, return_inverse=True)
    return _compared(treated, stratum.reshape(-1).astype(np.int64))


def _compared(treated: Bools, stratum: Ints) -> Compared:
    count = int(stratum.max(initial=-1)) + 1
    on_both = (np.bincount(stratum[treated], minlength=count) > 0) & (
        np.bincount(stratum[~treated], minlength=count) > 0
    )
    found = Compared(treated, stratum, on_both[stratum])
    if min(found.reached, found.others) < FEWEST:
        raise TooFew(min(found.reached, found.others))
    return found


def effect(compared: Compared, figure: Floats, before: Floats) -> Effect:
    """`figure`: of each person, during. `before`: people × what was known of each before it began."""
    kept = compared.kept
    treated, stratum, y = compared.treated[kept], compared.stratum[kept], figure[kept]
    sides = _means(treated, stratum, _adjusted(treated, stratum, y, before[kept]))
    raw = _means(treated, stratum, y)
    variance, whole = sides.variance, raw.variance
    if variance > whole:  # nothing before tells anything of it
        sides, variance = raw, whole
    t = _student(sides.freedom)
    gap, half = sides.reached - sides.others, t * sqrt(variance)
    return Effect(
        each=Reach(gap, gap - half, gap + half),
        share=_ratio(sides, t),
        base=sides.others,
        narrowed=1 - variance / whole if whole > 0 else 0.0,
    )


def _adjusted(treated: Bools, stratum: Ints, y: Floats, before: Floats) -> Floats:
    """The figure less what `before` told of it. The slope is of differences within side and stratum, so that the effect
    itself is no part of it; what is taken off has the mean nothing over those who were reached."""
    cell = stratum * 2 + treated
    slope, *_rest = np.linalg.lstsq(_within(before, cell), _within(y[:, None], cell)[:, 0], rcond=None)
    found: Floats = y - (before - before[treated].mean(axis=0)) @ slope
    return found


def _within(columns: Floats, cell: Ints) -> Floats:
    counts = np.maximum(np.bincount(cell), 1)
    means = np.column_stack([np.bincount(cell, column) / counts for column in columns.T])
    return columns - means[cell]


class _Sides(NamedTuple):
    reached: float
    others: float
    variances: tuple[float, float]
    freedom: float

    @property
    def variance(self) -> float:
        return sum(self.variances)


def _means(treated: Bools, stratum: Ints, y: Floats) -> _Sides:
    """Both sides' means, weighted to those reached, with what each wavers (Welch)."""
    count = int(stratum.max()) + 1
    weight = np.bincount(stratum[treated], minlength=count) / treated.sum()
    means, variances, freedom = [], [], 0.0
    for side in (treated, ~treated):
        heads = np.bincount(stratum[side], minlength=count)
        mean = np.bincount(stratum[side], y[side], count) / np.maximum(heads, 1)
        squares = np.bincount(stratum[side], (y[side] - mean[stratum[side]]) ** 2, count)
        # somebody alone in a stratum wavers as all of her side do
        pooled = squares.sum() / max(int((heads - 1).clip(0).sum()), 1)
        spread = np.where(heads > 1, squares / np.maximum(heads - 1, 1), pooled)
        parts = np.where(heads > 0, weight**2 * spread / np.maximum(heads, 1), 0.0)
        means.append(float((weight * mean).sum()))
        variances.append(float(parts.sum()))
        freedom += float((parts**2 / np.maximum(heads - 1, 1)).sum())
    total = sum(variances)
    return _Sides(
        means[0], means[1], (variances[0], variances[1]), total**2 / freedom if freedom > 0 else inf
    )


def _student(freedom: float) -> float:
    upper = (1 + CONFIDENCE) / 2
    return float(special.ndtri(upper) if freedom == inf else special.stdtrit(freedom, upper))


def _ratio(sides: _Sides, t: float) -> Reach | None:
    """Of the two means, less one. None where the others bought so little that any ratio may be."""
    top, bottom = sides.reached, sides.others
    of_top, of_bottom = (t * t * variance for variance in sides.variances)
    a, b, c = bottom**2 - of_bottom, top * bottom, top**2 - of_top
    if a <= 0 or bottom <= 0:
        return None
    root = sqrt(max(b * b - a * c, 0.0))
    return Reach(top / bottom - 1, (b - root) / a - 1, (b + root) / a - 1)
