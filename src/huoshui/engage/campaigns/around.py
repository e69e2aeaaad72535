"""What other rooms know of a sale's surroundings, in the shape the rules take. One query each, for any number."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from huoshui.brand import api as brand
from huoshui.core.actor import SYSTEM
from huoshui.engage.campaigns.types import Place, Product, Tier
from huoshui.engage.loyalty import api as loyalty
from huoshui.people import api as people


def products_of(sku_ids: Collection[int]) -> Mapping[int, Product]:
    names = brand.product_names(sorted(sku_ids)) if sku_ids else {}
    listed = (
        {p.code: p for p in brand.products_of(sorted({code for code, _ in names.values()}))} if names else {}
    )
    out = {}
    for sku_id, (code, _) in names.items():
        product = listed[code]
        path = tuple(part for part in product.category.split(" / ") if part)
        out[sku_id] = Product(code, path, product.brand)
    return out


def places_of(org_unit_ids: Collection[int]) -> Mapping[int, Place]:
    """`brand` does not tell, row by row, what lies above a store: it stands for itself, and has no dealer we know of."""
    return {unit: Place((unit,), None) for unit in org_unit_ids}


def tiers_of(person_ids: Sequence[int]) -> Mapping[int, Tier]:
    """Of canonical persons, as their cards say: those who have a tier."""
    ranks = {name: rank for rank, name in enumerate(loyalty.tier_names())} if person_ids else {}
    cards = people.cards_for(SYSTEM, person_ids) if person_ids else []
    return {c.person_id: Tier(ranks[c.tier], c.tier) for c in cards if c.tier in ranks}
