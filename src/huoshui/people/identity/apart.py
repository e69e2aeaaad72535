"""Clusters of whom somebody has said that they are two people. Pure.

Whatever joins either with a third asks here as well: else a value that both turn out to have would make one again, round that
third, whom a human has parted.
"""

from __future__ import annotations

from collections.abc import Iterable

Pair = tuple[int, int]


class Apart:
    """By the heads of clusters as they are now: `joined` is told whenever two become one. `pairs` are of heads as they were
    first."""

    def __init__(self, pairs: Iterable[Pair] = ()) -> None:
        self._of: dict[int, dict[int, Pair]] = {}
        for a, b in pairs:
            if a != b:
                self._keep(a, b, (a, b))

    def between(self, one: int, other: int) -> Pair | None:
        """The pair, as it was given, that keeps the clusters of these heads apart."""
        return self._of[one].get(other) if one in self._of else None

    def joined(self, gone: int, into: int) -> None:
        """`into` is the head of both from now on. Whom a hand joined although he had been parted is one."""
        for other, pair in self._of.pop(gone, {}).items():
            del self._of[other][gone]
            if other != into:
                self._keep(other, into, pair)

    def _keep(self, a: int, b: int, pair: Pair) -> None:
        self._of.setdefault(a, {})[b] = pair
        self._of.setdefault(b, {})[a] = pair
