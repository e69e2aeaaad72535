"""Goods of other shelves: who shares what, what may be promised, and selling here what lies there."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from huoshui.brand.catalog.models import Sku
from huoshui.brand.org.models import OrgUnit
from huoshui.brand.stock import rules
from huoshui.brand.stock.models import Share
from huoshui.brand.stock.tree import Tree, the_tree
from huoshui.brand.stock.types import (
    SAME_OWNER,
    SHARED,
    WAREHOUSE,
    Offer,
    Product,
    Promise,
    SharedGoods,
    Terms,
)
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger.types import PAYABLE, IfShort, Movement, Party

_SET = ("sku_id", "category", "kept_milli", "transfer_price", "price_permille", "is_open")

SHARED_STOCK = "shared_stock"
"""Reason of what a seller owes for goods of another's shelf."""
SHARED_BACK = "shared_back"
"""Reason of what is owed no more since those goods came back."""


def share_stock(
    *,
    org_unit_id: int,
    sku_id: int | None = None,
    category: str = "",
    kept_milli: int = 0,
    transfer_price: int | None = None,
    price_permille: int | None = None,
    is_open: bool = True,
    actor: Actor,
) -> None:
    """Let others sell what lies at this unit and below it, at a price, but for `kept_milli` of each product at each shelf.

    Of one product, one category, or all goods. `is_open` False: not these, whatever is set more widely.
    """
    the_tree().must_see(actor, org_unit_id)
    if sku_id is not None and category:
        raise Refused("共享库存只能按商品或按品类设置，不能同时填两样。")
    if is_open and (transfer_price is None) == (price_permille is None):
        raise Refused("请填调拨价，或者吊牌价的千分比，两样填一样。")
    if kept_milli < 0 or (transfer_price or 0) < 0 or not 0 <= (price_permille or 0) <= 1000:
        raise Refused("保留件数和价格不能是负数，千分比不能超过 1000。")
    terms = {
        "kept_milli": kept_milli,
        "transfer_price": transfer_price if is_open else None,
        "price_permille": price_permille if is_open else None,
        "is_open": is_open,
    }
    with transaction.atomic():
        Share.objects.update_or_create(
            org_unit_id=org_unit_id, sku_id=sku_id or 0, category=category, defaults=terms
        )
        record(actor, "stock.shared", "org_unit", org_unit_id, sku_id=sku_id, category=category, **terms)


def unshare_stock(*, org_unit_id: int, sku_id: int | None = None, category: str = "", actor: Actor) -> None:
    """Take back what was set; what is kept for orders already stays kept."""
    the_tree().must_see(actor, org_unit_id)
    with transaction.atomic():
        Share.objects.filter(org_unit_id=org_unit_id, sku_id=sku_id or 0, category=category).delete()
        record(actor, "stock.unshared", "org_unit", org_unit_id, sku_id=sku_id, category=category)


def shared_by(actor: Actor, org_unit_id: int) -> list[SharedGoods]:
    """What is set at a unit, product by product, then categories, then all goods."""
    the_tree().must_see(actor, org_unit_id)
    rows = Share.objects.filter(org_unit_id=org_unit_id).order_by("-sku_id", "-category").values_list(*_SET)
    return [SharedGoods(row[0] or None, *row[1:]) for row in rows]


def available_to_promise(sku_ids: Sequence[int], org_unit_id: int, *, actor: Actor) -> dict[int, Promise]:
    """What this unit may promise of each product: on hand and not kept, here and on the shelves others share."""
    tree = the_tree()
    tree.must_see(actor, org_unit_id)
    own = {shelf.sku_id: shelf for shelf in ledger.goods_places(sku_ids, [org_unit_id])}
    offers = _offers(tree, org_unit_id, sku_ids, {})
    return {sku_id: rules.promise(own.get(sku_id), offers[sku_id]) for sku_id in sku_ids}


