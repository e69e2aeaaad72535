"""The one door of the room: who we are, what we sell."""

from __future__ import annotations

from huoshui.brand.catalog import reads as _catalog
from huoshui.brand.catalog.actions import Named, find_or_add_skus, find_skus, upsert_products
from huoshui.brand.catalog.reads import (
    Product,
    ProductCounts,
    product_categories,
    product_counts,
    product_names,
    products_of,
    products_table,
    search_products,
    top_categories,
)
from huoshui.brand.org import reads as _org
from huoshui.brand.org.actions import ensure_headquarters, unit_ids, upsert_stores
from huoshui.brand.org.reads import Branch, branches_of, find_units, unit_codes, unit_names
from huoshui.brand.org.reads import units_table as org_units_table
from huoshui.brand.staff.actions import ensure_login
from huoshui.brand.staff.reads import actor_of

__all__ = [
    "Branch",
    "Named",
    "Product",
    "ProductCounts",
    "actor_of",
    "branches_of",
    "catalog_version",
    "ensure_headquarters",
    "ensure_login",
    "find_or_add_skus",
    "find_skus",
    "find_units",
    "org_units_table",
    "product_categories",
    "product_counts",
    "product_names",
    "products_of",
    "products_table",
    "search_products",
    "top_categories",
    "unit_codes",
    "unit_ids",
    "unit_names",
    "upsert_products",
    "upsert_stores",
]


def catalog_version() -> str:
    """Changes whenever a product or an org unit does."""
    return f"{_catalog.version()}|{_org.version()}"
