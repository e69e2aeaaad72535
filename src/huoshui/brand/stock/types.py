"""Frozen values of stock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from huoshui.core.ledger.goods_reads import GoodsDocument, GoodsTransfer

WAREHOUSE, SAME_OWNER, SHARED = "warehouse", "same_owner", "shared"


class Product(NamedTuple):
    """What a share may go by. `categories`: from the narrowest."""

    sku_id: int
    list_price: int | None
    categories: tuple[str, ...]


class Terms(NamedTuple):
    """On what terms a shelf's goods may be sold elsewhere. `price` None: nothing is owed, for the owner is the same."""

    kept_milli: int
    price: int | None


class SharedGoods(NamedTuple):
    """One opt-in: of a product, a category, or all goods (neither)."""

    sku_id: int | None
    category: str
    kept_milli: int
    transfer_price: int | None
    price_permille: int | None
    is_open: bool


@dataclass(frozen=True)
class Promise:
    """What an org unit may promise of a product: its own, and what others let it sell."""

    own_milli: int
    shared_milli: int

    @property
    def total_milli(self) -> int:
        return self.own_milli + self.shared_milli


@dataclass(frozen=True)
class Offer:
    """Another shelf that has the product. `kind` is 'warehouse', 'same_owner' or 'shared'; `price` what 1 of it costs us."""

    org_unit_id: int
    org_unit_name: str
    owner_org_unit_id: int
    kind: str
    available_milli: int
    price: int | None
    has_all: bool


@dataclass(frozen=True)
class StockItem:
    """A product at a store. `code` and `name` are '' for one that the product list does not know."""

    sku_id: int
    code: str
    name: str
    on_hand_milli: int
    reserved_milli: int
    shortage_milli: int
    in_transit_milli: int
    is_strict: bool
    counted_at: datetime | None


@dataclass(frozen=True)
class ShortItem:
    org_unit_id: int
    org_unit_name: str
    sku_id: int
    code: str
    name: str
    missing_milli: int
    is_strict: bool


@dataclass(frozen=True)
class DocumentItem:
    sku_id: int
    code: str
    name: str
    said_milli: int
    moved_milli: int


@dataclass(frozen=True)
class DocumentView:
    """A document in the list. Where it came from or went to, and the transfer it is a half of, where it has them."""

    head: GoodsDocument
    store_code: str
    store: str
    other_code: str
    other: str
    lines: tuple[DocumentItem, ...]


@dataclass(frozen=True)
class TransferItem:
    """`arrived_milli` and `difference_milli` are None while it is on its way."""

    sku_id: int
    code: str
    name: str
    sent_milli: int
    arrived_milli: int | None
    difference_milli: int | None


@dataclass(frozen=True)
class TransferView:
    head: GoodsTransfer
    from_name: str
    to_name: str
    lines: tuple[TransferItem, ...]
