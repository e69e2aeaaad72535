"""Whose leads an actor may see and move, and the few places where the room itself has to see more than whoever asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import HuoshuiError, NotFound
from huoshui.core.scope import look_as

_DECIDERS = frozenset({"boss", "operator"})
_TAKERS = frozenset({"dealer", "manager"})


def decides(actor: Actor) -> bool:
    """Whether the actor speaks for head office."""
    return actor.kind == "system" or bool(actor.roles & _DECIDERS)


def may_see(actor: Actor) -> bool:
    return actor.sees_whole_brand or bool(actor.roles & (_TAKERS | {"regional_manager"}))


def require_decider(actor: Actor) -> None:
    if not decides(actor):
        raise NotFound


def require_seeing(actor: Actor) -> None:
    if not may_see(actor):
        raise NotFound


def is_taker(actor: Actor, dealer_id: int | None, store_id: int | None = None) -> bool:
    """Whether the actor speaks for whoever has the lead: the dealer's owner, or the manager of the store it went to."""
    if not actor.roles & _TAKERS:
        return False
    return bool(actor.org_unit_ids & {unit for unit in (dealer_id, store_id) if unit is not None})


@contextmanager
def widened(actor: Actor) -> Iterator[None]:
    """See and write all, in a transaction of the actor's, who afterwards sees no more than before. For what has to be looked at
    across dealers: who has how much in hand, whose turn it is."""
    look_as(SYSTEM)
    try:
        yield
    except HuoshuiError:
        look_as(actor)
        raise
    look_as(actor)
