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
from huoshui.brand.org.history import moves_ahead, owners_on, places_of, recent_moves
from huoshui.brand.org.house import (
    REFUND_RULES,
    may_hand_in,
    refund_rule,
    rush_hours,
    set_refund_rule,
    set_rush_hours,
)
from huoshui.brand.org.moves import call_off_move, move_unit
from huoshui.brand.org.reads import (
    Branch,
    branches_of,
    find_units,
    unit_codes,
    unit_kinds,
    unit_names,
    units_below,
)
from huoshui.brand.org.reads import units_table as org_units_table
from huoshui.brand.org.rules import may_move
from huoshui.brand.org.types import Moved, Owners, Place, Planned
from huoshui.brand.staff import phone_codes, second_factor, sessions
from huoshui.brand.staff.actions import ensure_login, upsert_staff
from huoshui.brand.staff.members import actings, may_give_at, may_manage, may_see_staff, member_of, staff_list
from huoshui.brand.staff.placing import (
    act_for,
    add_member,
    dealers_to_act_for,
    end_seat,
    leave,
    may_place,
    open_login,
    place_staff,
    stop_acting,
)
from huoshui.brand.staff.reads import (
    Hands,
    Placed,
    actor_of,
    actor_of_staff,
    find_staff,
    hands_at,
    seats_of,
    staff_at,
    staff_left,
    staff_names,
)
from huoshui.brand.staff.types import Acting, Deed, Member, Seat
from huoshui.brand.staff.wecom import name_in_wecom, wecom_id_of
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
    "Acting",
    "Branch",
    "Deed",
    "DocumentView",
    "Hands",
    "Member",
    "Moved",
    "Named",
    "Offer",
    "Owners",
    "Place",
    "Placed",
    "Planned",
    "Product",
    "ProductCounts",
    "Promise",
    "Seat",
    "act_for",
    "actings",
    "actor_of",
    "actor_of_staff",
    "add_member",
    "adjust_stock",
    "available_to_promise",
    "branches_of",
    "call_off_move",
    "catalog_version",
    "count_stock",
    "damage_stock",
    "dealers_to_act_for",
    "end_seat",
    "ensure_headquarters",
    "ensure_login",
    "find_or_add_skus",
    "find_skus",
    "find_staff",
    "find_units",
    "fulfil_stock",
    "hands_at",
    "kept_for",
    "leave",
    "may_give_at",
    "may_hand_in",
    "may_manage",
    "may_move",
    "may_place",
    "may_see_staff",
    "member_of",
    "move_unit",
    "moves_ahead",
    "name_goods",
    "name_in_wecom",
    "offer_elsewhere",
    "open_login",
    "org_units_table",
    "owners_on",
    "phone_codes",
    "place_staff",
    "places_of",
    "product_categories",
    "product_counts",
    "product_names",
    "products_of",
    "products_table",
    "receive_stock",
    "recent_moves",
    "refund_rule",
    "release_stock",
    "reserve_stock",
    "rush_hours",
    "search_products",
    "seats_of",
    "second_factor",
    "send_stock",
    "sessions",
    "set_refund_rule",
    "set_rush_hours",
    "set_stock_policy",
    "share_stock",
    "shared_by",
    "staff_at",
    "staff_left",
    "staff_list",
    "staff_names",
    "stock_document",
    "stock_documents",
    "stock_list",
    "stock_movements",
    "stock_policies",
    "stock_shortages",
    "stock_transfer",
    "stock_transfers",
    "stop_acting",
    "take_home_stock",
    "take_in_stock",
    "top_categories",
    "unit_codes",
    "unit_ids",
    "unit_kinds",
    "unit_names",
    "units_below",
    "unshare_stock",
    "upsert_branches",
    "upsert_products",
    "upsert_staff",
    "upsert_stores",
    "wecom_id_of",
]


def catalog_version() -> str:
    """Changes whenever a product or an org unit does."""
    return f"{_catalog.version()}|{_org.version()}"
