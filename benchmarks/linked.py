"""Identifiers linked as people's are: most humans have one to four, some chains are long, one phone is a guide's."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]

_SIZES, _SHARES = (1, 2, 3, 4), (0.55, 0.25, 0.12, 0.08)
CHAINS, CHAIN = 100, 1000
SHARED = 100_000
"""How many one guide's phone has joined before anybody noticed."""


def linked(seed: int, n: int) -> tuple[Ids, Ids]:
    """Edges between nodes 0 … n-1 in no order, the nodes of a component anywhere. n >= 10 × (CHAINS × CHAIN + SHARED) / 9."""
    random = np.random.default_rng(seed)
    at = n - CHAINS * CHAIN - SHARED
    sizes = random.choice(_SIZES, size=at, p=_SHARES)
    sizes = sizes[np.cumsum(sizes) <= at]
    ends = [_chained(0, sizes), _chained(at, np.full(CHAINS, CHAIN)), _star(n - SHARED)]
    place = random.permutation(n)
    order = random.permutation(sum(len(one) for one, _ in ends))
    left, right = (place[np.concatenate(side)][order] for side in zip(*ends, strict=True))
    return left, right


def _chained(start: int, sizes: Ids) -> tuple[Ids, Ids]:
    """Components of these sizes, one after another, each node linked with the one before."""
    nodes = np.arange(sizes.sum())
    later = nodes[nodes != np.repeat(np.cumsum(sizes) - sizes, sizes)] + start
    return later - 1, later


def _star(start: int) -> tuple[Ids, Ids]:
    return np.full(SHARED - 1, start), np.arange(start + 1, start + SHARED)
