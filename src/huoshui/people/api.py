"""The one door of the room: who they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc

from huoshui.core.actor import Actor
from huoshui.core.audit import record as _audit
from huoshui.core.facts.api import wake_readers as _wake_readers
from huoshui.people.card.actions import refresh as refresh_cards
from huoshui.people.card.actions import rewrite as _rewrite_cards
from huoshui.people.card.actions import write_labels as _write_labels
from huoshui.people.card.actions import write_loyalty as write_card_loyalty
from huoshui.people.card.actions import write_sales as write_card_sales
from huoshui.people.card.reads import card_for, cards_for, search
from huoshui.people.card.reads import count_all as count_people
from huoshui.people.card.reads import visible as visible_persons
from huoshui.people.card.types import Card, Filters, Page
from huoshui.people.consent import actions as _consent
from huoshui.people.consent import reads as _consents
from huoshui.people.consent.actions import note_sent, set_send_rule
from huoshui.people.consent.actions import record as record_consents
from huoshui.people.consent.actions import say as say_consent
from huoshui.people.consent.reads import counts as consent_counts
from huoshui.people.consent.reads import everyone_unprofiled, may_send, send_rules, unconsented, unprofiled
from huoshui.people.consent.rules import CHANNELS, HOUSE_RULES, PURPOSES, SEPARATE, is_given, is_withdrawn
from huoshui.people.consent.rules import rules_for as send_rules_for
from huoshui.people.consent.types import Decision, Said, SendRule, Sent
from huoshui.people.consent.types import Entry as ConsentEntry
from huoshui.people.identity import reads as _identity
from huoshui.people.identity import rekeying
from huoshui.people.identity import ruleset as identity_ruleset
from huoshui.people.identity import ruling as identity_rules
from huoshui.people.identity.actions import look as look_at_identifiers
from huoshui.people.identity.actions import mend_clusters, merge, resolve, unmerge
from huoshui.people.identity.erasing import is_any_erased
from huoshui.people.identity.erasing import is_erased as erased_among
from huoshui.people.identity.kin import Kin, kin_of
from huoshui.people.identity.live import is_blocked
from huoshui.people.identity.reads import (
    canonical_id,
    canonical_ids,
    cluster_differences,
    find,
    known_among,
    members,
    members_of,
    why,
)
from huoshui.people.identity.recognising import NEWS, recognise
from huoshui.people.identity.rules import KINDS
from huoshui.people.identity.rules import plain as plain_identifier
from huoshui.people.identity.sharing import say_shared as _say_shared
from huoshui.people.identity.sharing import unparted
from huoshui.people.identity.types import ContactsClosed, Evidence, Identifier
from huoshui.people.matching import actions as matching
from huoshui.people.matching import reads as matching_reads
from huoshui.people.matching import words as matching_words
from huoshui.people.matching.types import Proposal, Side
from huoshui.people.profiles import actions as _profile
from huoshui.people.profiles import reads as _profiles
from huoshui.people.profiles.catalogue import LABELS as ATTRIBUTE_LABELS
from huoshui.people.profiles.reads import Attribute
from huoshui.people.profiles.reads import Value as AttributeValue
from huoshui.people.profiles.reads import priorities as profile_priorities
from huoshui.people.relations import api as relations
from huoshui.people.retention import actions as retention
from huoshui.people.retention import reads as retention_reads
from huoshui.people.retention import rules as retention_rules
from huoshui.people.retention.types import Rule as RetentionRule
from huoshui.people.rights import actions as rights
from huoshui.people.rights import erasing, glass
from huoshui.people.rights import reads as rights_reads
from huoshui.people.rights.erasing import reapply as reapply_erasures
from huoshui.people.rights.types import Case
from huoshui.people.roles import api as roles
from huoshui.people.undoing import (
    Regrouped,
    bury_untold,
    known_by,
    living,
    regroup_without,
    unsay_consents,
    untell_profiles,
)

__all__ = [
    "ATTRIBUTE_LABELS",
    "CHANNELS",
    "HOUSE_RULES",
    "KINDS",
    "NEWS",
    "PURPOSES",
    "SEPARATE",
    "Attribute",
    "AttributeValue",
    "Card",
    "Case",
    "ConsentEntry",
    "ContactsClosed",
    "Decision",
    "Evidence",
    "Filters",
    "Identifier",
    "Kin",
    "Page",
    "Proposal",
    "Regrouped",
    "RetentionRule",
    "Said",
    "SendRule",
    "Sent",
    "Side",
    "attributes_for",
    "bury_untold",
    "canonical_id",
    "canonical_ids",
    "card_for",
    "cards_for",
    "cluster_differences",
    "consent_counts",
    "consents_for",
    "count_people",
    "erased_among",
    "erasing",
    "everyone_unprofiled",
    "find",
    "glass",
    "identifiers_for",
    "identity_rules",
    "identity_ruleset",
    "is_any_erased",
    "is_blocked",
    "kin_of",
    "known_among",
    "known_by",
    "links_for",
    "living",
    "living_among",
    "look_at_identifiers",
    "matching",
    "matching_reads",
    "matching_words",
    "may_send",
    "members",
    "members_of",
    "mend_clusters",
    "merge",
    "note_sent",
    "plain_identifier",
    "profile",
    "profile_priorities",
    "reapply_erasures",
    "recognise",
    "record_consents",
    "record_profiles",
    "refresh_cards",
    "regroup_without",
    "rekeying",
    "relations",
    "resolve",
    "retention",
    "retention_reads",
    "retention_rules",
    "reveal_contact",
    "rights",
    "rights_reads",
    "roles",
    "say_consent",
    "say_shared",
    "search",
    "send_rules",
    "send_rules_for",
    "sendable_for",
    "set_profile_priority",
    "set_send_rule",
    "standing_for",
    "unconsented",
    "unmerge",
    "unparted",
    "unprofiled",
    "unsay_consents",
    "untell_profiles",
    "visible_persons",
    "why",
    "write_card_labels",
    "write_card_loyalty",
    "write_card_sales",
]

_CARDS = 1_000


def record_profiles(fact_ids: Sequence[int]) -> None:
    """What Identify facts say of their persons: attributes, and what may be done with them."""
    _profile.record(fact_ids)
    _consent.record_lists(fact_ids)


def write_card_labels(labels: pa.Table) -> int:
    """Columns person_id (canonical), grade, frequency, ticket. Whoever does not want to be profiled has none."""
    refused = everyone_unprofiled()
    if refused:
        is_free = pc.invert(pc.is_in(labels["person_id"], pa.array(sorted(refused), pa.int64())))
        for name in ("grade", "frequency", "ticket"):
            place = labels.schema.get_field_index(name)
            labels = labels.set_column(place, name, pc.if_else(is_free, labels[name], ""))
    return _write_labels(labels)


def consents_for(actor: Actor, person_id: int) -> list[ConsentEntry]:
    """What a person the actor may see has said, the newest first."""
    return _consents.entries(card_for(actor, person_id).person_id)


def sendable_for(actor: Actor, person_id: int, *, purpose: str, at: datetime) -> dict[str, Decision]:
    """Channel → whether the person may be sent to on it now, and why not."""
    return _consents.answers(card_for(actor, person_id).person_id, purpose=purpose, at=at)


def standing_for(actor: Actor, person_id: int) -> dict[tuple[str, str], bool]:
    """(purpose, channel) → what holds of the whole cluster, of everything that was ever said of it."""
    stands = _consents.standing(card_for(actor, person_id).person_id)
    said = {(s.purpose, s.channel) for s in stands}
    return {(p, c): is_given(stands, p, c) and not is_withdrawn(stands, p, c) for p, c in said}


def identifiers_for(actor: Actor, person_id: int) -> list[Identifier]:
    """The identifiers of a person the actor may see; contact values are masked for everybody."""
    card = card_for(actor, person_id)
    may, ask = actor.may_see_contacts, glass.may_break(actor)
    found = _identity.identifiers(card.person_id, may_reveal=may or ask)
    return [replace(i, can_reveal=may and i.can_reveal, can_ask=not may and i.can_reveal) for i in found]


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


def say_shared(actor: Actor, person_id: int, *, identifier_id: int, reason: str) -> None:
    """Say that an identifier of a person the actor may see is several people's. Raises NotFound."""
    _say_shared(card_for(actor, person_id).person_id, identifier_id=identifier_id, reason=reason, actor=actor)


def attributes_for(actor: Actor, person_id: int) -> Sequence[Attribute]:
    card = card_for(actor, person_id)
    return _profiles.attributes(members(card.person_id))


def living_among(person_ids: Sequence[int]) -> set[int]:
    """Those of these ids that are persons and were not erased."""
    return {person_id for person_id, is_erased in _identity.presence(person_ids).items() if not is_erased}


def profile(actor: Actor, person_id: int) -> Sequence[Attribute]:
    """What is known of a person the actor may see, over all his ids: of each name what stands, and all that anybody says."""
    return attributes_for(actor, person_id)


def set_profile_priority(name: str, sources: Sequence[str], *, actor: Actor) -> None:
    """Whose word stands under a name of an attribute ('' for all), the first first; in the caller's transaction.

    Raises NotFound for a source nobody knows."""
    renamed = sorted(set(_identity.canonical_ids(_profile.set_priority(name, sources, actor=actor)).values()))
    for start in range(0, len(renamed), _CARDS):
        _rewrite_cards(renamed[start : start + _CARDS])
    _wake_readers()


def links_for(actor: Actor, person_id: int) -> list[Evidence]:
    """Why the ids of this person's cluster are one human."""
    return _identity.links_within(card_for(actor, person_id).person_id)
