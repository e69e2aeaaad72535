"""Addresses of her own page: short, signed, one person's, and good for some days.

An address holds a random handle and a signature by the house's key (`core.crypto.digest`), and nothing of whose it is. What was
not signed here is refused before anything is looked up; what is unknown, over, taken back or an erased person's looks alike.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record as audit
from huoshui.core.crypto import digest
from huoshui.core.errors import NotFound, RetryLater
from huoshui.people.card.reads import card_for
from huoshui.people.identity import reads as identity

Q = sql.load("huoshui.people.rights")

LIFETIME: Final = timedelta(days=7)
_HANDLE = 9  # bytes: twelve characters
_SIGNATURE = 20  # of 32 hex digits: 80 bits
_TAPS, _MINUTES = 20, timedelta(minutes=10)


class TooManyTaps(RetryLater):
    """点得太多了，请过十分钟再来。"""

    code = "too_many_taps"


class Made(NamedTuple):
    token: str
    expires_at: datetime


class Opened(NamedTuple):
    """An address that opens. `herself` acts by it."""

    id: int
    person_id: int
    made_by: str
    expires_at: datetime

    @property
    def herself(self) -> Actor:
        return Actor("person", self.person_id, "顾客本人")


class Living(NamedTuple):
    id: int
    made_by: str
    made_at: datetime
    expires_at: datetime
    opened_at: datetime | None


def make(actor: Actor, person_id: int) -> Made:
    """For a person the actor may see. Raises NotFound."""
    person = card_for(actor, person_id).person_id
    now = clock.now()
    handle, expires_at = secrets.token_urlsafe(_HANDLE), now + LIFETIME
    row = sql.fetch_one(
        Q.add_link, handle=handle, person_id=person, actor=str(actor), at=now, expires_at=expires_at
    )
    audit(actor, "rights.link_made", "person", person, link_id=row.id, until=expires_at)
    return Made(handle + _signature(handle), expires_at)


def _signature(handle: str) -> str:
    return digest(f"own page\x1f{handle}")[:_SIGNATURE]


def find(token: str) -> Opened:
    """Raises NotFound, whatever is wrong with it."""
    handle, signature = token[:-_SIGNATURE], token[-_SIGNATURE:]
    if not token.isascii() or not handle or not hmac.compare_digest(signature, _signature(handle)):
        raise NotFound
    row = sql.fetch_one(Q.link_by_handle, handle=handle, at=clock.now())
    if row is None:
        raise NotFound
    person = identity.canonical_id(row.person_id)
    if identity.presence([person]).get(person, True):
        raise NotFound
    if row.opened_at is None:
        _note_opened(row.id, person)
    return Opened(row.id, person, row.made_by, row.expires_at)


def _note_opened(link_id: int, person_id: int) -> None:
    if sql.run(Q.note_opened, link_id=link_id, at=clock.now()):
        audit(Actor("person", person_id, ""), "rights.link_opened", "person", person_id, link_id=link_id)


def count_tap(link: Opened) -> None:
    """Before whatever she does by it. Raises TooManyTaps."""
    now = clock.now()
    if sql.fetch_one(Q.count_tap, link_id=link.id, at=now, since=now - _MINUTES, most=_TAPS) is None:
        raise TooManyTaps


def living(actor: Actor, person_id: int) -> list[Living]:
    person = card_for(actor, person_id).person_id
    return sql.fetch_as(Living, Q.living_links, person_ids=identity.members(person), at=clock.now())


def revoke(actor: Actor, person_id: int) -> int:
    """None of hers opens any more. Returns how many those were."""
    person = card_for(actor, person_id).person_id
    gone = sql.run(Q.revoke_links, person_ids=identity.members(person), at=clock.now())
    if gone:
        audit(actor, "rights.links_revoked", "person", person, links=gone)
    return gone
