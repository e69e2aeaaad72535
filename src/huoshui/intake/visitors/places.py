"""Whose stores they are."""

from __future__ import annotations

from huoshui.brand import api as brand
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound

TELLERS = frozenset({"boss", "operator", "dealer", "manager", "guide"})
"""Who may say that somebody left without buying."""
ANSWER = TELLERS - {"guide"}
"""Who may take back what somebody else of the store told."""
OWNERS = frozenset({"boss", "operator"})
"""Who decides which reasons there are."""


def stores_of(actor: Actor) -> dict[int, str]:
    """The stores the actor may look at, by name: his own and all below him."""
    units = brand.org_units_table().to_pylist()
    named = {u["org_unit_id"]: u["name"] or u["code"] for u in units if u["kind"] == "store"}
    if actor.sees_whole_brand:
        return named
    branches = brand.branches_of(sorted(named))
    return {i: name for i, name in named.items() if actor.org_unit_ids.intersection(branches[i].path)}


def may_tell(actor: Actor) -> bool:
    return actor.kind != "staff" or bool(actor.roles & TELLERS)


def require_store(actor: Actor, org_unit_id: int) -> None:
    """Absent and forbidden look alike: NotFound."""
    if org_unit_id not in stores_of(actor):
        raise NotFound
