"""Dealers as firms: who they are, what they bought of the brand, paid and hold."""

from __future__ import annotations

from huoshui.trade.dealers.actions import record_payments, record_purchases, record_stock, upsert_dealers
from huoshui.trade.dealers.reads import dealers_for, sell_in_for, stock_for
from huoshui.trade.dealers.types import Dealer, Held, SellIn

__all__ = [
    "Dealer",
    "Held",
    "SellIn",
    "dealers_for",
    "record_payments",
    "record_purchases",
    "record_stock",
    "sell_in_for",
    "stock_for",
    "upsert_dealers",
]
