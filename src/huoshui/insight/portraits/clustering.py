"""Parts of a cloud of people: seeded, so that the same people give the same parts. No database, no clock.

k-means by scipy on standardised numbers, of the number of parts that tells the cloud apart best (Caliński and Harabasz 1974).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

_SEED, _STARTS, _WIDEST = 20170101, 6, 4.0
SKEWED = ("orders", "ticket", "silent")
"""Features that multiply rather than add: their logarithms are compared."""


@dataclass(frozen=True)
class Fit:
    """`centres` are standardised by `mean` and `spread`, the largest part's first; `parts`: which is nearest, by row."""

    mean: Floats
    spread: Floats
    centres: Floats
    parts: Places
    scaled: Floats

    @property
    def sizes(self) -> list[int]:
        return [int(n) for n in np.bincount(self.parts, minlength=len(self.centres))]

    def medoid(self, part: int) -> int:
        """The row of the part that is nearest to its middle; of several the first."""
        rows = np.flatnonzero(self.parts == part)
        away = ((self.scaled[rows] - self.centres[part]) ** 2).sum(axis=1)
        return int(rows[int(np.argmin(away))])


def fit(rows: Floats, *, fewest: int, most: int) -> Fit:
    """At least `fewest` parts where there are as many rows; a feature in which all are alike says nothing."""
    mean, spread = rows.mean(axis=0), rows.std(axis=0)
    spread = np.where(spread > 1e-12, spread, 1.0)
    # One person beyond all measure must not become a kind of her own
    scaled = np.clip((rows - mean) / spread, -_WIDEST, _WIDEST)
    different = len(np.unique(scaled, axis=0))
    tried = [_parted(scaled, k) for k in range(min(fewest, different), min(most, different) + 1)]
    centres, parts = max(tried, key=lambda found: _told_apart(scaled, *found))
    order = np.argsort(-np.bincount(parts, minlength=len(centres)), kind="stable")
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return Fit(mean, spread, centres[order], place[parts].astype(np.int64), scaled)


def _parted(scaled: Floats, k: int) -> tuple[Floats, Places]:
    from scipy.cluster.vq import kmeans2  # half a second that most processes never need

    best: tuple[float, Floats, Places] | None = None
    for start in range(_STARTS):
        centres, parts = kmeans2(scaled, k, iter=40, minit="++", seed=_SEED + start, missing="warn")
        inertia = float(((scaled - centres[parts]) ** 2).sum())
        if len(np.unique(parts)) == k and (best is None or inertia < best[0] - 1e-9):
            best = inertia, centres, parts.astype(np.int64)
    if best is None:  # fewer heaps than asked for: whatever is told apart is a part
        kept, parts = np.unique(parts, return_inverse=True)
        return centres[kept], parts.astype(np.int64)
    return best[1], best[2]


def _told_apart(scaled: Floats, centres: Floats, parts: Places) -> float:
    n, k = len(scaled), len(centres)
    within = float(((scaled - centres[parts]) ** 2).sum())
    sizes = np.bincount(parts, minlength=k)
    between = float((sizes * ((centres - scaled.mean(axis=0)) ** 2).sum(axis=1)).sum())
    if k < 2 or n <= k:
        return 0.0
    return (between / (k - 1)) / max(within / (n - k), 1e-12)


def comparable(rows: Floats, names: Sequence[str]) -> Floats:
    """Logarithms of what is skewed."""
    made = rows.copy()
    for place, name in enumerate(names):
        if name in SKEWED:
            made[:, place] = np.log1p(np.maximum(made[:, place], 0))
    return made
