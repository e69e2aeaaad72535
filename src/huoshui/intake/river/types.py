"""What callers of the river say, and what they are answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from msgspec import Struct

from huoshui.core.facts.types import IDENTIFY
from huoshui.core.unmet import Unmet

Condition = Literal["sellable", "damaged", "not_returned"]


class Line(Struct, frozen=True):
    sku_code: str
    quantity_milli: int
    amount: int
    discount: int = 0
    coupon_discount: int = 0
    refunded: int = 0
    refunded_milli: int = 0
    line_key: str | None = None
    name: str = ""
    condition: Condition = "sellable"
    """Of what comes back: it goes onto the shelf only when it can be sold again."""


class Tender(Struct, frozen=True):
    """How part of an order was paid. `kind`: cash, wechat, alipay, card, voucher, points … `points`: how many, where that
    was the way."""

    kind: str
    amount: int
    points: int = 0
    reference: str = ""


class CouponUse(Struct, frozen=True):
    code: str
    amount: int


class Voucher(Struct, frozen=True):
    """Sold on a platform, whose source is `source` or `till:<source>`, as the order numbered `code`; verified by this sale."""

    source: str
    code: str


class Order(Struct, frozen=True):
    order_key: str
    store_code: str
    lines: tuple[Line, ...]
    parent_key: str | None = None
    channel: str = ""
    status: str = ""
    tenders: tuple[Tender, ...] = ()
    coupons: tuple[CouponUse, ...] = ()
    vouchers: tuple[Voucher, ...] = ()
    staff_id: int | None = None


class Item(Struct, frozen=True):
    """One thing that happened, as a caller tells it. `identifiers` are (kind or kind@scope, plain value).

    `traits` are what an Identify says of its person; other facts say nothing of whom they are about. An `is_ask` may be
    refused, and with it every item of the same `bundle`; a report never is. `body` is kept with the fact.
    """

    name: str
    client_key: str
    occurred_at: datetime
    identifiers: tuple[tuple[str, str], ...] = ()
    traits: dict[str, str] = {}
    order: Order | None = None
    is_ask: bool = False
    bundle: str = ""
    doubts: tuple[
        tuple[str, dict[str, Any]], ...
    ] = ()  # what its door found odd: (code of core.unmet, detail)
    body: dict[str, Any] = {}
    body_before: dict[str, Any] | None = None
    """As an earlier version kept it, if otherwise: told again after an upgrade, it is known."""

    def __post_init__(self) -> None:
        if self.traits and self.name != IDENTIFY:
            raise ValueError(f"{self.name} has traits, which only {IDENTIFY} may have")


class Verdict(Struct, frozen=True):
    """What became of an item: 'settled', 'waiting' (for its parent, or behind an earlier one), 'known' (delivered before),
    'refused' (an ask that could not be had: `unmet` says why) or 'key_reused' (this key said something else before)."""

    client_key: str
    state: str
    fact_id: int | None
    unmet: tuple[Unmet, ...] = ()
    lacked_by: str = ""
    """The key of the item that could not be had: its own, or of the other of its bundle, with which it falls."""
