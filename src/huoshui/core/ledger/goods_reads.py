"""Goods, read: what lies where, what moved it, what is missing. Whom it may be shown to is for the caller to decide."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from huoshui.core import sql
from huoshui.core.ledger.goods_types import Place, Shelf

Q = sql.load("huoshui.core.ledger")

NEWEST = 2**63 - 1


class StockRow(NamedTuple):
    """`on_hand_milli` is what may be counted on the shelf; what reports took beyond it is the shortage."""

    sku_id: int
    on_hand_milli: int
    reserved_milli: int
    shortage_milli: int
    floor_milli: int | None
    in_transit_milli: int
    counted_at: datetime | None

    @property
    def is_strict(self) -> bool:
        return self.floor_milli is not None


class Movement(NamedTuple):
    """A sale (`order_key`) or a document (`kind`, `key`), and what the lines sum to after it, in the order of their arrival."""

    fact_id: int
    moved_milli: int
    balance_milli: int
    name: str
    occurred_at: datetime
    order_key: str | None
    kind: str | None
    key: str | None
    reason: str | None
    actor: str | None


class Shortage(NamedTuple):
    org_unit_id: int
    sku_id: int
    missing_milli: int
    is_strict: bool


class GoodsTransfer(NamedTuple):
    fact_id: int
    key: str
    org_unit_id: int
    to_org_unit_id: int
    sent_at: datetime
    arrival_fact_id: int | None
    arrived_at: datetime | None


class GoodsDocument(NamedTuple):
    """`kind` is a document's own, or 'damaged_return'. `state`: 'booked'; of goods on their way 'on_its_way', and once they
    have come, as of a count, 'matches' or 'differs'. `sent_fact_id`: the transfer it is a half of."""

    fact_id: int
    key: str
    kind: str
    org_unit_id: int
    other_org_unit_id: int | None
    sent_fact_id: int | None
    state: str
    reason: str
    occurred_at: datetime
    actor: str


class DocumentLine(NamedTuple):
    fact_id: int
    sku_id: int
    said_milli: int
    moved_milli: int


class TransferLine(NamedTuple):
    sku_id: int
    sent_milli: int
    arrived_milli: int | None

    @property
    def difference_milli(self) -> int | None:
        """What came less (below zero) or more than was sent; None while it is on its way."""
        return None if self.arrived_milli is None else self.arrived_milli - self.sent_milli


class PolicyRow(NamedTuple):
    """`sku_id` 0 is the whole store."""

    sku_id: int
    policy: str
    floor_milli: int


def goods_at(
    org_unit_id: int, *, sku_ids: Sequence[int] | None = None, after_sku_id: int = 0, limit: int = 50
) -> list[StockRow]:
    """A page of a store's goods in the order of their product ids, or of these products only."""
    return sql.fetch_as(
        StockRow,
        Q.shelves_of,
        org_unit_id=org_unit_id,
        sku_ids=None if sku_ids is None else list(sku_ids),
        after_sku_id=after_sku_id,
        limit=limit,
    )


def goods_movements(
    org_unit_id: int, sku_id: int, *, before: int = NEWEST, limit: int = 50
) -> list[Movement]:
    """A page of what moved a product at a place, below the fact id where the last page ended."""
    return sql.fetch_as(
        Movement, Q.movements_at, org_unit_id=org_unit_id, sku_id=sku_id, before=before, limit=limit
    )


def goods_shortages(
    org_unit_ids: Sequence[int] | None, *, after: Place = (0, 0), limit: int = 50
) -> list[Shortage]:
    """A page of the places of these org units (None: all) that sold more than they had, as of the last folding."""
    return sql.fetch_as(
        Shortage,
        Q.shortages,
        org_unit_ids=None if org_unit_ids is None else list(org_unit_ids),
        after_org_unit_id=after[0],
        after_sku_id=after[1],
        limit=limit,
    )


def goods_places(sku_ids: Sequence[int], org_unit_ids: Sequence[int]) -> list[Shelf]:
    """Where these products lie among these org units; open shelves are exact too."""
    return sql.fetch_as(Shelf, Q.places_of, sku_ids=list(sku_ids), org_unit_ids=list(org_unit_ids))


def goods_transfers(
    org_unit_ids: Sequence[int] | None, *, is_open: bool = False, before: int = NEWEST, limit: int = 50
) -> list[GoodsTransfer]:
    """A page of transfers from or to these org units (None: all); `is_open`: those on their way."""
    return sql.fetch_as(
        GoodsTransfer,
        Q.transfers,
        org_unit_ids=None if org_unit_ids is None else list(org_unit_ids),
        is_open=is_open,
        before=before,
        limit=limit,
    )


def goods_documents(
    org_unit_ids: Sequence[int] | None,
    *,
    kinds: Sequence[str] | None = None,
    is_open: bool = False,
    before: int = NEWEST,
    limit: int = 50,
) -> list[GoodsDocument]:
    """A page of the documents that name these org units (None: all), newest first; `is_open`: goods on their way."""
    return sql.fetch_as(
        GoodsDocument,
        Q.documents,
        org_unit_ids=None if org_unit_ids is None else list(org_unit_ids),
        kinds=None if kinds is None else list(kinds),
        is_open=is_open,
        before=before,
        limit=limit,
    )


def document_lines(fact_ids: Sequence[int]) -> list[DocumentLine]:
    """Of these documents, product by product, at the place each was written for."""
    return sql.fetch_as(DocumentLine, Q.lines_of_documents, fact_ids=list(fact_ids))


def transfer_lines(sent_fact_id: int) -> list[TransferLine]:
    return sql.fetch_as(TransferLine, Q.transfer_lines, sent_fact_id=sent_fact_id)


def goods_policies(org_unit_id: int) -> list[PolicyRow]:
    return sql.fetch_as(PolicyRow, Q.policies_of, org_unit_id=org_unit_id)
