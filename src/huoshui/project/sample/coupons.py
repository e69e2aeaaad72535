"""The rules of The Complete Journey's coupons, as their own numbers state them.

The data names no face value, but a manufacturer's coupon carries it: the number is `5`, five digits of the manufacturer,
three of the product family, two of the value (the Uniform Code Council's coupon code; the check digit is
left out). The leading 5 also says that a retailer may double the coupon. Numbers that begin with 1 are the retailer's own and
state nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

MANUFACTURER = "5"
DOUBLED_UP_TO = 100
"""The retailer matches a coupon below one dollar, up to one dollar in all."""

# Cents off a single piece that do not stand in their own code (30 is 30 cents)
_ONE_PIECE = {
    "61": 1000, "74": 500, "76": 100, "77": 125, "78": 150, "81": 175, "82": 200, "83": 225, "84": 250,
    "86": 275, "87": 300, "88": 325, "91": 350, "92": 375, "93": 400, "96": 450, "03": 110, "04": 135,
    "05": 140, "06": 160, "11": 185, "18": 260, "26": 285,
}  # fmt: skip
_PLAIN = frozenset(
    str(cents)
    for cents in (
        10,
        12,
        15,
        20,
        25,
        29,
        30,
        35,
        39,
        40,
        45,
        49,
        50,
        55,
        59,
        60,
        65,
        69,
        70,
        75,
        79,
        80,
        85,
        89,
        90,
        95,
        99,
    )
)
# Cents off so many pieces
_SEVERAL = {
    "07": (150, 3), "09": (200, 3), "13": (100, 4), "21": (35, 2), "22": (40, 2), "23": (45, 2), "24": (50, 2),
    "28": (55, 2), "31": (60, 2), "32": (75, 2), "33": (100, 2), "34": (125, 2), "36": (150, 2), "37": (25, 3),
    "38": (30, 3), "41": (50, 3), "42": (100, 3), "43": (110, 2), "44": (135, 2), "46": (160, 2), "47": (175, 2),
    "48": (185, 2), "51": (200, 2), "52": (55, 3), "53": (10, 2), "54": (15, 2), "56": (20, 2), "57": (25, 2),
    "58": (30, 2), "98": (65, 2),
}  # fmt: skip
# The last of so many pieces is free
_FREE = {"01": 1, "14": 2, "16": 3, "19": 4, "02": 5}


@dataclass(frozen=True)
class Offer:
    """`amount` cents off, or with none the last of `pieces` pieces free. All pieces must be in the basket."""

    amount: int | None
    pieces: int = 1
    is_matched: bool = True
    """The retailer matches manufacturers' coupons, not his own."""

    @property
    def match(self) -> int:
        """What the retailer adds of his own."""
        amount = self.amount or 0
        return min(amount, DOUBLED_UP_TO - amount) if self.is_matched and amount < DOUBLED_UP_TO else 0


def is_manufacturers(upc: int) -> bool:
    return len(str(upc)) == 11 and str(upc).startswith(MANUFACTURER)


def stated(upc: int) -> Offer | None:
    """What a coupon's number says it gives; None where it leaves that to the cashier or is the retailer's own."""
    if not is_manufacturers(upc):
        return None
    code = str(upc)[-2:]
    if code in _PLAIN:
        return Offer(int(code))
    if code in _ONE_PIECE:
        return Offer(_ONE_PIECE[code])
    if code in _SEVERAL:
        return Offer(*_SEVERAL[code])
    return Offer(None, _FREE[code]) if code in _FREE else None


def rule(offer: Offer, *, skus: Sequence[str], first: date, last: date) -> dict[str, Any]:
    """As `engage.campaigns` reads it."""
    told: dict[str, Any] = {
        "benefit": _benefit(offer),
        "scope": {"include": {"skus": sorted(skus)}},
        "validity": {"first": first.isoformat(), "last": last.isoformat()},
    }
    if offer.pieces > 1:
        told["threshold"] = {"pieces": offer.pieces}
    return told


def match_rule(of: Mapping[str, Any], offer: Offer) -> dict[str, Any]:
    """The retailer's own coupon beside the manufacturer's, on the same goods."""
    return {**of, "benefit": {"kind": "amount_off", "amount": offer.match}}


def _benefit(offer: Offer) -> dict[str, Any]:
    if offer.amount is not None:
        return {"kind": "amount_off", "amount": offer.amount}
    if offer.pieces == 1:
        return {"kind": "fixed_price", "price": 0, "pieces": 1}
    return {"kind": "nth_item", "nth": offer.pieces, "permille": 1000}
