"""The one door of the room: who they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings

from huoshui.core.actor import Actor
from huoshui.core.audit import record as _audit
from huoshui.core.jobs import defer as _defer
from huoshui.people import attaching, joins, numbers
from huoshui.people.card.actions import refresh as refresh_cards
from huoshui.people.card.actions import write_bonds as write_card_bonds
from huoshui.people.card.actions import write_labels as _write_labels
from huoshui.people.card.actions import write_loyalty as write_card_loyalty
from huoshui.people.card.actions import write_sales as write_card_sales
from huoshui.people.card.jobs import retell as _retell
from huoshui.people.card.leaning import Bounds, Leaning, leaning
from huoshui.people.card.reads import card_for, cards_for, changed_at, search
from huoshui.people.card.reads import count_all as count_people
from huoshui.people.card.reads import visible as visible_persons
from huoshui.people.card.types import Card, Filters, Page
from huoshui.people.consent import actions as _consent
from huoshui.people.consent import reads as _consents
from huoshui.people.consent.actions import note_sent, set_send_rule
from huoshui.people.consent.actions import record as record_consents
from huoshui.people.consent.actions import say as say_consent
from huoshui.people.consent.reads import counts as consent_counts
from huoshui.people.consent.reads import (
    everyone_unprofiled,
    may_send,
    restricted,
    send_rules,
    unconsented,
    unprofiled,
    unprofiled_kin,
)
from huoshui.people.consent.reads import standing_of as consents_standing
from huoshui.people.consent.rules import (
    CHANNELS,
    HOUSE_RULES,
    PURPOSES,
    SENSITIVE,
    SEPARATE,
    is_given,
    is_withdrawn,
)
from huoshui.people.consent.rules import rules_for as send_rules_for
from huoshui.people.consent.types import Decision, Said, SendRule, Sent
from huoshui.people.consent.types import Entry as ConsentEntry
from huoshui.people.identity import holding as _holding
from huoshui.people.identity import reads as _identity
from huoshui.people.identity import rekeying
from huoshui.people.identity import ruleset as identity_ruleset
from huoshui.people.identity import ruling as identity_rules
from huoshui.people.identity.actions import look as look_at_identifiers
from huoshui.people.identity.actions import mend_clusters, merge, resolve, unmerge
from huoshui.people.identity.crowds import guard_crowds
from huoshui.people.identity.erasing import is_any_erased
from huoshui.people.identity.erasing import is_erased as erased_among
from huoshui.people.identity.holding import Device as KnownDevice
from huoshui.people.identity.kin import Kin, kin_of
from huoshui.people.identity.lines import scope_of
from huoshui.people.identity.live import is_blocked
from huoshui.people.identity.reads import (
    canonical_id,
    canonical_ids,
    cluster_differences,
    known_among,
    links_among,
    members,
    members_of,
    why,
)
from huoshui.people.identity.reads import changed_persons as reclustered
from huoshui.people.identity.recognising import NEWS, find, find_by, recognise
from huoshui.people.identity.rules import KINDS
from huoshui.people.identity.rules import plain as plain_identifier
from huoshui.people.identity.sharing import SaidShared, unparted
from huoshui.people.identity.sharing import said_shared as _said_shared
from huoshui.people.identity.sharing import say_own as _say_own
from huoshui.people.identity.sharing import say_shared as _say_shared
from huoshui.people.identity.staffs import know_staff_phones, release_strays, staff_of_phone
from huoshui.people.identity.types import ContactsClosed, Evidence, Identifier
from huoshui.people.matching import actions as matching
from huoshui.people.matching import reads as matching_reads
from huoshui.people.matching import words as matching_words
from huoshui.people.matching.types import Proposal, Side
from huoshui.people.profiles import actions as _profile
from huoshui.people.profiles import reads as _profiles
from huoshui.people.profiles.catalogue import LABELS as ATTRIBUTE_LABELS
from huoshui.people.profiles.catalogue import is_sensitive as is_sensitive_attribute
from huoshui.people.profiles.reads import Attribute, ask_born_on
from huoshui.people.profiles.reads import Source as AttributeSource
from huoshui.people.profiles.reads import Value as AttributeValue
from huoshui.people.profiles.reads import priorities as profile_priorities
from huoshui.people.profiles.reads import said_priorities as said_profile_priorities
from huoshui.people.profiles.reads import sources as profile_sources
from huoshui.people.relations import api as relations
from huoshui.people.retention import actions as retention
from huoshui.people.retention import reads as retention_reads
from huoshui.people.retention import rules as retention_rules
from huoshui.people.retention.types import Rule as RetentionRule
from huoshui.people.rights import actions as rights
from huoshui.people.rights import correcting, dialling, erasing, glass, head_office, own_page
from huoshui.people.rights import links as own_links
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
    "AttributeSource",
    "AttributeValue",
    "Bounds",
    "Card",
    "Case",
    "ConsentEntry",
    "ContactsClosed",
    "Decision",
    "Evidence",
    "Filters",
    "Identifier",
    "Kin",
    "KnownDevice",
    "Leaning",
    "Page",
    "Proposal",
    "Regrouped",
    "RetentionRule",
    "Said",
    "SaidShared",
    "SendRule",
    "Sent",
    "Side",
    "ask_born_on",
    "attaching",
    "attributes_for",
    "bury_untold",
    "canonical_id",
    "canonical_ids",
    "card_for",
    "cards_for",
    "changed_at",
    "cluster_differences",
    "consent_counts",
    "consents_for",
    "consents_standing",
    "correcting",
    "count_people",
    "devices_for",
    "dialling",
    "erased_among",
    "erasing",
    "everyone_unprofiled",
    "find",
    "find_by",
    "glass",
    "guard_crowds",
    "identifiers_for",
    "identity_rules",
    "identity_ruleset",
    "is_any_erased",
    "is_blocked",
    "is_closed_to_head_office",
    "joins",
    "kin_of",
    "know_staff_phones",
    "known_among",
    "known_by",
    "leaning",
    "links_among",
    "links_for",
    "living",
    "living_among",
    "look_at_identifiers",
    "matching",
    "matching_reads",
    "matching_words",
    "may_say_shared",
    "may_send",
    "members",
    "members_of",
    "mend_clusters",
    "merge",
    "note_sent",
    "numbers",
    "own_links",
    "own_page",
    "plain_identifier",
    "profile",
    "profile_priorities",
    "profile_sources",
    "reapply_erasures",
    "reclustered",
    "recognise",
    "record_consents",
    "record_profiles",
    "refresh_cards",
    "regroup_without",
    "rekeying",
    "relations",
    "release_strays",
    "resolve",
    "restricted",
    "retention",
    "retention_reads",
    "retention_rules",
    "reveal_contact",
    "rights",
    "rights_reads",
    "roles",
    "said_profile_priorities",
    "say_consent",
    "say_own",
    "say_shared",
    "scope_of",
    "search",
    "send_rules",
    "send_rules_for",
    "sendable_for",
    "set_profile_priority",
    "set_send_rule",
    "shared_of",
    "staff_of_phone",
    "standing_for",
    "unconsented",
    "unmerge",
    "unparted",
    "unprofiled",
    "unprofiled_kin",
    "unsay_consents",
    "untell_profiles",
    "visible_persons",
    "why",
    "write_card_bonds",
    "write_card_labels",
    "write_card_loyalty",
    "write_card_sales",
]


def record_profiles(fact_ids: Sequence[int]) -> None:
    """What Identify facts say of their persons: attributes, and what may be done with them. What is sensitive is kept where the
    house has turned it on, and she has consented apart; of a child under 14 its guardian, too (PIPL art. 28–31)."""
    _profile.record(fact_ids, sensitive_of=_may_keep_sensitive(fact_ids))
    _consent.record_lists(fact_ids)


def _may_keep_sensitive(fact_ids: Sequence[int]) -> list[int]:
    if not settings.HUOSHUI_SENSITIVE_ATTRIBUTES or not fact_ids:
        return []
    told = _profile.with_sensitive(fact_ids)
    persons = sorted(set(told.values()))
    if not persons:
        return []
    refused = unconsented(persons, SENSITIVE) | _consents.unguarded_children(persons)
    return [fact_id for fact_id, person_id in told.items() if person_id not in refused]


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
    closed = head_office.is_closed(actor, card)
    may, ask = actor.may_see_contacts and not closed, glass.may_break(actor) and not closed
    found = _identity.identifiers(card.person_id, may_reveal=may or ask)
    return [
        replace(
            i,
            can_reveal=may and i.can_reveal,
            can_ask=not may and i.can_reveal,
            masked="••••" if closed and KINDS[i.kind].is_contact else i.masked,
        )
        for i in found
    ]


def devices_for(actor: Actor, person_id: int) -> list[KnownDevice]:
    """The devices a person the actor may see was known on, one entry for each time that it was hers. Raises NotFound."""
    return _holding.devices(card_for(actor, person_id).person_id)


def reveal_contact(actor: Actor, person_id: int, identifier_id: int) -> str:
    """The whole value of one contact, and a trace of who asked, in the caller's transaction.

    Raises NotFound for a person, or an identifier, that is absent or not the actor's to see; ContactsClosed, for
    head office also where she is a dealer's and has not agreed.
    """
    card = card_for(actor, person_id)
    contact = _identity.sealed_contact(card.person_id, identifier_id)
    if not actor.may_see_contacts:
        raise ContactsClosed
    head_office.require(actor, card)
    _audit(
        actor, "contact.revealed", "person", card.person_id, identifier_id=identifier_id, kind=contact.kind
    )
    return contact.open()


def is_closed_to_head_office(actor: Actor, person_id: int) -> bool:
    """Whether the actor is head office, the person a dealer's, and she has not agreed apart that head office sees how to reach
    her."""
    return head_office.is_closed(actor, card_for(actor, person_id))


def may_say_shared(actor: Actor) -> bool:
    """Whether the actor may say of values that many share them, and whose word stands where sources differ."""
    return matching_reads.may_review(actor)


def say_shared(actor: Actor, person_id: int, *, identifier_id: int, reason: str) -> None:
    """Say that an identifier of a person the actor may see is several people's. Raises NotFound."""
    matching_reads.require(actor)
    _say_shared(card_for(actor, person_id).person_id, identifier_id=identifier_id, reason=reason, actor=actor)