def offer_elsewhere(org_unit_id: int, sku_id: int, quantity_milli: int, *, actor: Actor) -> list[Offer]:
    """Other shelves that have the product, the best first."""
    tree = the_tree()
    tree.must_see(actor, org_unit_id)
    return rules.in_order(_offers(tree, org_unit_id, [sku_id], {sku_id: quantity_milli})[sku_id])


def reserve_stock(
    *,
    order_key: str,
    lines: Sequence[ledger.GoodsLine],
    org_unit_id: int,
    until: datetime,
    actor: Actor,
    source_id: int = ledger.ANY_SOURCE,
    from_org_unit_id: int | None = None,
) -> None:
    """Keep these goods for an order of this source that `org_unit_id` sells, on its own shelf or on another that shares them.

    All or none: StockShort. An order has one seller: KeyTaken for another. NotFound where the other shelf does not share
    them, as if it had none.
    """
    tree = the_tree()
    tree.must_see(actor, org_unit_id)
    shelf = org_unit_id if from_org_unit_id is None else from_org_unit_id
    if shelf not in tree.units:
        raise NotFound
    terms = _terms_at(tree, shelf, org_unit_id, [line.sku_id for line in lines])
    if any(found is None for found in terms.values()):
        raise NotFound
    if any(r.seller_org_unit_id != org_unit_id for r in ledger.reservations_of(order_key, source_id)):
        raise ledger.KeyTaken(order_key)
    ledger.reserve_goods(
        order_key=order_key,
        source_id=source_id,
        org_unit_id=shelf,
        lines=lines,
        until=until,
        seller_org_unit_id=org_unit_id,
        prices={sku_id: t.price for sku_id, t in terms.items() if t and t.price is not None},
        spare={sku_id: t.kept_milli for sku_id, t in terms.items() if t},
        actor=actor,
    )


def kept_for(order_key: str, *, actor: Actor, source_id: int = ledger.ANY_SOURCE) -> list[ledger.Reservation]:
    """What was ever kept for the order. NotFound where that is nothing, or others' to see."""
    _must_see_order(order_key, source_id, actor)
    return ledger.reservations_of(order_key, source_id)


def release_stock(*, order_key: str, actor: Actor, source_id: int = ledger.ANY_SOURCE) -> int:
    """Let go what is kept for the order. Returns how many lines were."""
    _must_see_order(order_key, source_id, actor)
    return ledger.release_goods(order_key=order_key, source_id=source_id, actor=actor)


def fulfil_stock(
    *, order_key: str, actor: Actor, source_id: int = ledger.ANY_SOURCE, is_sold: bool = False
) -> list[ledger.HandedOver]:
    """Bring here what other shelves keep for the order: their goods change hands, and their owners are owed their price.

    They stay kept for the order until its sale, unless it has been told already (`is_sold`). StockShort where a
    shelf has them no more. The same again changes nothing.
    """
    _must_see_order(order_key, source_id, actor)
    tree = the_tree()
    with transaction.atomic():
        handed = ledger.fulfil_goods(order_key=order_key, source_id=source_id, actor=actor, is_sold=is_sold)
        ledger.post([_owed(tree, one) for one in handed if one.amount])
    return handed


def take_home_stock(fact_ids: Collection[int]) -> list[Movement]:
    """The river's part after goods have moved: what customers brought back of others' goods goes back to its owners, and what
    was owed for it is undone, to be posted with all else."""
    handed = ledger.take_home(fact_ids)
    if not handed:
        return []
    tree = the_tree()
    return [_undone(tree, one) for one in handed if one.amount]


def _undone(tree: Tree, back: ledger.HandedBack) -> Movement:
    """The other way round of `_owed`; an amount below zero is owed again."""
    giver, seller = (_party(tree, tree.owner(unit)) for unit in (back.org_unit_id, back.seller_org_unit_id))
    ends = (giver, seller) if back.amount > 0 else (seller, giver)
    return Movement(
        PAYABLE,
        *ends,
        abs(back.amount),
        back.fact_id,
        SHARED_BACK,
        if_short=IfShort.DEBT,
        repays=True,
    )


