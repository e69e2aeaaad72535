"""Who is one with whom, of everybody at once: arrays in, arrays out.

`rules.clusters` says what is right for the few whom a change touches; this says the same of ten million within seconds, so
that what is stored can be held against what the links say.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

Ids = NDArray[np.int64]


def clusters(left: NDArray[np.integer], right: NDArray[np.integer], n: int) -> Ids:
    """For each node 0 … n-1 the smallest node that it is connected with. Edge i joins `left[i]` and `right[i]`, either way."""
    if not len(left):
        return np.arange(n, dtype=np.int64)
    # The graph's own indexes are 32 bits wide wherever they suffice: half the memory, and half the way to it
    width = np.int32 if n < 2**31 else np.int64
    ends = (left.astype(width, copy=False), right.astype(width, copy=False))
    graph = coo_matrix((np.ones(len(left), np.int8), ends), shape=(n, n))
    count, label = connected_components(graph, directed=False)
    smallest = np.empty(count, np.int64)
    # The last one written stays, so the nodes are written from the largest to the smallest
    smallest[label[::-1]] = np.arange(n - 1, -1, -1)
    return np.asarray(smallest[label])


def canonical(person_a: Ids, person_b: Ids) -> tuple[Ids, Ids]:
    """Of living links: the persons whose canonical id is another's, in order, and that id."""
    if not len(person_a):
        return person_a, person_a
    # Ids come from a sequence, so they themselves are the nodes: looking up each one's place would take ten times as long
    found = clusters(person_a, person_b, int(max(person_a.max(), person_b.max())) + 1)
    moved = np.flatnonzero(found != np.arange(len(found)))
    return moved, found[moved]


class Difference(NamedTuple):
    """A person whose stored canonical id is not what the links say."""

    person_id: int
    stored: int
    wanted: int


def differences(stored: tuple[Ids, Ids], wanted: tuple[Ids, Ids]) -> list[Difference]:
    """Of (persons, canonical ids), each in order of persons; whoever stands in neither is a cluster of his own."""
    everyone = np.union1d(stored[0], wanted[0])
    there, here = _of(everyone, *stored), _of(everyone, *wanted)
    wrong = there != here
    return [
        Difference(*map(int, row)) for row in zip(everyone[wrong], there[wrong], here[wrong], strict=True)
    ]


def _of(everyone: Ids, persons: Ids, canonical_ids: Ids) -> Ids:
    found = everyone.copy()
    found[np.searchsorted(everyone, persons)] = canonical_ids
    return found
