from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple


@dataclass(frozen=True)
class EarnRule:
    """`points` for each whole `per_minor` of money; they expire at the end of the year, `valid_years` on."""

    version: int
    points: int
    per_minor: int
    valid_years: int

    def worth(self, minor: int) -> int:
        # Towards zero: a return must not cost more than the purchase gave.
        return self.points * (abs(minor) // self.per_minor) * (1 if minor >= 0 else -1)

    def bucket(self, day: date) -> str:
        return f"{day.year + self.valid_years}-12"


class Earning(NamedTuple):
    """A settled order fact: what it adds to (or takes from) the money that stays with us."""

    fact_id: int
    person_id: int | None
    order_id: int | None  # None: the order's first fact
    business_day: date
    effect: int


class OrderFact(NamedTuple):
    """An earlier or the present fact of an order that changed."""

    order_id: int
    effect: int
    is_history: bool
    is_first: bool


@dataclass(frozen=True)
class Given:
    """Points that an order's facts put into (or took from) a person's bucket so far."""

    order_id: int
    owner_id: int
    bucket: str
    points: int


@dataclass(frozen=True)
class Tier:
    rank: int
    name: str
    spend_at_least: int  # minor units


class Standing(NamedTuple):
    """How far a person has come: what he spent, and the highest tier it ever was enough for."""

    person_id: int
    spend: int
    rank: int


@dataclass(frozen=True)
class Reached:
    """A person who reached a tier, and the fact that brought him there."""

    person_id: int
    tier: Tier
    fact_id: int


class Spent(NamedTuple):
    """Money that a fact adds to, or takes from, what a person has spent."""

    fact_id: int
    person_id: int | None
    amount: int
