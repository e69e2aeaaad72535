"""Whose bonds an actor may see and decide: head office all, a dealer its own."""

from __future__ import annotations

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound

HEAD_OFFICE = frozenset({"boss", "operator"})
DECIDERS = HEAD_OFFICE | {"dealer", "manager"}
"""Who decides for a dealer or a store; a guide looks."""


def units_of(actor: Actor) -> list[int] | None:
    """None: the whole brand."""
    return None if actor.sees_whole_brand else sorted(actor.org_unit_ids)


def decides(actor: Actor) -> bool:
    """Whether the actor speaks for head office."""
    return actor.kind == "system" or bool(actor.roles & HEAD_OFFICE)


def require_decider(actor: Actor) -> None:
    if actor.kind != "system" and not actor.roles & DECIDERS:
        raise NotFound


def is_of(actor: Actor, dealer_id: int | None, store_id: int | None) -> bool:
    """Whether the actor is placed at the owner, or at the store that serves. Of head office's own customers, head office."""
    if dealer_id is None and decides(actor):
        return True
    return bool(actor.org_unit_ids & {dealer_id, store_id})
