"""Values that turn out to be several people's: a guide's own phone, a household's, a staff card. They name nobody from then on,
and whom they had made one, or somebody else's, is decided anew without them (`intake.river.parting`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused
from huoshui.people.identity.reads import members
from huoshui.people.identity.rules import JOINED_ENOUGH

Q = sql.load("huoshui.people.identity")


class Shared(NamedTuple):
    """A value that many share, and the person it was first known of; or a number that changed hands, and who has had it."""

    id: int
    person_ids: list[int]


class SaidShared(NamedTuple):
    """A value of somebody that many share: `is_by_rule`, or who said so by hand, when and why ('' where that is not told)."""

    identifier_id: int
    is_by_rule: bool
    actor: str
    at: datetime | None
    reason: str


def say_shared(person_id: int, *, identifier_id: int, reason: str, actor: Actor) -> None:
    """Say by hand that an identifier of this person is several people's. Raises NotFound, also where that is known."""
    if not reason.strip():
        raise Refused("请写明为什么认为是多人共用，以后查依据时要用。")
    sql.fetch(Q.lock_clusters)
    found = sql.fetch_one(Q.say_shared, identifier_id=identifier_id, person_ids=members(person_id))
    if found is None:
        raise NotFound
    sql.run(Q.part_again, number=-identifier_id)
    record(
        actor,
        "identifier.shared",
        "person",
        person_id,
        identifier_id=identifier_id,
        kind=found.kind,
        reason=reason,
    )


def say_own(person_id: int, *, identifier_id: int, reason: str, actor: Actor) -> None:
    """Take back that somebody said so: from now on it names this person again. Whom it had joined stay as they are, to be
    made one by hand. Raises NotFound, also where a rule found it to be shared: then the rule is to be changed."""
    if not reason.strip():
        raise Refused("请写明为什么不再算多人共用，以后查依据时要用。")
    sql.fetch(Q.lock_clusters)
    found = sql.fetch_one(Q.say_own, identifier_id=identifier_id, person_ids=members(person_id))
    if found is None:
        raise NotFound
    record(
        actor,
        "identifier.own",
        "person",
        person_id,
        identifier_id=identifier_id,
        kind=found.kind,
        reason=reason,
    )


def said_shared(person_ids: Sequence[int]) -> list[SaidShared]:
    """Of the values of these members of a cluster, those that many share."""
    return sql.fetch_as(SaidShared, Q.said_shared, person_ids=list(person_ids))


def unparted(*, limit: int = 100) -> list[Shared]:
    """Values that are known to be shared since lately."""
    return sql.fetch_as(Shared, Q.unparted, limit=limit)


def has_joined_enough(link_id: int) -> None:
    """Of a link that somebody takes back."""
    sql.run(Q.has_joined_enough, link_id=link_id, enough=JOINED_ENOUGH)
