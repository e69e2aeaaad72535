"""What other rooms know of a sale's surroundings, in the shape the rules take. One query each, for any number."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from huoshui.brand import api as brand
from huoshui.engage.campaigns.types import Place, Product, Tier
from huoshui.engage.loyalty import api as loyalty


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
    """Of every unit asked for; one that `brand` does not know stands for itself."""
    known = brand.branches_of(sorted(org_unit_ids)) if org_unit_ids else {}
    alone = {unit: Place((unit,), None) for unit in org_unit_ids}
    return alone | {unit: Place(branch.path, branch.dealer_id) for unit, branch in known.items()}


def tiers_of(person_ids: Sequence[int]) -> Mapping[int, Tier]:
    """Of any ids; whoever is known has at least the lowest."""
    found = loyalty.tiers_of(person_ids) if person_ids else {}
    return {person_id: Tier(tier.rank, tier.name) for person_id, tier in found.items()}
