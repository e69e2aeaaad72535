"""Frozen values of dealers. Money in minor units, quantities in thousandths."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple


class Dealer(NamedTuple):
    id: int
    code: str
    name: str
    org_unit_id: int | None
    region: str
    level: str
    contact: str
    phone_tail4: str | None
    city: str
    contract_from: date | None
    contract_to: date | None


class SellIn(NamedTuple):
    """A dealer's purchases and payments in a span, and what it owed at the span's end."""

    dealer_id: int
    code: str
    name: str
    bought: int
    quantity_milli: int
    paid: int
    owed: int


class Held(NamedTuple):
    """What a dealer last said it holds of a product."""

    sku_id: int
    day: date
    quantity_milli: int
    amount: int | None
