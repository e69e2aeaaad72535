"""What lies where, shown to those who may see it, with the names people know."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from huoshui.brand.catalog.reads import product_names, search_products
from huoshui.brand.org.reads import unit_codes
from huoshui.brand.stock.tree import the_tree
from huoshui.brand.stock.types import (
    DocumentItem,
    DocumentView,
    ShortItem,
    StockItem,
    TransferItem,
    TransferView,
)
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger.goods_documents import DISPATCH, Document, Said
from huoshui.core.ledger.goods_reads import NEWEST, GoodsTransfer, Movement, PolicyRow
from huoshui.core.unmet import Unmet

_FOUND = 200  # products that one search looks at


def stock_list(
    actor: Actor, org_unit_id: int, *, text: str = "", after_sku_id: int = 0, limit: int = 50
) -> list[StockItem]:
    """A page of a store's goods; `text` is in their code, name or barcode."""
    the_tree().must_see(actor, org_unit_id)
    found = [p.id for p in search_products(text, limit=_FOUND)] if text else None
    rows = ledger.goods_at(org_unit_id, sku_ids=found, after_sku_id=after_sku_id, limit=limit)
    names = product_names([row.sku_id for row in rows])
    return [
        StockItem(
            sku_id=row.sku_id,
            code=names.get(row.sku_id, ("", ""))[0],
            name=names.get(row.sku_id, ("", ""))[1],
            on_hand_milli=row.on_hand_milli,
            reserved_milli=row.reserved_milli,
            shortage_milli=row.shortage_milli,
            in_transit_milli=row.in_transit_milli,
            is_strict=row.is_strict,
            counted_at=row.counted_at,
        )
        for row in rows
    ]


def stock_movements(
    actor: Actor, org_unit_id: int, sku_id: int, *, before: int = NEWEST, limit: int = 50
) -> list[Movement]:
    """A page of what moved a product at a store, newest first; `before` is the fact id where the last page ended."""
    the_tree().must_see(actor, org_unit_id)
    return ledger.goods_movements(org_unit_id, sku_id, before=before, limit=limit)


def stock_policies(actor: Actor, org_unit_id: int) -> list[PolicyRow]:
    the_tree().must_see(actor, org_unit_id)
    return ledger.goods_policies(org_unit_id)


def stock_shortages(actor: Actor, *, after: tuple[int, int] = (0, 0), limit: int = 50) -> list[ShortItem]:
    """A page of what was sold without having been there, at all the actor's units; `after`: the last (unit, product)."""
    tree = the_tree()
    visible = tree.visible(actor)
    rows = ledger.goods_shortages(None if visible is None else sorted(visible), after=after, limit=limit)
    names = product_names([row.sku_id for row in rows])
    units = tree.units
    return [
        ShortItem(
            org_unit_id=row.org_unit_id,
            org_unit_name=units[row.org_unit_id].name if row.org_unit_id in units else "",
            sku_id=row.sku_id,
            code=names.get(row.sku_id, ("", ""))[0],
            name=names.get(row.sku_id, ("", ""))[1],
            missing_milli=row.missing_milli,
            is_strict=row.is_strict,
        )
        for row in rows
    ]


def stock_transfers(
    actor: Actor, *, is_open: bool = False, before: int = NEWEST, limit: int = 50
) -> list[GoodsTransfer]:
    """A page of transfers from or to the actor's units; `is_open`: those still on their way."""
    visible = the_tree().visible(actor)
    units = None if visible is None else sorted(visible)
    return ledger.goods_transfers(units, is_open=is_open, before=before, limit=limit)


def stock_transfer(actor: Actor, sent_fact_id: int) -> TransferView:
    """One transfer with what came of it, for either end."""
    tree = the_tree()
    sent = ledger.goods_document(sent_fact_id)
    other = sent.other_org_unit_id
    if sent.kind != DISPATCH or other is None:
        raise NotFound
    if not (tree.sees(actor, sent.org_unit_id) or tree.sees(actor, other)):
        raise NotFound
    (head,) = ledger.goods_transfers([sent.org_unit_id], before=sent_fact_id + 1, limit=1)
    lines = ledger.transfer_lines(sent_fact_id)
    names = product_names([line.sku_id for line in lines])
    items = tuple(
        TransferItem(s.sku_id, *names.get(s.sku_id, ("", "")), *s[1:], s.difference_milli) for s in lines
    )
    return TransferView(head, tree.units[sent.org_unit_id].name, tree.units[other].name, items)


def stock_document(actor: Actor, fact_id: int) -> tuple[Document, list[Said]]:
    """A document and its lines, for whoever sees one of the units it names."""
    tree, found = the_tree(), ledger.goods_document(fact_id)
    units = [u for u in (found.org_unit_id, found.other_org_unit_id) if u is not None]
    if not any(tree.sees(actor, unit) for unit in units):
        raise NotFound
    return found, ledger.goods_document_lines(fact_id)


def stock_documents(
    actor: Actor,
    *,
    org_unit_id: int | None = None,
    kinds: Sequence[str] | None = None,
    is_open: bool = False,
    before: int = NEWEST,
    limit: int = 50,
) -> list[DocumentView]:
    """A page of the documents of one unit, or of all that are the actor's, newest first, each with its lines. NotFound for a
    unit that is not his; `is_open`: goods on their way."""
    tree = the_tree()
    if org_unit_id is not None:
        tree.must_see(actor, org_unit_id)
    visible = tree.visible(actor) if org_unit_id is None else {org_unit_id}
    units = None if visible is None else sorted(visible)
    heads = ledger.goods_documents(units, kinds=kinds, is_open=is_open, before=before, limit=limit)
    lines: dict[int, list[DocumentItem]] = defaultdict(list)
    said = ledger.document_lines([head.fact_id for head in heads])
    names = product_names(sorted({line.sku_id for line in said}))
    for line in said:
        item = DocumentItem(line.sku_id, *names.get(line.sku_id, ("", "")), *line[2:])
        lines[line.fact_id].append(item)
    codes = unit_codes(
        sorted({u for h in heads for u in (h.org_unit_id, h.other_org_unit_id) if u is not None})
    )
    return [
        DocumentView(
            head,
            codes.get(head.org_unit_id, ""),
            tree.name(head.org_unit_id),
            codes.get(head.other_org_unit_id or 0, ""),
            tree.name(head.other_org_unit_id),
            tuple(lines[head.fact_id]),
        )
        for head in heads
    ]


def name_goods(unmet: Sequence[Unmet]) -> list[Unmet]:
    """The same, with products told by name and code where the ledger only knows their ids."""
    ids = [u.detail["sku"] for u in unmet if isinstance(u.detail.get("sku"), int)]
    if not ids:
        return list(unmet)
    names = product_names(ids)
    return [_named(u, names) for u in unmet]


def _named(unmet: Unmet, names: dict[int, tuple[str, str]]) -> Unmet:
    found = names.get(unmet.detail.get("sku", 0))
    if found is None:
        return unmet
    code, name = found
    told = name or code
    return replace(unmet, detail={**unmet.detail, "sku": told, "sku_code": code})
