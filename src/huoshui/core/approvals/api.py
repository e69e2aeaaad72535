"""Two persons for what one may not do alone: asked by the first, carried out or rejected by another.

What is asked for is its room's business; here it waits, and nobody decides about his own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused

Q = sql.load("huoshui.core.approvals")

WAITING, APPROVED, DONE, REJECTED = "waiting", "approved", "done", "rejected"


class Approval(NamedTuple):
    id: int
    kind: str
    object_kind: str
    object_id: int
    said: Mapping[str, Any]
    reason: str
    state: str
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    fact_id: int | None


class SecondPersonNeeded(Refused):
    """自己提交的要由另一位同事审批。"""

    code = "second_person_needed"


class AlreadyDecided(Refused):
    """这一笔已经有人处理过了。"""

    code = "already_decided"


def ask(
    *,
    kind: str,
    key: str,
    object_kind: str,
    object_id: int,
    said: Mapping[str, Any],
    reason: str,
    actor: Actor,
) -> Approval:
    """What waits for another person from here on, in the caller's transaction; under a known key what waits already."""
    asked = sql.fetch_one(
        Q.ask,
        kind=kind,
        key=key,
        object_kind=object_kind,
        object_id=object_id,
        said=json.dumps(said, ensure_ascii=False),
        reason=reason,
        actor=str(actor),
    )
    found = _read(sql.fetch_one(Q.by_key, kind=kind, key=key))
    if asked is not None:
        _trace(actor, "asked", found)
    return found


def undecided(approval_id: int, *, kind: str, actor: Actor) -> Approval:
    """Locked until the end of the transaction, for somebody who may decide about it.

    Raises NotFound, AlreadyDecided, SecondPersonNeeded.
    """
    row = sql.fetch_one(Q.lock, id=approval_id, kind=kind)
    if row is None:
        raise NotFound
    asked = _read(row)
    if asked.state not in (WAITING, APPROVED):
        raise AlreadyDecided
    if asked.asked_by == str(actor):
        raise SecondPersonNeeded
    return asked


def approve(asked: Approval, *, actor: Actor) -> Approval:
    """To be carried out in a transaction of its own, which `done` or `reopen` follows."""
    return _close(asked, APPROVED, None, str(actor))


def reopen(asked: Approval) -> Approval:
    """It could not be carried out, and waits again."""
    return _close(asked, WAITING, None, None)


def done(asked: Approval, *, fact_id: int, actor: Actor, alone: bool = False) -> Approval:
    """`alone`: by the one who asked, within what he may do."""
    closed = _close(asked, DONE, fact_id, None if alone else str(actor))
    _trace(actor, DONE, closed)
    return closed


def reject(asked: Approval, *, actor: Actor) -> Approval:
    closed = _close(asked, REJECTED, None, str(actor))
    _trace(actor, REJECTED, closed)
    return closed


def waiting(kind: str, *, limit: int = 100) -> list[Approval]:
    """What waits for a second person, oldest first."""
    return [_read(row) for row in sql.fetch(Q.waiting, kind=kind, limit=limit)]


def done_alone(
    *, kind: str, object_kind: str, object_ids: Sequence[int], since: datetime, actor: Actor
) -> list[Approval]:
    """What the actor did about one thing, by all ids it has, without asking anybody. Until the transaction ends he does no
    more of it elsewhere, so that two at once are added up too."""
    sql.fetch(Q.lock_alone, kind=kind, actor=str(actor), object_id=min(object_ids))
    asked = {"kind": kind, "object_kind": object_kind, "object_ids": list(object_ids), "since": since}
    return [_read(row) for row in sql.fetch(Q.done_alone, **asked, actor=str(actor))]


def limits(kind: str, defaults: Mapping[str, int | None]) -> dict[str, int | None]:
    """How much one of each role may do alone; None: any amount. Roles without a limit of their own may do nothing alone."""
    return dict(defaults) | {r.role: r.alone_upto for r in sql.fetch(Q.limits, kind=kind)}


def alone_upto(kind: str, actor: Actor, defaults: Mapping[str, int | None]) -> int | None:
    """What the actor may do alone, by the role that lets him do most."""
    if actor.kind == "system":
        return None
    set_for = limits(kind, defaults)
    his = [set_for[role] for role in actor.roles if role in set_for]
    return None if None in his else max((n for n in his if n is not None), default=0)


def set_limit(*, kind: str, role: str, alone_upto: int | None, actor: Actor) -> None:
    sql.run(Q.put_limit, kind=kind, role=role, alone_upto=alone_upto, actor=str(actor))
    record(actor, f"{kind}.limit_set", "role", 0, role=role, alone_upto=alone_upto)


def _close(asked: Approval, state: str, fact_id: int | None, decided_by: str | None) -> Approval:
    return _read(sql.fetch_one(Q.close, id=asked.id, state=state, fact_id=fact_id, decided_by=decided_by))


def _trace(actor: Actor, verb: str, that: Approval) -> None:
    record(
        actor,
        f"{that.kind}.{verb}",
        that.object_kind,
        that.object_id,
        approval_id=that.id,
        reason=that.reason,
        by=actor.name,
        **{name: value for name, value in that.said.items() if name not in ("reason", "by")},
    )


def _read(row: sql.Row) -> Approval:
    return Approval(**row._asdict() | {"said": json.loads(row.said)})
