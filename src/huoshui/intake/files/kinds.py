"""The kinds of table there are, and where each one's rows go. Their fields are in catalogue/*.toml."""

from __future__ import annotations

from typing import Final, Literal

Way = Literal["orders", "people", "list", "events", "figures"]
"""orders: grouped, through the river. people: facts about persons. list: what a room keeps, row by row. events: facts
with a time and a body. figures: numbers of a subject, a metric and a period."""

PAYMENT_MADE: Final = "Payment Made"
PAYMENT_REFUNDED: Final = "Payment Refunded"
PAYMENT_CANCELLED: Final = "Payment Cancelled"
COUPON_RECEIVED: Final = "Coupon Received"
COUPON_USED: Final = "Coupon Used"
VISITORS_COUNTED: Final = "Visitors Counted"

WAYS: Final[dict[str, Way]] = {
    "sales": "orders",
    "people": "people",
    "products": "list",
    "stores": "list",
    "staff": "list",
    "dealers": "list",
    "stock": "list",
    "dealer_purchases": "list",
    "dealer_payments": "list",
    "dealer_stock": "list",
    "survey": "people",
    "coupons": "events",
    "bills": "events",
    "footfall": "events",
    "targets": "figures",
    "market": "figures",
    "promotion": "figures",
    "groups": "figures",
    "campaigns": "list",
}
KINDS: Final = tuple(WAYS)
"""In the order in which they are tried: of two that fit alike, the first."""
