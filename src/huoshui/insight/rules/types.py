"""A rule as a frozen tree. These classes are the language: JSON, its published schema, text and sentences follow from them.

In JSON a node is an object whose `kind` is the `KIND` of its class and whose other members are its fields. Money is
minor units, a day is `YYYY-MM-DD`, and every window is of the brand's business days, so a rule's answer is the same for
every instant of one business day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar, Literal

from huoshui.core.errors import Refused

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


class BadRule(Refused):
    """这条规则看不懂。"""

    code = "bad_rule"

    def __init__(self, place: str, sentence: str) -> None:
        self.place = place
        self.sentence = sentence
        super().__init__(f"{place or '规则'}：{sentence}")


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


Window = Last | Between


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


Filter = Has | Worth | Property


@dataclass(frozen=True)
class Facts:
    """Purchases (`buy`) or facts of a name, as far as they pass every filter, in a window of days; else of all time."""

    KIND: ClassVar = "facts"
    name: str
    where: tuple[Filter, ...] = ()
    window: Window | None = None


@dataclass(frozen=True)
class Count:
    """How many."""

    KIND: ClassVar = "count"
    of: Facts


@dataclass(frozen=True)
class Total:
    """The sum of a figure; 0 where there is none."""

    KIND: ClassVar = "total"
    of: Facts
    figure: Figure = "amount"


@dataclass(frozen=True)
class Average:
    """The sum of a figure for each purchase or fact; unknown where there is none."""

    KIND: ClassVar = "average"
    of: Facts
    figure: Figure = "amount"


@dataclass(frozen=True)
class Distinct:
    """How many different values purchases that count have."""

    KIND: ClassVar = "distinct"
    of: Facts
    trait: Trait | Literal["day"]


@dataclass(frozen=True)
class DaysSince:
    """Days from the first or last one until today; unknown where there is none."""

    KIND: ClassVar = "days_since"
    which: Literal["first", "last"]
    of: Facts


@dataclass(frozen=True)
class Number:
    """What is known of a person, as a number: `tier` (its rank), `attr.household_size` …"""

    KIND: ClassVar = "number"
    key: str


Value = int | Count | Total | Average | Distinct | DaysSince | Number


@dataclass(frozen=True)
class Known:
    """What is known of a person, as text: `tier`, `attr.city`, `consent.sms` …"""

    KIND: ClassVar = "known"
    key: str


@dataclass(frozen=True)
class Which:
    """The trait of the first or last purchase or fact, or the one most of them have."""

    KIND: ClassVar = "which"
    order: Literal["first", "last", "most"]
    trait: Trait
    of: Facts


Text = Known | Which


@dataclass(frozen=True)
class All:
    """Every one of them holds."""

    KIND: ClassVar = "all"
    of: tuple[Condition, ...]


@dataclass(frozen=True)
class Any:
    """At least one of them holds."""

    KIND: ClassVar = "any"
    of: tuple[Condition, ...]


@dataclass(frozen=True)
class Not:
    """It does not hold."""

    KIND: ClassVar = "not"
    of: Condition


@dataclass(frozen=True)
class Compare:
    """Two numbers. One that is unknown compares with nothing."""

    KIND: ClassVar = "compare"
    left: Value
    op: Op
    right: Value


@dataclass(frozen=True)
class In:
    """A text is one of these."""

    KIND: ClassVar = "in"
    what: Text
    values: tuple[str, ...]


@dataclass(frozen=True)
class IsKnown:
    """Something is known there at all."""

    KIND: ClassVar = "is_known"
    what: Text


@dataclass(frozen=True)
class Absent:
    """Not once."""

    KIND: ClassVar = "absent"
    of: Facts


@dataclass(frozen=True)
class After:
    """Once at least, later than one of `after` and no more than `days` business days behind it."""

    KIND: ClassVar = "after"
    of: Facts
    days: int
    after: Facts


@dataclass(frozen=True)
class FirstTime:
    """The first of all time lies in the window."""

    KIND: ClassVar = "first_time"
    of: Facts


@dataclass(frozen=True)
class Every:
    """In each of the last `times` whole months or weeks (from Monday) before this one."""

    KIND: ClassVar = "every"
    unit: Literal["week", "month"]
    times: int
    of: Facts


@dataclass(frozen=True)
class Anniversary:
    """The day of a date that is known of a person comes within `days` days; 0 is today. 29 February is kept on the 28th in
    other years."""

    KIND: ClassVar = "anniversary"
    key: str
    days: int


@dataclass(frozen=True)
class Top:
    """Among the highest `percent` of all who have such a value, or of those with the same text in `within`. Equal values
    share a place, so nobody is left out by chance."""

    KIND: ClassVar = "top"
    percent: int
    of: Value
    within: Known | None = None
    lowest: bool = False


@dataclass(frozen=True)
class Member:
    """In another segment; its members are told by whoever evaluates the rule."""

    KIND: ClassVar = "member"
    segment: str


@dataclass(frozen=True)
class Tagged:
    """Wears the tag of a name, with one of `values` where they are given, and has since a day in `since`."""

    KIND: ClassVar = "tagged"
    tag: str
    values: tuple[str, ...] = ()
    since: Window | None = None


@dataclass(frozen=True)
class Sample:
    """Percents `first` up to, not including, `until` of everyone, drawn once and for all by `salt`."""

    KIND: ClassVar = "sample"
    salt: str
    first: int
    until: int


@dataclass(frozen=True)
class Sequence:
    """These one after another, each at most `gap` business days behind the one before, with none of `without` between two
    steps."""

    KIND: ClassVar = "sequence"
    steps: tuple[Facts, ...]
    gap: int
    without: Facts | None = None


Condition = (
    All
    | Any
    | Not
    | Compare
    | In
    | IsKnown
    | Absent
    | After
    | FirstTime
    | Every
    | Anniversary
    | Top
    | Member
    | Tagged
    | Sample
    | Sequence
)
Rule = Condition
Node = Condition | Text | Value | Facts | Filter | Window


@dataclass(frozen=True)
class Needs:
    """What a rule reads. `whole` says, in Chinese, why it cannot be brought up to date for some people alone; '' when it
    can."""

    facts: frozenset[str]
    states: frozenset[str]
    segments: frozenset[str]
    whole: str

    @property
    def incremental(self) -> bool:
        return not self.whole
