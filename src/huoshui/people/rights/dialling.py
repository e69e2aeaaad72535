"""One tap dials: the number goes to the phone and onto no page. Whoever may not read it may still call, for a purpose the
customer may be called for, and all concerned see it."""

from __future__ import annotations

import uuid

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.audit import record as audit
from huoshui.core.errors import NotFound, Refused
from huoshui.people.card.reads import card_for
from huoshui.people.card.types import Card
from huoshui.people.consent.actions import note_sent
from huoshui.people.consent.reads import may_send
from huoshui.people.consent.rules import MARKETING, SERVICE
from huoshui.people.consent.types import Sent
from huoshui.people.identity.reads import sealed_contact
from huoshui.people.identity.types import ContactsClosed
from huoshui.people.rights import glass, head_office

PURPOSES = (SERVICE, MARKETING)
_CHANNEL = "call"


def may_dial(actor: Actor) -> bool:
    return actor.may_see_contacts or glass.may_break(actor)


def reached(actor: Actor, person_id: int) -> Card:
    """Of whom somebody may have the number dialled, or whom he may have add him, without seeing how she is reached.

    Raises NotFound, ContactsClosed, HeadOfficeClosed.
    """
    card = card_for(actor, person_id)
    if not may_dial(actor):
        raise ContactsClosed
    head_office.require(actor, card)
    return card


def dial(actor: Actor, person_id: int, identifier_id: int, *, purpose: str) -> str:
    """The number to be dialled, in the caller's transaction with its trace. Only of persons the actor may see, and only if
    they may be called now for this purpose; the call counts among what was sent to them.

    Raises NotFound, ContactsClosed, HeadOfficeClosed, Refused.
    """
    card = reached(actor, person_id)
    contact = sealed_contact(card.person_id, identifier_id)
    if contact.kind != "phone":
        raise NotFound
    if purpose not in PURPOSES:
        raise Refused("请选为什么打电话。")
    now = clock.now()
    decision = may_send([card.person_id], channel=_CHANNEL, purpose=purpose, at=now)[card.person_id]
    if not decision.may:
        raise Refused(decision.sentence)
    audit(
        actor,
        "contact.dialled",
        "person",
        card.person_id,
        identifier_id=identifier_id,
        kind=contact.kind,
        purpose=purpose,
    )
    note_sent([Sent(f"dial {uuid.uuid4()}", card.person_id, purpose, _CHANNEL, now)])
    return contact.open()
