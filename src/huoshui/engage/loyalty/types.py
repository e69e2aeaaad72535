from __future__ import annotations

from collections.abc import Sequence
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
    from_day: date = date.min
    points_per_yuan: int = 100
    notice_days: int = 30
    adjust_alone_upto: int = 1000  # more needs a second person

    def worth(self, minor: int) -> int:
        # Towards zero: a return must not cost more than the purchase gave.
        return self.points * (abs(minor) // self.per_minor) * (1 if minor >= 0 else -1)

    def bucket(self, day: date) -> str:
        return f"{day.year + self.valid_years}-12"

    def money(self, points: int) -> int:
        """What points pay for, in minor units."""
        return points * 100 // self.points_per_yuan


@dataclass(frozen=True)
class Rulebook:
    """All versions, oldest first. An order keeps the one of its own day."""

    versions: Sequence[EarnRule]

    def on(self, day: date) -> EarnRule:
        return next(r for r in reversed(self.versions) if r.from_day <= day)


class Earning(NamedTuple):
    """A settled order fact: what it adds to (or takes from) the money that stays with us."""

    fact_id: int
    person_id: int | None
    order_id: int | None  # None: the order's first fact
    business_day: date
    effect: int
    by_points: int = 0  # of it, the money that points stood for: it earns none
    org_unit_id: int | None = None

    @property
    def paid(self) -> int:
        return self.effect - self.by_points


class OrderFact(NamedTuple):
    """An earlier or the present fact of an order that changed."""

    order_id: int
    effect: int
    is_history: bool
    is_first: bool
    by_points: int = 0
    business_day: date = date.max


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


class Tender(NamedTuple):
    """Points that a fact adds to (or takes from) what its order was paid with, and the money they stood for."""

    fact_id: int
    person_id: int | None
    order_id: int | None
    is_history: bool
    business_day: date
    points: int
    amount: int

    @property
    def order(self) -> int:
        return self.order_id or self.fact_id


class Tendered(NamedTuple):
    """An order's points as all its facts tell them now."""

    order_id: int
    points: int
    is_history: bool  # its first fact came from a source of history


class Split(NamedTuple):
    """Points of an order that came from a bucket, or were given back to it."""

    order_id: int
    owner_id: int
    bucket: str
    is_back: bool
    points: int
