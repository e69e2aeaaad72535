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
from huoshui.people.card.types import Card, Filters, Page
from huoshui.people.identity import reads as _identity
from huoshui.people.identity.actions import merge, resolve, unmerge
from huoshui.people.identity.reads import canonical_id, canonical_ids, find, members, members_of, why
from huoshui.people.identity.rules import KINDS, is_blocked
from huoshui.people.identity.rules import plain as plain_identifier
from huoshui.people.identity.types import Evidence, Identifier
from huoshui.people.profiles import reads as _profiles
from huoshui.people.profiles.actions import record as record_profiles
from huoshui.people.profiles.catalogue import LABELS as ATTRIBUTE_LABELS
from huoshui.people.profiles.reads import Attribute

__all__ = [
    "ATTRIBUTE_LABELS",
    "KINDS",
    "Attribute",
    "Card",
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
    "record_profiles",
    "refresh_cards",
    "resolve",
    "search",
    "unmerge",
    "why",
    "write_card_labels",
    "write_card_loyalty",
    "write_card_sales",
]


def identifiers_for(actor: Actor, person_id: int) -> list[Identifier]:
    """The identifiers of a person the actor may see; contact values whole only for those who may see contacts."""
    card = card_for(actor, person_id)
    found = _identity.identifiers(card.person_id, show_contacts=actor.may_see_contacts)
    if actor.may_see_contacts and any(KINDS[i.kind].is_contact for i in found):
        _audit(actor, "contacts.seen", "person", card.person_id)
    return found


def attributes_for(actor: Actor, person_id: int) -> Sequence[Attribute]:
    card = card_for(actor, person_id)
    return _profiles.attributes(members(card.person_id))


def links_for(actor: Actor, person_id: int) -> list[Evidence]:
    """Why the ids of this person's cluster are one human."""
    return _identity.links_within(card_for(actor, person_id).person_id)
