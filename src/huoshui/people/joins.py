"""Whom links make one, taken back and made by hand: who may, and what would follow (ADR 0040). Callers hold the transaction."""

from __future__ import annotations

from collections.abc import Sequence

from huoshui.core.actor import Actor
from huoshui.core.errors import Refused
from huoshui.people.card.reads import card_for, cards_for
from huoshui.people.identity import reads as identity
from huoshui.people.identity import taking_back
from huoshui.people.identity.actions import merge
from huoshui.people.identity.rules import KINDS
from huoshui.people.identity.taking_back import HAND, LINK, RUN, Counted, Gone, Holding, Preview, Undoing, Way
from huoshui.people.identity.types import Evidence
from huoshui.people.matching.reads import may_review, require
from huoshui.people.profiles import reads as profiles
from huoshui.people.rights import head_office

__all__ = [
    "HAND",
    "LINK",
    "RUN",
    "Counted",
    "Gone",
    "Holding",
    "Preview",
    "Undoing",
    "Way",
    "accounts",
    "evidence",
    "gone",
    "hands",
    "holdings",
    "kinds",
    "lately",
    "latest",
    "look",
    "may_review",
    "named",
    "say_same",
    "take_back",
    "undoings",
]


def hands(actor: Actor) -> list[Counted]:
    """Who has joined people by hand, and how many; 'system:0' is what matching joined unseen. Raises NotFound."""
    require(actor)
    return taking_back.hands()


def kinds(actor: Actor) -> list[Counted]:
    """By which kinds of accounts people are one. They part by other rules (`identity_rules`). Raises NotFound."""
    require(actor)
    return taking_back.kinds()


def look(actor: Actor, way: Way) -> Preview:
    """Who would part, if these links were taken back. Raises NotFound."""
    require(actor)
    return taking_back.look(way)


def evidence(actor: Actor, link_id: int) -> Evidence | None:
    """What a living link says; None for one that is taken back. Raises NotFound."""
    require(actor)
    return identity.link(link_id)


def holdings(actor: Actor, person_ids: Sequence[int]) -> dict[int, Holding]:
    """What stands in the own name of each of these born ids. Raises NotFound."""
    require(actor)
    return taking_back.holdings(person_ids)


def named(actor: Actor, person_ids: Sequence[int]) -> dict[int, str]:
    """The name that each of these born ids goes by itself. Raises NotFound."""
    require(actor)
    closed = _closed(actor, person_ids)
    return {
        p: head_office.masked_name(name) if p in closed else name
        for p, name in profiles.display_names(person_ids)
    }


def _closed(actor: Actor, person_ids: Sequence[int]) -> set[int]:
    """Those of these born ids whom head office may not see how to reach."""
    canonical = identity.canonical_ids(list(dict.fromkeys(person_ids)))
    heads = sorted(set(canonical.values()))
    closed = head_office.closed_among(actor, cards_for(actor, heads))
    return {p for p, head in canonical.items() if head in closed}


def accounts(actor: Actor, person_ids: Sequence[int]) -> dict[int, list[tuple[str, str]]]:
    """(kind, masked value) of what each of these born ids is known by. Raises NotFound."""
    require(actor)
    closed, contacts = _closed(actor, person_ids), {k.label for k in KINDS.values() if k.is_contact}
    return {
        p: [(kind, "••••" if p in closed and kind in contacts else shown) for kind, shown in known]
        for p, known in taking_back.accounts(person_ids).items()
    }


def take_back(actor: Actor, way: Way, *, reason: str) -> int | None:
    """Take links back: one at once (None), many by the worker (the undoing's number). Raises NotFound where none of them
    stands, Refused without a reason."""
    require(actor)
    return taking_back.take_back(way, reason=reason, actor=actor)


def say_same(actor: Actor, person_a: int, person_b: int, *, reason: str) -> int:
    """Say by hand that two are one. Returns the link, by which it is taken back. Raises NotFound, Refused."""
    require(actor)
    one, other = (card_for(actor, person_id).person_id for person_id in (person_a, person_b))
    if one == other:
        raise Refused("这两位顾客已经合并过了。")
    # The born ids that were asked for are joined: what parts later goes to whom it was meant for
    return merge(person_a=person_a, person_b=person_b, reason=reason, actor=actor)


def latest(actor: Actor, way: Way) -> Undoing | None:
    """The last time that somebody took all these back. Raises NotFound."""
    require(actor)
    return taking_back.latest(way)


def undoings(actor: Actor) -> list[Undoing]:
    require(actor)
    return taking_back.undoings()


def lately(actor: Actor) -> list[Gone]:
    """Links that were taken back and that nothing has made again. Raises NotFound."""
    require(actor)
    return taking_back.lately()


def gone(actor: Actor, link_id: int) -> Gone | None:
    """A link that was taken back, by whom and why. Raises NotFound for who may not look."""
    require(actor)
    return taking_back.gone(link_id)
