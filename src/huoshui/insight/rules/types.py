"""A rule as a frozen tree. These classes are the language: JSON, its published schema, text and sentences follow from them.

In JSON a node is an object whose `kind` is the `KIND` of its class and whose other members are its fields. Money is
minor units, a day is `YYYY-MM-DD`, and every window is of the brand's business days, so a rule's answer is the same for
every instant of one business day.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from huoshui.core.errors import Refused
from huoshui.insight.rules.facts import BUY as BUY
from huoshui.insight.rules.facts import Between as Between
from huoshui.insight.rules.facts import Facts as Facts
from huoshui.insight.rules.facts import Figure as Figure
from huoshui.insight.rules.facts import Filter as Filter
from huoshui.insight.rules.facts import Has as Has
from huoshui.insight.rules.facts import Hours as Hours
from huoshui.insight.rules.facts import Last as Last
from huoshui.insight.rules.facts import Op as Op
from huoshui.insight.rules.facts import Property as Property
from huoshui.insight.rules.facts import Since as Since
from huoshui.insight.rules.facts import Trait as Trait
from huoshui.insight.rules.facts import Weekdays as Weekdays
from huoshui.insight.rules.facts import Window as Window
from huoshui.insight.rules.facts import Worth as Worth


class BadRule(Refused):
    """这条规则看不懂。"""

    code = "bad_rule"

    def __init__(self, place: str, sentence: str) -> None:
        self.place = place
        self.sentence = sentence
        super().__init__(f"{place or '规则'}：{sentence}")


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


@dataclass(frozen=True)
class Balance:
    """What lies on a person's accounts now, over all ids: `points`, or a partner's points (`points@code`). 0 where nothing
    ever did."""

    KIND: ClassVar = "balance"
    unit: str


@dataclass(frozen=True)
class Score:
    """1 to 5 by fifths of everyone who bought in the last twelve months, 5 the latest, most often, most (the question RFM);
    unknown of others."""

    KIND: ClassVar = "score"
    of: Literal["recency", "frequency", "monetary"]


@dataclass(frozen=True)
class Reached:
    """How many of these steps somebody got through, in their order, each at most `gap` business days behind the one before,
    with none of `without` between two: 0 is not even the first."""

    KIND: ClassVar = "reached"
    steps: tuple[Facts, ...]
    gap: int
    without: Facts | None = None


@dataclass(frozen=True)
class Distance:
    """Metres, as the crow flies, from a point to where a person lives (`attr.latitude` and `attr.longitude`); unknown of who
    told no place. The point is in millionths of a degree."""

    KIND: ClassVar = "distance"
    latitude: int
    longitude: int


@dataclass(frozen=True)
class Percent:
    """So many percent of a value, to compare another with."""

    KIND: ClassVar = "percent"
    percent: int
    of: Plain


Plain = Count | Total | Average | Distinct | DaysSince | Number | Balance | Score | Reached | Distance
Value = int | Plain | Percent


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


@dataclass(frozen=True)
class Graded:
    """What the questions call a person by what she bought in the last twelve months: `grade` is high, mid or growing, `rfm`
    one of the eight kinds; unknown of who bought nothing."""

    KIND: ClassVar = "graded"
    by: Literal["grade", "rfm"]


Text = Known | Which | Graded


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
class YearsSince:
    """A year or more after the first one, its day comes round within `days` days; 0 is today. 29 February is kept as for
    `anniversary`."""

    KIND: ClassVar = "years_since"
    of: Facts
    days: int


@dataclass(frozen=True)
class Top:
    """Among the highest `percent` of all who have such a value, or of those with the same text in `within`. Equal values
    share a place, so nobody is left out by chance."""

    KIND: ClassVar = "top"
    percent: int
    of: Plain
    within: Text | None = None
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
    | YearsSince
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
