"""What a till or a shop says and is answered. Money in minor units, quantities in thousandths, times aware."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from msgspec import Struct

from huoshui.intake.river.api import Condition, CouponUse, Tender, Voucher


@dataclass(frozen=True)
class Till:
    """Who calls: the source of its facts, and the only stores it may speak for (empty: any). `revises`: it tells an order anew
    when that has changed, as shops do; a counter has one number for one sale."""

    source_id: int
    name: str
    store_codes: frozenset[str] = frozenset()
    revises: bool = False


@dataclass(frozen=True)
class BasketLine:
    """`amount` is what the line costs before coupons and points, after the till's own `discount`."""

    sku_code: str
    quantity_milli: int
    amount: int
    discount: int = 0
    line_key: str | None = None
    name: str = ""
    tax: int = 0


@dataclass(frozen=True)
class Basket:
    """`identifiers` are (kind, plain value), as `people` knows kinds: card_no, phone, unionid …"""

    store_code: str
    at: datetime
    lines: tuple[BasketLine, ...]
    identifiers: tuple[tuple[str, str], ...] = ()
    channel: str = ""
    coupons: tuple[str, ...] = ()
    """Codes the customer wants to use; empty: the best legal combination of what he holds is proposed."""
    points: int = 0
    """Points he wants to pay with."""


class CouponLine(Struct, frozen=True):
    line_no: int
    amount: int


@dataclass(frozen=True)
class CouponApplied:
    code: str
    title: str
    amount: int
    lines: tuple[CouponLine, ...]


@dataclass(frozen=True)
class CouponNotUsable:
    code: str
    title: str
    reason: str
    """A code of `core.unmet`."""
    message: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    """The figures of its sentence."""


@dataclass(frozen=True)
class Earned:
    """`rule` is the name the head office gave it; the base rule has none."""

    rule: str
    points: int


@dataclass(frozen=True)
class Quote:
    """What a basket comes to. `locked_until` is set when the coupons were locked for `order_key`."""

    total: int
    discount: int
    payable: int
    applied: tuple[CouponApplied, ...]
    not_usable: tuple[CouponNotUsable, ...]
    points_balance: int
    points_usable: int
    points_value: int
    """Money that `points_usable` would pay."""
    points_earned: int
    person_id: int | None
    tier: str
    locked_until: datetime | None = None
    earned: tuple[Earned, ...] = ()
    """`points_earned` by the rule that gives them."""
    points_problem: Refusal | None = None
    """Why no points can be used, or not as many as he wants."""
    warnings: tuple[Refusal, ...] = ()
    """What the sale would be refused for as things stand."""


@dataclass(frozen=True)
class SaleLine:
    """`amount` is what was paid for the line: after the till's discount and the coupons, before tenders."""

    sku_code: str
    quantity_milli: int
    amount: int
    discount: int = 0
    """All that was taken off, coupons included."""
    coupon_discount: int = 0
    line_key: str | None = None
    name: str = ""
    tax: int = 0


@dataclass(frozen=True)
class Sale:
    """`key` is the till's own id of the message and `order_key` that of the order. Not `is_offline`: an ask."""

    key: str
    order_key: str
    store_code: str
    at: datetime
    lines: tuple[SaleLine, ...]
    identifiers: tuple[tuple[str, str], ...] = ()
    tenders: tuple[Tender, ...] = ()
    coupons: tuple[CouponUse, ...] = ()
    channel: str = ""
    staff_code: str = ""
    is_offline: bool = False
    vouchers: tuple[Voucher, ...] = ()
    """Sold on a platform and verified here: the sale is those orders, not another one (ADR 0011)."""
    body: dict[str, Any] = field(default_factory=dict)
    """The request as it came, kept with the fact (taxes and whatever else is given)."""
    amount: int | None = None
    """The till's own total, to be compared with the lines; None: it says none."""
    doubts: tuple[tuple[str, dict[str, Any]], ...] = ()
    """Of a report: what its door could not read and left out, as code of `core.unmet` and detail."""


@dataclass(frozen=True)
class RefundLine:
    """Which line (by `line_key`, else `line_no`, counted from 1), and how much of it: a quantity, an amount, or all left."""

    line_key: str | None = None
    line_no: int | None = None
    quantity_milli: int | None = None
    amount: int | None = None
    sku_code: str = ""
    """Needed, with quantity and amount, of a report whose order has not arrived yet."""
    condition: Condition | None = None
    """Whether what comes back can be sold again; as the whole refund says where the line does not."""


@dataclass(frozen=True)
class Refund:
    """`lines` empty and no `amount`: all that is left of the order. `amount` alone: so much money, goods stay."""

    key: str
    order_key: str
    at: datetime
    refund_key: str = ""
    store_code: str = ""
    """Where it comes back; '' where it was sold."""
    sold_at: str = ""
    """Of an order of another till: the store where it was sold."""
    lines: tuple[RefundLine, ...] = ()
    amount: int | None = None
    is_offline: bool = False
    condition: Condition = "sellable"
    """Of all that comes back, unless a line says otherwise."""
    body: dict[str, Any] = field(default_factory=dict)
    doubts: tuple[tuple[str, dict[str, Any]], ...] = ()
    """Of a report: what stands against it, as code of `core.unmet` and detail."""


@dataclass(frozen=True)
class Exchange:
    """Goods back and goods out at once: a refund of `returned`, and a sale that names the same customer."""

    key: str
    order_key: str
    at: datetime
    returned: tuple[RefundLine, ...]
    sale: Sale


@dataclass(frozen=True)
class Refusal:
    """`code` is one of `core.unmet` (422), 'key_reused' (409), 'not_found' (404). `detail` goes out with it."""

    code: str
    message: str
    detail: dict[str, Any] = field(default_factory=dict)
    pointer: str = ""
    """JSON pointer into the request, where one place is to blame."""


class PointsOf(Struct, frozen=True):
    earned: int
    spent: int
    taken_back: int
    given_back: int
    balance: int


class Outcome(Struct, frozen=True):
    """What became of a command; read from what the fact caused, so the same again is answered alike.

    `state`: 'settled', 'waiting' (a refund whose order has not arrived), 'received' (will settle in a moment) or 'refused'.
    """

    key: str
    state: str
    fact_id: int | None = None
    order_key: str = ""
    amount: int = 0
    person_id: int | None = None
    points: PointsOf | None = None
    coupons: tuple[CouponUse, ...] = ()
    lines: tuple[CouponLine, ...] = ()
    """Of a refund: money given back by line of the order."""
    exceptions: tuple[Refusal, ...] = ()
    """Of a report: what could not be had, shown for mending."""
    refusals: tuple[Refusal, ...] = ()
    is_repeat: bool = False
    bind_code: str = ""
    """Of a sale of nobody: what the receipt shows, by which the customer may claim it."""


@dataclass(frozen=True)
class ReceiptLine:
    name: str
    sku_code: str
    quantity_milli: int
    amount: int
    refunded: int
    tax: int = 0
    """Within `amount`, as the till said it at the sale."""


@dataclass(frozen=True)
class Receipt:
    order_key: str
    store: str
    at: datetime
    lines: tuple[ReceiptLine, ...]
    amount: int
    refunded: int
    discount: int
    tenders: tuple[Tender, ...]
    points: PointsOf | None
    bind_code: str
