"""The few values of a dimension that explain a change.

Bhagwan and others 2014, "Adtributor: Revenue Debugging in Advertising Systems", NSDI: a value explains as much of
the change as its own change is of it, and is the more surprising the more its share of the whole differs from
what it was (its term of the Jensen–Shannon divergence). Of each dimension the most surprising values are taken
that each explain a tenth of the change or more, until two thirds are explained.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log
from typing import NamedTuple

ENOUGH = 0.67
LEAST = 0.1
FEW = 5


class Cause(NamedTuple):
    """`explains`: its change ÷ the whole change."""

    value: str | None
    before: int
    now: int
    explains: float
    surprise: float

    @property
    def amount(self) -> int:
        return self.now - self.before


def causes(before: Mapping[str | None, int], now: Mapping[str | None, int]) -> list[Cause]:
    """The few, largest first; none when nothing changed on the whole."""
    whole = {side: sum(amounts.values()) for side, amounts in (("before", before), ("now", now))}
    change = whole["now"] - whole["before"]
    if change == 0:
        return []
    found = []
    for value in before.keys() | now.keys():
        old, new = before.get(value, 0), now.get(value, 0)
        surprise = surprise_of(_share(old, whole["before"]), _share(new, whole["now"]))
        found.append(Cause(value, old, new, (new - old) / change, surprise))
    taken: list[Cause] = []
    explained = 0.0
    for cause in sorted(found, key=lambda one: (-one.surprise, -one.explains, str(one.value))):
        if cause.explains >= LEAST and explained < ENOUGH and len(taken) < FEW:
            taken.append(cause)
            explained += cause.explains
    return sorted(taken, key=lambda one: (-one.explains, str(one.value)))


def explained(causes: Sequence[Cause]) -> float:
    return sum(cause.explains for cause in causes)


def surprising(causes: Sequence[Cause]) -> float:
    """By this the dimensions are ordered: where shares moved most, there is what happened."""
    return sum(cause.surprise for cause in causes)


def surprise_of(before: float, now: float) -> float:
    """A value's term of the Jensen–Shannon divergence between shares before and now."""
    mid = (before + now) / 2
    terms = (share * log(share / mid) for share in (before, now) if share > 0)
    return sum(terms) / 2


def _share(amount: int, whole: int) -> float:
    """More went back than was sold: no share."""
    return max(0, amount) / whole if whole > 0 else 0.0
