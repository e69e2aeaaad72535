"""Frozen values of matching."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

OPEN, LATER, SAME, DIFFERENT = "open", "later", "same", "different"
ANSWERS = (SAME, DIFFERENT, LATER)


@dataclass(frozen=True)
class Model:
    """What is learned. `m`, `u`: comparison → level → probability. `how`: 'pairs' from certain pairs, 'em' by expectation
    maximisation, 'house' as long as there are too few people for either."""

    m: Mapping[str, Mapping[str, float]]
    u: Mapping[str, Mapping[str, float]]
    one_in: float  # of how many pairs of any two people one is the same human: its inverse
    how: str
    pairs: int
    persons: int


class Step(NamedTuple):
    """One comparison of a pair: how much more likely it is in one human than in two, in bits (2 bits: 4 times)."""

    name: str
    level: str
    bits: float


class Scored(NamedTuple):
    person_a: int
    person_b: int
    probability: float
    steps: Sequence[Step]

    @property
    def levels(self) -> dict[str, str]:
        return {s.name: s.level for s in self.steps}


@dataclass(frozen=True)
class Outcome:
    """What a run did. `held`: reason → pairs that were likely and yet are not shown."""

    run_id: int
    persons: int
    candidates: int
    proposed: int
    linked: int
    withdrawn: int
    how: str
    pairs: int
    held: Mapping[str, int]


@dataclass(frozen=True)
class Proposal:
    id: int
    person_a: int
    person_b: int
    probability: float
    steps: Sequence[Step]
    state: str
    proposed_at: datetime
    decided_by: str = ""
    reason: str = ""
    told: str = ""  # of what was not found by comparing: why it waits (`words.TOLD`)


@dataclass(frozen=True)
class Setting:
    """`links_at`: from which probability on pairs become one by themselves; None: never. `lowest`: what is shown at all.
    To be set it takes so many pairs judged by people, and so precise."""

    links_at: float | None
    lowest: float = 0.5
    least_judged: int = 200
    precision: float = 0.99


@dataclass(frozen=True)
class Measured:
    """What people said of pairs at least so probable."""

    at: float
    judged: int
    precision: float


@dataclass(frozen=True)
class Side:
    """One of two people as they are shown for review; contacts masked. `values`: comparison → what is known of it; `hidden`: of
    which of them this reader may not see what it is, so that two that look alike need not be."""

    person_id: int
    title: str
    values: Mapping[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
