from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
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
    has_bonus: bool = False  # a bonus rule is live
    has_rates: bool = False  # some order has earned by one

    def on(self, day: date) -> EarnRule:
        if len(self.versions) == 1:  # asked for every order of an import
            return self.versions[0]
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
    points: int | None = None  # how many; None where it says nothing of points
    is_history: bool = False

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
    counts: str = (
        "lifetime"  # spend of: 'lifetime', 'rolling' (the last `months`), 'year' (the calendar year)
    )
    months: int = 12
    grace_days: int = 90
    benefits: Sequence[str] = ()
    era: int = 0  # of the settings this tier was last changed by
    gift_template_id: int | None = None  # a coupon for whoever reaches it
    gift_again_days: int | None = (
        None  # after which it is given again to whoever reaches it again; None: never
    )


class Standing(NamedTuple):
    """How far a person has come: what he spent, and his tier. `members` are all ids of a human who has several."""

    person_id: int
    spend: int
    rank: int
    members: Sequence[int] | None = None
    keep_until: date | None = None
    check_on: date | None = None
    era: int = 0  # of the settings by which it was last decided from all facts


class Event(NamedTuple):
    """Money spent, or taken back, on a day; told by a fact. Or by several in a row, of which this one is the last: then
    `peak` is the most it came to on the way."""

    day: date
    fact_id: int
    amount: int
    peak: int | None = None


class Change(NamedTuple):
    """A tier reached by a fact, or left when its time was over (no fact)."""

    day: date
    rank: int
    fact_id: int | None


@dataclass(frozen=True)
class Journey:
    """Where a person's spending has brought him, and how."""

    rank: int = 0
    keep_until: date | None = None  # None: for good
    grace_until: date | None = None  # the time is over, and this is left to make up for it
    changes: tuple[Change, ...] = ()

    @property
    def check_on(self) -> date | None:
        """When something happens if nobody buys anything."""
        last = self.grace_until or self.keep_until
        return None if last is None else last + timedelta(days=1)


class Day(NamedTuple):
    """A day on which a human bought: what its facts came to, and where they left him."""

    day: date
    last_fact_id: int
    amount: int
    peak: int
    rank: int
    keep_until: date | None
    grace_until: date | None

    @property
    def at(self) -> Journey:
        return Journey(self.rank, self.keep_until, self.grace_until)

    @property
    def event(self) -> Event:
        return Event(self.day, self.last_fact_id, self.amount, self.peak)


@dataclass(frozen=True)
class Reached:
    """A person who reached a tier, and the fact that brought him there."""

    person_id: int
    tier: Tier
    fact_id: int


class Spent(NamedTuple):
    """Money that a fact adds to, or takes from, what a person has spent, and the day it belongs to."""

    fact_id: int
    person_id: int | None
    amount: int
    day: date = date.min


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


@dataclass(frozen=True)
class Told:
    """What a batch of settled facts says of money and points, and the rules by which it is judged."""

    fact_ids: Sequence[int]
    earnings: Sequence[Earning]
    book: Rulebook

    def tenders(self) -> list[Tender]:
        return [
            Tender(e.fact_id, e.person_id, e.order_id, e.is_history, e.business_day, e.points, e.by_points)
            for e in self.earnings
            if e.points is not None
        ]


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


@dataclass(frozen=True)
class Bonus:
    """A rule that gives more than the base rule: `percent` of it (200 is twice), or `extra` points for the order. Empty
    lists mean all; caps are on what this rule gives."""

    id: int
    code: str
    version: int
    name: str
    percent: int = 100
    extra: int = 0
    min_amount: int = 0  # of the goods it is about, in minor units
    ranks: Sequence[int] = ()
    sku_ids: Sequence[int] = ()
    categories: Sequence[str] = ()  # paths as the product list has them: '乳品' holds '乳品 / 鲜奶'
    brands: Sequence[str] = ()
    org_unit_ids: Sequence[int] = ()
    from_day: date = date.min
    until_day: date = date.max
    weekdays: Sequence[int] = ()  # 1 Monday … 7 Sunday
    birthday: str | None = None  # 'day', 'week' or 'month' of it
    is_first_purchase: bool = False
    cap_order: int | None = None
    cap_day: int | None = None
    cap_month: int | None = None


@dataclass(frozen=True)
class Occasion:
    """What a sale's bonus depends on beside its goods; the tier is what the person had before it."""

    day: date
    org_unit_id: int | None = None
    rank: int = 0
    birthday: tuple[int, int] | None = None  # month, day
    is_first: bool = False


class Goods(NamedTuple):
    category: str
    brand: str


@dataclass(frozen=True)
class Rate:
    """By what an order earns beyond the base rule, as its sale decided."""

    bonus_id: int
    percent: int
    extra: int
    at_money: int
    cap: int | None
    sku_ids: tuple[int, ...]


class BasketLine(NamedTuple):
    sku_id: int
    amount: int  # minor units, after discounts


@dataclass(frozen=True)
class Quote:
    """Points a basket would earn: by the base rule, and by each bonus rule's name."""

    base: int
    bonuses: tuple[tuple[str, int], ...] = ()

    @property
    def points(self) -> int:
        return self.base + sum(points for _, points in self.bonuses)
