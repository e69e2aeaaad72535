from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple

from huoshui.core.unmet import Unmet


class Sibling(NamedTuple):
    """A fact of an order that is already on record, or a refund and the order it names."""

    fact_id: int
    is_refund: bool
    sale_id: int | None  # the order's first fact; None: a refund whose order has not arrived
    is_taking: bool = False  # tells that the voucher which the order is has been verified
    status: str = ""  # of a refund


@dataclass(frozen=True)
class Part:
    """One of the facts that make up an order. `keys` tell its lines apart: their own, else the product.

    `refund_key` is '' for a sale, and for a refund its own number; where a shop numbers a refund as its order, several may
    bear it, and the time tells them apart.
    """

    keys: Set[str]
    given_back: int
    refund_key: str = ""

    @property
    def is_refund(self) -> bool:
        return self.refund_key != ""


@dataclass(frozen=True)
class Change:
    """What a sibling does to its order: `replaces` are the facts whose effect it takes back."""

    fact_id: int
    sale_id: int
    kind: str  # revision | supplement | refund
    replaces: tuple[int, ...]
    current: tuple[int, ...]  # the order's facts afterwards


@dataclass
class Recorded:
    settled: list[int] = field(default_factory=list)
    waiting: list[int] = field(default_factory=list)
    released: list[int] = field(default_factory=list)  # waiting facts whose parent has now come
    unmet: list[Unmet] = field(default_factory=list)


class LineLeft(NamedTuple):
    """A line of an order as it stands: what it was sold as, and what of it has come back since.

    `key` tells lines of one order apart: their own, else '#' and the product's id.
    """

    key: str
    line_no: int
    line_key: str | None
    sku_id: int
    quantity_milli: int
    amount: int
    discount: int
    coupon_discount: int
    returned_milli: int
    returned: int

    @property
    def left(self) -> int:
        return self.amount - self.returned

    @property
    def left_milli(self) -> int:
        return self.quantity_milli - self.returned_milli


@dataclass(frozen=True)
class OrderState:
    """An order as it stands, found by its number. `fact_ids` are the facts that make it up now."""

    sale_id: int
    order_key: str
    org_unit_id: int | None
    person_id: int | None
    occurred_at: datetime
    business_day: date
    channel: str
    lines: tuple[LineLeft, ...]
    fact_ids: tuple[int, ...]

    @property
    def total(self) -> int:
        return sum(x.amount for x in self.lines)

    @property
    def returned(self) -> int:
        return sum(x.returned for x in self.lines)


class Back(NamedTuple):
    """How much of a line comes back: an amount of money, and goods or none."""

    line: LineLeft
    quantity_milli: int
    amount: int


@dataclass(frozen=True)
class LineView:
    line_no: int
    code: str
    name: str
    quantity_milli: int
    amount: int
    discount: int
    refunded: int
    is_unlisted: bool
    has_no_quantity: bool
    has_no_amount: bool
    fact_id: int = 0


@dataclass(frozen=True)
class SaleView:
    sale_id: int
    fact_id: int
    order_key: str
    store: str
    occurred_at: datetime
    amount: int
    refunded: int
    discount: int
    status: str
    channel: str
    line_count: int
    lines: tuple[LineView, ...] = ()


@dataclass(frozen=True)
class ChainRow:
    """One row that a fact caused. `when` is 'cause', 'same_moment' or 'after'."""

    when: str
    step: str
    title: str
    detail: str
    at: datetime | None
    amount: int | None = None
    ref: str = ""


@dataclass(frozen=True)
class Chain:
    sale: SaleView
    rows: tuple[ChainRow, ...]
