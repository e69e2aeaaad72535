"""Orders and their present state."""

from __future__ import annotations

from huoshui.trade.sales.actions import record
from huoshui.trade.sales.chain import chain_of
from huoshui.trade.sales.reads import find_order, sale_of_fact, sales_of
from huoshui.trade.sales.types import Chain, ChainRow, LineView, Recorded, SaleView

__all__ = [
    "Chain",
    "ChainRow",
    "LineView",
    "Recorded",
    "SaleView",
    "chain_of",
    "find_order",
    "record",
    "sale_of_fact",
    "sales_of",
]
