"""What callers send. Unknown fields are refused; money is in minor units, times carry their zone.

These types are decoded by msgspec and are the request schemas of the OpenAPI.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

_VISIBLE = "^[!-~]+$"
_VISIBLE_BUT_SLASH = "^[!-.0-~]+$"

Money = Annotated[int, Meta(ge=0, le=10**12, description="In minor units (分).")]
Points = Annotated[int, Meta(ge=0, le=10**12)]
Key = Annotated[str, Meta(min_length=1, max_length=255, pattern=_VISIBLE)]
OrderKey = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        pattern=_VISIBLE_BUT_SLASH,
        description="The till's own number of the order: visible ASCII without a slash.",
    ),
]
Code = Annotated[str, Meta(min_length=1, max_length=100)]
Text = Annotated[str, Meta(max_length=200)]
CustomerId = Annotated[int, Meta(ge=1, le=(1 << 63) - 1)]
Instant = Annotated[
    datetime, Meta(tz=True, description="RFC 3339 with its zone, from 2000 to two days ahead.")
]
LineNo = Annotated[int, Meta(ge=1, le=1000, description="Counted from 1.")]
Quantity = Annotated[
    int | float | str,
    Meta(
        description="A number, or a decimal as text; at most three decimals.",
        extra_json_schema={
            "anyOf": [
                {"type": "number", "exclusiveMinimum": 0, "maximum": 1_000_000},
                {"type": "string", "pattern": r"^[0-9]{1,7}(\.[0-9]{1,3})?$"},
            ]
        },
    ),
]
Extra = Annotated[
    dict[str, Any], Meta(description="Whatever else the till knows; kept with the sale as it is given.")
]


class Given(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a request."""


class Customer(Given, frozen=True, kw_only=True):
    """Who it is, by whatever the till knows."""

    phone: Annotated[str, Meta(min_length=1, max_length=40)] | None = None
    card_no: Code | None = None
    member_no: Code | None = None
    unionid: Code | None = None
    openid: Code | None = None
    email: Code | None = None


class QuoteLine(Given, frozen=True, kw_only=True):
    """`amount` is what the line costs before coupons and points, after the till's own `discount`."""

    sku: Code
    quantity: Quantity
    amount: Money
    discount: Money = 0
    line_key: Code | None = None
    name: Text = ""
    tax: Money = 0


class Lock(Given, frozen=True, kw_only=True):
    """Keep the coupons for this order for so long."""

    order_key: OrderKey
    minutes: Annotated[int, Meta(ge=1, le=60)] = 10


class Quote(Given, frozen=True, kw_only=True):
    """`coupons` are codes the customer wants to use; none: the best legal combination of his is proposed."""

    store: Code
    at: Instant
    lines: Annotated[list[QuoteLine], Meta(min_length=1, max_length=1000)]
    customer: Customer | None = None
    channel: Text = ""
    coupons: Annotated[list[Code], Meta(max_length=50)] = []
    points: Points = 0
    lock: Lock | None = None


class SaleLine(Given, frozen=True, kw_only=True):
    """`amount` is what was paid for the line, after all of `discount`, of which coupons gave `coupon_discount`."""

    sku: Code
    quantity: Quantity
    amount: Money
    discount: Money = 0
    coupon_discount: Money = 0
    line_key: Code | None = None
    name: Text = ""
    tax: Money = 0


class Tender(Given, frozen=True, kw_only=True):
    """How it was paid: cash, wechat, alipay, card, voucher, points … With `points`, how many of them."""

    kind: Annotated[str, Meta(min_length=1, max_length=40)]
    amount: Money
    points: Points = 0
    reference: Text = ""


class CouponUse(Given, frozen=True, kw_only=True):
    code: Code
    amount: Money


class Voucher(Given, frozen=True, kw_only=True):
    """Sold on a platform and verified here: the sale is that order, not a second one.

    `source` is the platform's name, as its API key or its import has it, and `code` the number its order came under there.
    Which of the two comes first does not matter. One that was verified or refunded before is refused, or shown when offline.
    """

    code: Code
    source: Code


