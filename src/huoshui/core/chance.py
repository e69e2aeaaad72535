"""How likely counts are by chance alone: tails of the binomial and the Poisson distribution.

By `scipy.special`: `scipy.stats` gives the same and takes half a second of every process that starts.
"""

from __future__ import annotations

from scipy import special


def at_least(hits: int, of: int, usual: float) -> float:
    """That of so many at least `hits` are, where each is with probability `usual`. `of` is not below `hits`; of
    none it is certain."""
    return float(special.bdtrc(hits - 1, of, usual)) if of else 1.0


def at_most(hits: int, of: int, usual: float) -> float:
    """That of so many at most `hits` are. `of` is not below `hits`, which is not below 0."""
    return float(special.bdtr(hits, of, usual))


def at_most_of_usual(times: int, usual: float) -> float:
    """That something which usually happens `usual` times happens at most `times`."""
    return float(special.pdtr(times, usual))