def _owed(tree: Tree, handed: ledger.HandedOver) -> Movement:
    """Who sold owes who gave: what he has coming goes first, the rest is a debt that his next earnings repay."""
    seller, giver = tree.owner(handed.seller_org_unit_id), tree.owner(handed.org_unit_id)
    ends = _party(tree, seller), _party(tree, giver)
    return Movement(
        PAYABLE, *ends, handed.amount, handed.fact_id, SHARED_STOCK, if_short=IfShort.DEBT, repays=True
    )


def _party(tree: Tree, owner_id: int) -> Party:
    is_dealer = tree.units[owner_id].kind == OrgUnit.DEALER
    return Party("dealer" if is_dealer else "org_unit", owner_id)


def _must_see_order(order_key: str, source_id: int, actor: Actor) -> None:
    """Whoever sells it or gives it may; an order that nothing is kept for is not there."""
    tree, kept = the_tree(), ledger.reservations_of(order_key, source_id)
    is_seen = [tree.sees(actor, r.org_unit_id) or tree.sees(actor, r.seller_org_unit_id) for r in kept]
    if not is_seen or not all(is_seen):
        raise NotFound


def _offers(
    tree: Tree, seller: int, sku_ids: Sequence[int], wanted: Mapping[int, int]
) -> dict[int, list[Offer]]:
    """Every shelf that may give something, by product."""
    shares, products = _shares(sku_ids), _products(sku_ids)
    owner, sharing = tree.owner(seller), {unit for unit, _, _ in shares}
    units = [
        unit
        for unit in tree.units
        if unit != seller and (tree.owner(unit) == owner or sharing.intersection(tree.path(unit)))
    ]
    offers: dict[int, list[Offer]] = {sku_id: [] for sku_id in sku_ids}
    for shelf in ledger.goods_places(sku_ids, units):
        unit = shelf.org_unit_id
        found = _terms(tree, unit, owner, products[shelf.sku_id], shares)
        if found and (available := rules.free(shelf, found.kept_milli)):
            has_all = available >= wanted.get(shelf.sku_id, 1)
            kind = _kind(tree, unit, owner)
            told = Offer(unit, tree.units[unit].name, tree.owner(unit), kind, available, found.price, has_all)
            offers[shelf.sku_id].append(told)
    return offers


def _kind(tree: Tree, unit: int, owner: int) -> str:
    if tree.owner(unit) != owner:
        return SHARED
    return WAREHOUSE if tree.is_warehouse(unit) else SAME_OWNER


def _terms(
    tree: Tree, unit: int, owner: int, product: Product, shares: Mapping[rules.ShareKey, rules.ShareRow]
) -> Terms | None:
    if tree.owner(unit) == owner:
        return Terms(0, None)
    return rules.terms(tree.path(unit), product, shares)


def _terms_at(tree: Tree, shelf: int, seller: int, sku_ids: Sequence[int]) -> dict[int, Terms | None]:
    shares, products = _shares(sku_ids), _products(sku_ids)
    return {s: _terms(tree, shelf, tree.owner(seller), products[s], shares) for s in sku_ids}


def _shares(sku_ids: Iterable[int]) -> dict[rules.ShareKey, rules.ShareRow]:
    rows = Share.objects.filter(sku_id__in=[0, *sku_ids]).values_list(
        "org_unit_id", "sku_id", "category", "kept_milli", "transfer_price", "price_permille", "is_open"
    )
    return {row[:3]: rules.ShareRow(*row[3:]) for row in rows}


def _products(sku_ids: Sequence[int]) -> dict[int, Product]:
    rows = Sku.objects.filter(id__in=list(sku_ids)).values_list(
        "id", "list_price", "category_4", "category_3", "category_2", "category_1"
    )
    known = {row[0]: Product(row[0], row[1], tuple(name for name in row[2:] if name)) for row in rows}
    if set(sku_ids) - known.keys():
        raise NotFound
    return known
