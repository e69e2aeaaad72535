"""Whether a group differs from the rest by more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, exp, lgamma, sqrt

# Under five expected in any field of the table, the normal approximation is not one (Cochran 1954).
EXACT_BELOW = 5
FALSE_DISCOVERIES = 0.05


@dataclass(frozen=True)
class Counts:
    """Of `group` people in the group, `group_has` have it; of `rest` others, `rest_has`."""

    group_has: int
    group: int
    rest_has: int
    rest: int


def p_value(counts: Counts) -> float | None:
    """Two-sided, of equal shares: two-proportion z test, Fisher's exact one where numbers are small.

    None where there is nobody to compare with.
    """
    if not counts.group or not counts.rest:
        return None
    has, everyone = counts.group_has + counts.rest_has, counts.group + counts.rest
    smaller = min(counts.group, counts.rest) * min(has, everyone - has) / everyone
    if smaller < EXACT_BELOW:
        return _exact(counts)
    pooled = has / everyone
    spread = sqrt(pooled * (1 - pooled) * (1 / counts.group + 1 / counts.rest))
    z = (counts.group_has / counts.group - counts.rest_has / counts.rest) / spread
    return erfc(abs(z) / sqrt(2))


def _exact(counts: Counts) -> float:
    """Fisher's test: every table with these margins that is no likelier than this one.

    Written out because `scipy.stats` takes over a second to import, in every process.
    """
    has, everyone = counts.group_has + counts.rest_has, counts.group + counts.rest

    def chance(group_has: int) -> float:
        return exp(_ways(has, group_has) + _ways(everyone - has, counts.group - group_has) - all_ways)

    all_ways = _ways(everyone, counts.group)
    possible = range(max(0, counts.group - (everyone - has)), min(has, counts.group) + 1)
    seen = chance(counts.group_has) * (1 + 1e-7)  # equal ones may differ in the last digits
    return min(1.0, sum(p for p in map(chance, possible) if p <= seen))


def _ways(all_of: int, some: int) -> float:
    """The logarithm of the binomial coefficient."""
    return lgamma(all_of + 1) - lgamma(some + 1) - lgamma(all_of - some + 1)


def significant(p_values: Sequence[float | None]) -> list[bool]:
    """Benjamini and Hochberg 1995: of those called different, one in twenty at most is chance."""
    known = sorted(p for p in p_values if p is not None)
    passed = [p for rank, p in enumerate(known, 1) if p <= FALSE_DISCOVERIES * rank / len(known)]
    bound = max(passed, default=-1.0)
    return [p is not None and p <= bound for p in p_values]
