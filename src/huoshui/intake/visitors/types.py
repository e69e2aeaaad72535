"""Frozen values of visitors who did not buy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

VISIT_ENDED: Final = "Visit Ended Without Sale"
VISIT_TAKEN_BACK: Final = "Visit Taken Back"
BASKET_LEFT: Final = "Basket Abandoned"
SCAN_LEFT: Final = "Scan Ended Without Sale"
BOUGHT_AFTER_ALL: Final = "Abandonment Taken Back"
COUNTED: Final = "Visitors Counted"

BASKET, SCAN = "basket", "scan"
LEFT_NAMES: Final = {BASKET: BASKET_LEFT, SCAN: SCAN_LEFT}

ADDED: Final = "Product Added"
REMOVED: Final = "Product Removed"
SIGNS: Final[Mapping[str, str]] = {
    ADDED: BASKET,
    REMOVED: BASKET,
    "Cart Viewed": BASKET,
    "Checkout Started": BASKET,
    "Product Scanned": SCAN,
    "Code Scanned": SCAN,
}
"""What is tracked of a basket or a scan → which of the two."""

OPEN, LEFT, BOUGHT = "open", "left", "bought"

UNDO: Final = timedelta(minutes=10)
"""A mis-tap is taken back within so long; later it stands."""


class Reason(NamedTuple):
    code: str
    label: str
    is_listed: bool
    is_about_stock: bool


@dataclass(frozen=True)
class Patience:
    """How long it takes until what was not bought counts as left, and until when buying counts as coming back."""

    basket: timedelta
    scan: timedelta
    back: timedelta

    def of(self, kind: str) -> timedelta:
        return self.basket if kind == BASKET else self.scan


@dataclass(frozen=True)
class Visit:
    """What somebody at a store tells. `key` is the teller's own: told again, nothing counts twice."""

    key: str
    org_unit_id: int
    reason: str
    ended_at: datetime
    product_codes: tuple[str, ...] = ()
    identifiers: tuple[tuple[str, str], ...] = ()
    note: str = ""
    staff_code: str = ""


class Told(NamedTuple):
    """What became of it. `person_id` is None for nobody the teller may know."""

    fact_id: int
    person_id: int | None
    is_repeat: bool


@dataclass(frozen=True)
class VisitView:
    fact_id: int
    org_unit_id: int
    reason: str
    person_id: int | None
    note: str
    ended_at: datetime
    told_at: datetime
    is_taken_back: bool
    product_ids: tuple[int, ...]


class Item(NamedTuple):
    """A product in a basket: `amount` in 分 for all of its quantity."""

    code: str
    name: str
    quantity_milli: int
    amount: int


class Sign(NamedTuple):
    """A tracked fact of a basket or a scan, of a known person (canonical)."""

    fact_id: int
    kind: str
    source_id: int
    cart: str
    person_id: int
    at: datetime
    org_unit_id: int | None


class Standing(NamedTuple):
    """A basket as it stands; `person_id` canonical."""

    id: int
    kind: str
    source_id: int
    cart: str
    person_id: int
    began_at: datetime
    last_at: datetime
    state: str
    bought_at: datetime | None
    fact_id: int | None = None


class Order(NamedTuple):
    fact_id: int
    at: datetime


class Verdict(NamedTuple):
    """What a basket is now: in which state, and the order that bought it, in time or by coming back."""

    state: str
    order: Order | None


class DayRow(NamedTuple):
    """Of a store and one of the brand's days. `came` is None where nobody counted."""

    org_unit_id: int
    day: date
    came: int | None
    orders: int


class Count(NamedTuple):
    """`people` are those known among `visits`; `back` those of them who came back and bought."""

    name: str
    visits: int
    people: int
    back: int
    amount: int = 0


class ProductRow(NamedTuple):
    sku_id: int
    visits: int
    by_reason: Mapping[str, int]


class HourRow(NamedTuple):
    hour: int
    came: int | None
    visits: int


@dataclass(frozen=True)
class Overview:
    """Everything of some stores and days. `counted`: the stores where somebody counted in these days."""

    first: date
    last: date
    days: tuple[DayRow, ...]
    hours: tuple[HourRow, ...]
    reasons: tuple[Count, ...]
    told: Count
    scans: Count
    baskets: Count
    products: tuple[ProductRow, ...]
    told_by_store: Mapping[int, int] = field(default_factory=dict)
    told_by_day: Mapping[date, int] = field(default_factory=dict)
    counted: frozenset[int] = frozenset()