def say_own(actor: Actor, person_id: int, *, identifier_id: int, reason: str) -> None:
    """Take that back. Raises NotFound."""
    matching_reads.require(actor)
    _say_own(card_for(actor, person_id).person_id, identifier_id=identifier_id, reason=reason, actor=actor)


def shared_of(actor: Actor, person_id: int) -> dict[int, SaidShared]:
    """Identifier → that many share it, of a person the actor may see."""
    return {s.identifier_id: s for s in _said_shared(members(card_for(actor, person_id).person_id))}


def attributes_for(actor: Actor, person_id: int) -> Sequence[Attribute]:
    """What is known of a person the actor may see: of each name what stands, and all that anybody says. Head office sees
    neither name nor address of a dealer's customer who has not agreed to it; what is sensitive, nobody in a store."""
    card = card_for(actor, person_id)
    found = _profiles.attributes(members(card.person_id))
    if any(is_sensitive_attribute(a.name) for a in found) and not _may_see_sensitive(actor, card.person_id):
        found = [a for a in found if not is_sensitive_attribute(a.name)]
    if not head_office.is_closed(actor, card):
        return found
    return [a for a in found if a.name != "name" and a.name not in head_office.CONTACT_ATTRIBUTES]


def _may_see_sensitive(actor: Actor, person_id: int) -> bool:
    """Nobody in a store, and nobody at all once she has taken back that it may be used, or the house no longer keeps it."""
    return (
        actor.sees_whole_brand
        and settings.HUOSHUI_SENSITIVE_ATTRIBUTES
        and not unconsented([person_id], SENSITIVE)
        and not _consents.unguarded_children([person_id])
    )


def living_among(person_ids: Sequence[int]) -> set[int]:
    """Those of these ids that are persons and were not erased."""
    return {person_id for person_id, is_erased in _identity.presence(person_ids).items() if not is_erased}


def profile(actor: Actor, person_id: int) -> Sequence[Attribute]:
    """`attributes_for`, over all his ids."""
    return attributes_for(actor, person_id)


def set_profile_priority(name: str, sources: Sequence[str], *, actor: Actor, reason: str = "") -> None:
    """Whose word stands under a name of an attribute ('' for all), the first first; in the caller's transaction. Her page shows
    it at once; cards and the lake follow by a job.

    Raises NotFound for a source nobody knows, and for who may not say so; Refused where staff give no reason."""
    matching_reads.require(actor)
    _profile.set_priority(name, sources, actor=actor, reason=reason)
    _defer(_retell, queueing_lock=f"card retell {name}", name=name)


def links_for(actor: Actor, person_id: int) -> list[Evidence]:
    """Why the ids of this person's cluster are one human."""
    return _identity.links_within(card_for(actor, person_id).person_id)
