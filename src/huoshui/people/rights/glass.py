"""Behind glass: a whole number for who may not see numbers but must, now. It takes a reason, and all concerned see it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record as audit
from huoshui.core.errors import Refused
from huoshui.core.subscribers import Expiry
from huoshui.people.card.reads import card_for
from huoshui.people.identity.reads import sealed_contact
from huoshui.people.identity.types import ContactsClosed
from huoshui.people.rights import head_office

Q = sql.load("huoshui.people.rights")

_WHO = frozenset({"operator", "manager", "guide", "dealer"})
_REASON = 4


class Opened(NamedTuple):
    """One that was opened: by whom (as the audit knows him), whose, which kind, and why."""

    at: datetime
    actor: str
    person_id: int
    kind: str
    reason: str


def may_break(actor: Actor) -> bool:
    return bool(actor.roles & _WHO) and not actor.may_see_contacts


def open_contact(actor: Actor, person_id: int, identifier_id: int, *, reason: str) -> str:
    """The whole value, in the caller's transaction with its trace. Only of persons the actor may see.

    Raises NotFound, ContactsClosed, HeadOfficeClosed, Refused without a reason.
    """
    card = card_for(actor, person_id)
    contact = sealed_contact(card.person_id, identifier_id)
    if not may_break(actor):
        raise ContactsClosed
    head_office.require(actor, card)
    if len(reason.strip()) < _REASON:
        raise Refused("请写明为什么要看完整号码，例如：约好今天送货，要打电话。")
    audit(
        actor,
        "contact.opened",
        "person",
        card.person_id,
        identifier_id=identifier_id,
        kind=contact.kind,
        reason=reason.strip()[:200],
    )
    return contact.open()


def opened(*, limit: int = 50) -> list[Opened]:
    """The latest first."""
    return sql.fetch_as(Opened, Q.opened, limit=limit)


_REASONS = "看完整号码时写的原因"


def _count(before: datetime) -> Mapping[str, int]:
    return {_REASONS: int(sql.fetch_one(Q.count_opened, before=before).reasons)}


def _take(before: datetime) -> Mapping[str, int]:
    return {_REASONS: sql.run(Q.redact_opened, before=before)}


EXPIRY = Expiry(
    label=_REASONS,
    why="三年内有人追问可以查；再久只留谁、什么时候、看了谁的。网络安全法要求日志至少留六个月。",
    days=1_095,
    least=184,
    count=_count,
    take=_take,
)
