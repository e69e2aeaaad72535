"""Orders and their present state."""

from __future__ import annotations

from huoshui.trade.sales.actions import record
from huoshui.trade.sales.chain import chain_of
from huoshui.trade.sales.early import early, tenders_back
from huoshui.trade.sales.reads import find_order, order_state, sale_of_fact, sales_of
from huoshui.trade.sales.rules import take_amount, take_line, take_quantity, take_whole
from huoshui.trade.sales.taking import SoldAt, sold_at
from huoshui.trade.sales.types import (
    Back,
    Chain,
    ChainRow,
    LineLeft,
    LineView,
    OrderState,
    Recorded,
    SaleView,
)
from huoshui.trade.sales.undoing import Standing, forget, lock
from huoshui.trade.sales.vouchers import Vouchers, look, take

__all__ = [
    "Back",
    "Chain",
    "ChainRow",
    "LineLeft",
    "LineView",
    "OrderState",
    "Recorded",
    "SaleView",
    "SoldAt",
    "Standing",
    "Vouchers",
    "chain_of",
    "early",
    "find_order",
    "forget",
    "lock",
    "look",
    "order_state",
    "record",
    "sale_of_fact",
    "sales_of",
    "sold_at",
    "take",
    "take_amount",
    "take_line",
    "take_quantity",
    "take_whole",
    "tenders_back",
]
