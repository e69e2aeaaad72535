"""What a rule counts: purchases or facts of a name, filters on them and windows of days. Part of the language (`types`)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

Op = Literal["<", "<=", "=", "!=", ">=", ">"]
Figure = Literal["amount", "units", "discount"]
"""What purchases sum up to: money paid, units, money taken off. Other facts have an amount only."""
Trait = Literal[
    "product",
    "category",
    "category_1",
    "category_2",
    "category_3",
    "department",
    "brand",
    "store",
    "region",
    "dealer",
    "channel",
]
"""What a purchase can be told by. Other facts have store, region and dealer only."""
BUY = "buy"
"""The name under which purchases are asked for: an order's lines of one person and day, which count while something of
them is left after revisions (ADR 0006). Any other name is that of a fact, and every fact counts."""


@dataclass(frozen=True)
class Last:
    """The `days` business days that end `skip` days before today; today itself with `skip` 0."""

    KIND: ClassVar = "last"
    days: int
    skip: int = 0


@dataclass(frozen=True)
class Between:
    """Business days, both ends included; an end that is missing is open."""

    KIND: ClassVar = "between"
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Since:
    """From the day on which a person was given this tag, and only of who wears it."""

    KIND: ClassVar = "since"
    tag: str


Window = Last | Between | Since


@dataclass(frozen=True)
class Has:
    """Told by one of these values; by none of them when `negated`. A store or product is named by code or name."""

    KIND: ClassVar = "has"
    trait: Trait
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True)
class Worth:
    """What one purchase, or one fact, comes to."""

    KIND: ClassVar = "worth"
    figure: Figure
    op: Op
    number: int


@dataclass(frozen=True)
class Property:
    """A declared property of a fact has one of these values."""

    KIND: ClassVar = "property"
    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Hours:
    """At an hour of the day from `first` up to, not including, `until`, by the brand's clock; over midnight where `until` is
    the smaller."""

    KIND: ClassVar = "hours"
    first: int
    until: int


@dataclass(frozen=True)
class Weekdays:
    """On one of these days of the week, 1 being Monday: of the business day, as everywhere."""

    KIND: ClassVar = "weekdays"
    days: tuple[int, ...]


Filter = Has | Hours | Weekdays | Worth | Property


@dataclass(frozen=True)
class Facts:
    """Purchases (`buy`) or facts of a name, as far as they pass every filter, in a window of days; else of all time."""

    KIND: ClassVar = "facts"
    name: str
    where: tuple[Filter, ...] = ()
    window: Window | None = None
