"""Whose goods may be sold where and at what price: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from huoshui.brand.stock.types import SAME_OWNER, SHARED, WAREHOUSE, Offer, Product, Promise, Terms
from huoshui.core.ledger.goods_types import Shelf

ShareKey = tuple[int, int, str]  # org unit, product or 0, category or ''


class ShareRow:
    """One opt-in as set; see models.Share."""

    __slots__ = ("is_open", "kept_milli", "permille", "price")

    def __init__(self, kept_milli: int, price: int | None, permille: int | None, is_open: bool) -> None:
        self.kept_milli = kept_milli
        self.price = price
        self.permille = permille
        self.is_open = is_open


def terms(path: Sequence[int], product: Product, shares: Mapping[ShareKey, ShareRow]) -> Terms | None:
    """The terms of a shelf whose owner ends `path`; None: not shared, or at no known price.

    What is set for the product goes before its category, a narrow category before a wide one, any before all goods; and the
    nearer unit before the one above it.
    """
    kinds = [(product.sku_id, ""), *((0, name) for name in product.categories), (0, "")]
    found = (shares.get((unit, *kind)) for kind in kinds for unit in path)
    row = next((share for share in found if share is not None), None)
    if row is None or not row.is_open:
        return None
    price = row.price
    if price is None and product.list_price is not None and row.permille is not None:
        price = (product.list_price * row.permille + 500) // 1000
    return None if price is None else Terms(row.kept_milli, price)


def free(shelf: Shelf, kept_milli: int = 0) -> int:
    """What is there, kept for nobody and not kept back; what may be oversold is no promise to others."""
    return max(shelf.on_hand_milli - shelf.reserved_milli - kept_milli, 0)


def promise(own: Shelf | None, offers: Iterable[Offer]) -> Promise:
    return Promise(free(own) if own else 0, sum(offer.available_milli for offer in offers))


def in_order(offers: Iterable[Offer]) -> list[Offer]:
    """Our own warehouse, then our own stores, then others by price; of equals, who has all of it and who has most."""
    ranks = {WAREHOUSE: 0, SAME_OWNER: 1, SHARED: 2}
    return sorted(
        offers,
        key=lambda o: (ranks[o.kind], o.price or 0, not o.has_all, -o.available_milli, o.org_unit_id),
    )
