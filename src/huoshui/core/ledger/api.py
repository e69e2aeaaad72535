"""The ledger: post movements, read balances, audit the books."""

from __future__ import annotations

from huoshui.core.ledger.actions import fold_goods, post, refold_goods
from huoshui.core.ledger.reads import (
    audit_stock,
    audit_units,
    balances,
    buckets_given,
    explained,
    stock_of,
    transfers_of,
)

__all__ = [
    "audit_stock",
    "audit_units",
    "balances",
    "buckets_given",
    "explained",
    "fold_goods",
    "post",
    "refold_goods",
    "stock_of",
    "transfers_of",
]
