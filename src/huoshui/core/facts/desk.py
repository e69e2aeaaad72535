"""What could not be had, before somebody's eyes: looked at, tried again, or said to be dealt with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused

Q = sql.load("huoshui.core.facts")

SEE = frozenset({"boss", "operator", "auditor"})
ACT = frozenset({"boss", "operator"})
REASON_LENGTH = 200
LAST_BIGINT = 2**63 - 1


class ReasonMissing(Refused):
    """请写一句是怎么处理的，以后好查。"""

    code = "reason_missing"


class AlreadyMended(Refused):
    """这一条刚才已经有人处理过了。"""

    code = "already_mended"


class Kind(NamedTuple):
    code: str
    cases: int
    since: datetime


class Case(NamedTuple):
    """An exception and what it was raised about. `fact_state` is 'waiting' while the fact can still settle."""

    id: int
    fact_id: int
    line_no: int | None
    code: str
    detail: Mapping[str, Any]
    state: str
    raised_at: datetime
    name: str
    fact_state: str
    occurred_at: datetime
    person_id: int | None
    source: str
    order_key: str | None
    parent_key: str | None
    org_unit_id: int | None
    amount: int | None


class Step(NamedTuple):
    """Something that was done about an exception: by whom, and what was said or came of it; or the fact that dealt with it."""

    at: datetime
    action: str
    who: str
    said: str
    by_fact_id: int | None = None


class Place(NamedTuple):
    org_unit_id: int | None
    is_history: bool
    sku_ids: list[int]


def may_see(actor: Actor) -> bool:
    return actor.kind == "system" or bool(actor.roles & SEE)


def may_act(actor: Actor) -> bool:
    return actor.kind == "system" or bool(actor.roles & ACT)


def kinds(actor: Actor) -> list[Kind]:
    """Open exceptions by code, most first. Raises NotFound for whoever may not see them, as all of these do."""
    _require(may_see(actor))
    return sql.fetch_as(Kind, Q.exception_kinds)


def cases(actor: Actor, *, code: str = "", before: int | None = None, limit: int = 50) -> list[Case]:
    """Open exceptions, newest first; `before` is the id that the page before ended with."""
    _require(may_see(actor))
    upto = LAST_BIGINT if before is None else before
    return [_case(row) for row in sql.fetch(Q.exceptions_open, code=code, before=upto, limit=limit)]


def case(actor: Actor, exception_id: int) -> Case:
    _require(may_see(actor))
    row = sql.fetch_one(Q.exception, exception_id=exception_id)
    _require(row is not None)
    return _case(row)


def _case(row: sql.Row) -> Case:
    # Django's connection hands jsonb out as text
    return Case(**row._asdict() | {"detail": json.loads(row.detail)})


def mend(exception_id: int, *, reason: str, actor: Actor) -> Case:
    """Say that it has been dealt with, and how: in the caller's transaction, with a trace of who said so."""
    _require(may_act(actor))
    that = case(actor, exception_id)
    said = reason.strip()[:REASON_LENGTH]
    if not said:
        raise ReasonMissing
    if sql.run(Q.mend_exception, exception_id=exception_id) == 0:
        raise AlreadyMended
    _trace(actor, "exception.mended", that, said)
    return that


def retried(exception_id: int, *, actor: Actor) -> bool:
    """Say that its fact was settled once more; one that has settled now is mended. In the caller's transaction."""
    _require(may_act(actor))
    that = case(actor, exception_id)
    has_settled = that.fact_state == "settled"
    _trace(actor, "exception.retried", that, that.fact_state)
    if has_settled:
        sql.run(Q.mend_exception, exception_id=exception_id)
    return has_settled


def trail(actor: Actor, exception_id: int) -> list[Step]:
    """What has been done about it, oldest first."""
    _require(may_see(actor))
    return sql.fetch_as(Step, Q.trail_of_exception, exception_id=exception_id)


def _trace(actor: Actor, action: str, that: Case, said: str) -> None:
    record(
        actor,
        action,
        "fact_exception",
        that.id,
        reason=said,
        code=that.code,
        fact_id=that.fact_id,
        by=actor.name,
    )


def place_of(fact_id: int) -> Place | None:
    """Where the goods of an order left from; None for what is no order."""
    found = sql.fetch_as(Place, Q.place_of_order, fact_id=fact_id)
    return found[0] if found else None


def _require(allowed: bool) -> None:
    """Absent and forbidden look alike."""
    if not allowed:
        raise NotFound
