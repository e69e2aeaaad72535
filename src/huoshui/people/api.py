"""The one door of the room: who they are."""

from __future__ import annotations

from collections.abc import Sequence

from huoshui.core.actor import Actor
from huoshui.core.audit import record as _audit
from huoshui.people.card.actions import refresh as refresh_cards
from huoshui.people.card.actions import write_labels as write_card_labels
from huoshui.people.card.actions import write_loyalty as write_card_loyalty
from huoshui.people.card.actions import write_sales as write_card_sales
from huoshui.people.card.reads import card_for, cards_for, search
from huoshui.people.card.reads import count_all as count_people
from huoshui.people.card.reads import visible as visible_persons
from huoshui.people.card.types import Card, Filters, Page
from huoshui.people.identity import reads as _identity
from huoshui.people.identity.actions import merge, resolve, unmerge
from huoshui.people.identity.reads import canonical_id, canonical_ids, find, members, members_of, why
from huoshui.people.identity.recognising import NEWS, recognise
from huoshui.people.identity.rules import KINDS, is_blocked
from huoshui.people.identity.rules import plain as plain_identifier
from huoshui.people.identity.types import ContactsClosed, Evidence, Identifier
from huoshui.people.profiles import reads as _profiles
from huoshui.people.profiles.actions import record as record_profiles
from huoshui.people.profiles.catalogue import LABELS as ATTRIBUTE_LABELS
from huoshui.people.profiles.reads import Attribute

__all__ = [
    "ATTRIBUTE_LABELS",
    "KINDS",
    "NEWS",
    "Attribute",
    "Card",
    "ContactsClosed",
    "Evidence",
    "Filters",
    "Identifier",
    "Page",
    "attributes_for",
    "canonical_id",
    "canonical_ids",
    "card_for",
    "cards_for",
    "count_people",
    "find",
    "identifiers_for",
    "is_blocked",
    "links_for",
    "members",
    "members_of",
    "merge",
    "plain_identifier",
    "recognise",
    "record_profiles",
    "refresh_cards",
    "resolve",
    "reveal_contact",
    "search",
    "unmerge",
    "visible_persons",
    "why",
    "write_card_labels",
    "write_card_loyalty",
    "write_card_sales",
]


def identifiers_for(actor: Actor, person_id: int) -> list[Identifier]:
    """The identifiers of a person the actor may see; contact values are masked for everybody."""
    card = card_for(actor, person_id)
    return _identity.identifiers(card.person_id, may_reveal=actor.may_see_contacts)


def reveal_contact(actor: Actor, person_id: int, identifier_id: int) -> str:
    """The whole value of one contact, and a trace of who asked, in the caller's transaction.

    Raises NotFound for a person, or an identifier, that is absent or not the actor's to see; ContactsClosed.
    """
    card = card_for(actor, person_id)
    contact = _identity.sealed_contact(card.person_id, identifier_id)
    if not actor.may_see_contacts:
        raise ContactsClosed
    _audit(
        actor, "contact.revealed", "person", card.person_id, identifier_id=identifier_id, kind=contact.kind
    )
    return contact.open()


def attributes_for(actor: Actor, person_id: int) -> Sequence[Attribute]:
    card = card_for(actor, person_id)
    return _profiles.attributes(members(card.person_id))


def links_for(actor: Actor, person_id: int) -> list[Evidence]:
    """Why the ids of this person's cluster are one human."""
    return _identity.links_within(card_for(actor, person_id).person_id)
