"""The ledger: post movements, read balances, audit the books."""

from __future__ import annotations

from huoshui.core.ledger.actions import post
from huoshui.core.ledger.goods import fold_goods, move_goods, refold_goods, set_policy
from huoshui.core.ledger.goods_types import GoodsPosted
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
    "GoodsPosted",
    "audit_stock",
    "audit_units",
    "balances",
    "buckets_given",
    "explained",
    "fold_goods",
    "move_goods",
    "post",
    "refold_goods",
    "set_policy",
    "stock_of",
    "transfers_of",
]
