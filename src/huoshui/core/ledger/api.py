"""The ledger: post movements, read balances, audit the books."""

from __future__ import annotations

from huoshui.core.ledger.actions import post
from huoshui.core.ledger.goods import ask_for_goods, fold_goods, move_goods, refold_goods, set_policy
from huoshui.core.ledger.goods_back import HandedBack, take_home
from huoshui.core.ledger.goods_documents import (
    adjust_goods,
    count_goods,
    damage_goods,
    receive_goods,
    send_goods,
    take_in_goods,
)
from huoshui.core.ledger.goods_documents import (
    document as goods_document,
)
from huoshui.core.ledger.goods_documents import (
    lines_of as goods_document_lines,
)
from huoshui.core.ledger.goods_holds import (
    ANY_SOURCE,
    HandedOver,
    Reservation,
    expire_goods,
    fulfil_goods,
    release_goods,
    reservations_of,
    reserve_goods,
)
from huoshui.core.ledger.goods_reads import (
    document_lines,
    goods_at,
    goods_documents,
    goods_movements,
    goods_places,
    goods_policies,
    goods_shortages,
    goods_transfers,
    transfer_lines,
)
from huoshui.core.ledger.goods_types import GoodsLine, GoodsPosted, KeyTaken, StockShort
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
    "ANY_SOURCE",
    "GoodsLine",
    "GoodsPosted",
    "HandedBack",
    "HandedOver",
    "KeyTaken",
    "Reservation",
    "StockShort",
    "adjust_goods",
    "ask_for_goods",
    "audit_stock",
    "audit_units",
    "balances",
    "buckets_given",
    "count_goods",
    "damage_goods",
    "document_lines",
    "expire_goods",
    "explained",
    "fold_goods",
    "fulfil_goods",
    "goods_at",
    "goods_document",
    "goods_document_lines",
    "goods_documents",
    "goods_movements",
    "goods_places",
    "goods_policies",
    "goods_shortages",
    "goods_transfers",
    "move_goods",
    "post",
    "receive_goods",
    "refold_goods",
    "release_goods",
    "reservations_of",
    "reserve_goods",
    "send_goods",
    "set_policy",
    "stock_of",
    "take_home",
    "take_in_goods",
    "transfer_lines",
    "transfers_of",
]
