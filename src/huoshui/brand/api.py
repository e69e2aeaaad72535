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
from huoshui.brand.org.actions import ensure_headquarters, unit_ids, upsert_branches, upsert_stores
from huoshui.brand.org.house import REFUND_RULES, may_hand_in, refund_rule, set_refund_rule
from huoshui.brand.org.reads import Branch, branches_of, find_units, unit_codes, unit_names
from huoshui.brand.org.reads import units_table as org_units_table
from huoshui.brand.staff.actions import ensure_login, upsert_staff
from huoshui.brand.staff.reads import actor_of, find_staff, staff_left, staff_names
from huoshui.brand.stock.actions import (
    adjust_stock,
    count_stock,
    damage_stock,
    receive_stock,
    send_stock,
    set_stock_policy,
    take_in_stock,
)
from huoshui.brand.stock.reads import (
    name_goods,
    stock_document,
    stock_documents,
    stock_list,
    stock_movements,
    stock_policies,
    stock_shortages,
    stock_transfer,
    stock_transfers,
)
from huoshui.brand.stock.sharing import (
    available_to_promise,
    fulfil_stock,
    kept_for,
    offer_elsewhere,
    release_stock,
    reserve_stock,
    share_stock,
    shared_by,
    take_home_stock,
    unshare_stock,
)
from huoshui.brand.stock.types import DocumentView, Offer, Promise

__all__ = [
    "REFUND_RULES",
    "Branch",
    "DocumentView",
    "Named",
    "Offer",
    "Product",
    "ProductCounts",
    "Promise",
    "actor_of",
    "adjust_stock",
    "available_to_promise",
    "branches_of",
    "catalog_version",
    "count_stock",
    "damage_stock",
    "ensure_headquarters",
    "ensure_login",
    "find_or_add_skus",
    "find_skus",
    "find_staff",
    "find_units",
    "fulfil_stock",
    "kept_for",
    "may_hand_in",
    "name_goods",
    "offer_elsewhere",
    "org_units_table",
    "product_categories",
    "product_counts",
    "product_names",
    "products_of",
    "products_table",
    "receive_stock",
    "refund_rule",
    "release_stock",
    "reserve_stock",
    "search_products",
    "send_stock",
    "set_refund_rule",
    "set_stock_policy",
    "share_stock",
    "shared_by",
    "staff_left",
    "staff_names",
    "stock_document",
    "stock_documents",
    "stock_list",
    "stock_movements",
    "stock_policies",
    "stock_shortages",
    "stock_transfer",
    "stock_transfers",
    "take_home_stock",
    "take_in_stock",
    "top_categories",
    "unit_codes",
    "unit_ids",
    "unit_names",
    "unshare_stock",
    "upsert_branches",
    "upsert_products",
    "upsert_staff",
    "upsert_stores",
]


def catalog_version() -> str:
    """Changes whenever a product or an org unit does."""
    return f"{_catalog.version()}|{_org.version()}"
