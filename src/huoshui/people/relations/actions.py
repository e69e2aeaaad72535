"""Relations that people declare and end. Callers hold the transaction."""

from __future__ import annotations

from datetime import datetime

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound
from huoshui.core.facts import api as facts
from huoshui.people.card.reads import visible
from huoshui.people.identity.kin import Kin
from huoshui.people.relations import rules
from huoshui.people.relations.types import AlreadyRelated, Kind, NoReason, NotThenYet, SameHuman

Q = sql.load("huoshui.people.relations")


def declare(
    *,
    kind: Kind,
    from_person_id: int,
    to_person_id: int,
    reason: str,
    actor: Actor,
    since: datetime | None = None,
) -> int:
    """Say that one person brought, serves, lives or works with another. Returns the relation's id.

    Raises NotFound for a person the actor may not see; NoReason, SameHuman, AlreadyRelated, NotThenYet.
    """
    if not reason.strip():
        raise NoReason
    now = clock.now()
    if since is not None and since > now:
        raise NotThenYet
    both = _seen(actor, from_person_id, to_person_id)
    if both[from_person_id] == both[to_person_id]:
        raise SameHuman
    sql.fetch(Q.lock_pairs)
    if sql.fetch(Q.between, **_pair(kind, from_person_id, to_person_id)):
        raise AlreadyRelated
    first, second = rules.ends(kind, from_person_id, to_person_id)
    made = sql.fetch_one(
        Q.add_by_hand,
        kind=kind,
        from_id=first,
        to_id=second,
        since=since or now,
        actor=str(actor),
        reason=reason.strip(),
    )
    facts.wake_readers()
    record(actor, "relation.declared", "person", to_person_id, relation_id=made.id, kind=kind, reason=reason)
    return int(made.id)


def end(*, relation_id: int, reason: str, actor: Actor, until: datetime | None = None) -> None:
    """It holds no longer, whoever said it how often. Nothing is taken out.

    Raises NotFound, also for persons the actor may not see and for what has ended; NoReason, NotThenYet.
    """
    if not reason.strip():
        raise NoReason
    now = clock.now()
    sql.fetch(Q.lock_pairs)
    one = sql.fetch_one(Q.one, relation_id=relation_id)
    if one is None or one.until is not None:
        raise NotFound
    _seen(actor, one.from_person_id, one.to_person_id)
    if until is not None and not one.since <= until <= now:
        raise NotThenYet
    sql.run(
        Q.end_pair,
        **_pair(one.kind, one.from_person_id, one.to_person_id),
        until=until or now,
        actor=str(actor),
        reason=reason.strip(),
    )
    facts.wake_readers()
    record(actor, "relation.ended", "person", one.to_person_id, relation_id=relation_id, reason=reason)


def decide(*, proposal_id: int, is_true: bool, actor: Actor) -> None:
    """Whether two who share an address or a phone are a household. NotFound for what is decided, or not the actor's to see."""
    state = "accepted" if is_true else "refused"
    one = sql.fetch_one(Q.decide, proposal_id=proposal_id, state=state, actor=str(actor), at=clock.now())
    if one is None:
        raise NotFound
    both = _seen(actor, one.person_a, one.person_b)
    record(actor, "household.decided", "person", one.person_a, proposal_id=proposal_id, state=state)
    if is_true and both[one.person_a] != both[one.person_b]:
        pair = _pair("household", one.person_a, one.person_b)
        if not sql.fetch(Q.between, **pair):
            ground = {"address": "地址相同", "phone": "用同一个手机号"}[one.ground]
            declare(
                kind="household",
                from_person_id=one.person_a,
                to_person_id=one.person_b,
                reason=ground,
                actor=actor,
            )


def _seen(actor: Actor, *person_ids: int) -> dict[int, int]:
    """Id → canonical. Raises NotFound unless all are the actor's to see."""
    found = visible(actor, person_ids)
    if len(found) < len(set(person_ids)):
        raise NotFound
    return found


def _pair(kind: Kind, from_id: int, to_id: int) -> dict[str, object]:
    kin = Kin().of([from_id, to_id])
    return {
        "kind": kind,
        "from_ids": kin[from_id],
        "to_ids": kin[to_id],
        "both_ways": rules.KINDS[kind],
    }