class Sale(Given, frozen=True, kw_only=True):
    """`amount` is the till's total, checked against lines and tenders. `offline`: it has happened, and is a report."""

    order_key: OrderKey
    store: Code
    at: Instant
    lines: Annotated[list[SaleLine], Meta(min_length=1, max_length=1000)]
    customer: Customer | None = None
    tenders: Annotated[list[Tender], Meta(max_length=50)] = []
    coupons: Annotated[list[CouponUse], Meta(max_length=50)] = []
    amount: Money | None = None
    channel: Text = ""
    staff: Text = ""
    offline: bool = False
    vouchers: Annotated[list[Voucher], Meta(max_length=50)] = []
    extra: Extra = {}


class BulkSale(Sale, frozen=True, kw_only=True):
    """A line of NDJSON. `key` is what Idempotency-Key is to a single sale."""

    key: Key


Condition = Annotated[
    Literal["sellable", "damaged", "not_returned"],
    Meta(
        description="Of the goods: back onto the shelf, back but not to be sold, or not back at all (money only)."
    ),
]


class RefundLine(Given, frozen=True, kw_only=True):
    """A line of the order by `line_key` or `line_no`, and how much of it; neither quantity nor amount: all that is left.

    An offline refund that comes before its order has to say `sku`, `quantity` and `amount` itself.
    """

    line_key: Code | None = None
    line_no: LineNo | None = None
    sku: Code | None = None
    quantity: Quantity | None = None
    amount: Money | None = None
    condition: Condition | None = None


class Refund(Given, frozen=True, kw_only=True):
    """No lines and no `amount`: all that is left of the order. `amount` alone: so much money, the goods stay.

    `condition` holds for every line that has none of its own. `store`: where it comes back, if not where it was sold; the key
    has to speak for both, or `sold_at` names the store that sold it and the brand's rule of refunds allows it: by default at
    the stores of the same owner.
    """

    at: Instant
    store: Code | None = None
    sold_at: Code | None = None
    lines: Annotated[list[RefundLine], Meta(max_length=1000)] = []
    amount: Money | None = None
    refund_key: Annotated[str, Meta(max_length=100)] = ""
    condition: Condition = "sellable"
    offline: bool = False
    extra: Extra = {}


class Exchange(Given, frozen=True, kw_only=True):
    """Goods back and goods out: both or neither."""

    at: Instant
    returned: Annotated[list[RefundLine], Meta(min_length=1, max_length=1000)]
    sale: Sale


class Void(Given, frozen=True, kw_only=True):
    """Take the whole order back as if it had never been."""

    at: Instant


class ReceiptClaim(Given, frozen=True, kw_only=True):
    """A sale of nobody becomes this customer's. `bind_code` is what its receipt shows."""

    bind_code: Annotated[str, Meta(min_length=1, max_length=40)]
    customer: Customer
    at: Instant


class Claim(Given, frozen=True, kw_only=True):
    """`customer_id` is what the look-up answers; any id of a merged customer will do."""

    customer_id: CustomerId


class Visit(Given, frozen=True, kw_only=True):
    """Somebody who left without buying. `reason` is a code the head office has made: price, taste, out_of_stock, comparing,
    just_looking … A customer who is not known is nobody: no record is made of him."""

    store: Code
    at: Instant
    reason: Annotated[str, Meta(min_length=1, max_length=40)]
    products: Annotated[list[Code], Meta(max_length=20)] = []
    customer: Customer | None = None
    staff: Text = ""
    note: Text = ""


class ReserveLine(Given, frozen=True, kw_only=True):
    """So much of a product."""

    sku: Code
    quantity: Quantity


class Reserve(Given, frozen=True, kw_only=True):
    """`store` sells; the goods lie at `from_store`, or at its own. After `minutes` without a sale they are free again."""

    order_key: OrderKey
    store: Code
    lines: Annotated[list[ReserveLine], Meta(min_length=1, max_length=200)]
    from_store: Code | None = None
    minutes: Annotated[int, Meta(ge=1, le=14 * 24 * 60)] = 30


class Transfer(Given, frozen=True, kw_only=True):
    """From whose hands the coupon goes into whose. Both are what the look-up answers."""

    from_customer_id: CustomerId
    to_customer_id: CustomerId


SomePoints = Annotated[int, Meta(ge=1, le=10**12)]


class PointsExchange(Given, frozen=True, kw_only=True):
    """`out`: so many of our points become the partner's. `in`: so many of the partner's become ours."""

    partner: Code
    way: Literal["out", "in"]
    points: SomePoints


class PartnerPoints(Given, frozen=True, kw_only=True):
    """So many of the partner's points are this customer's, beside those he has."""

    customer_id: CustomerId
    points: SomePoints
