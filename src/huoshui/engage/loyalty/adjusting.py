"""Points given and taken by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused
from huoshui.core.facts.derived import note
from huoshui.core.facts.types import Note
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger.types import ISSUER, POINTS, POOL, Movement, Party
from huoshui.engage.loyalty.rulebook import rulebook
from huoshui.engage.loyalty.spending import wallet_of
from huoshui.people import api as people

Q = sql.load("huoshui.engage.loyalty")

POINTS_ADJUSTED = "Points Adjusted"


class Adjustment(NamedTuple):
    id: int
    person_id: int
    points: int  # below zero: taken
    reason: str
    state: str  # waiting | done | rejected
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    fact_id: int | None


class PointsShort(Refused):
    """这位顾客的积分不够扣，请先看一下可用积分再调整。"""

    code = "points_short"


class SecondPersonNeeded(Refused):
    """自己提交的积分调整要由另一位同事审批。"""

    code = "second_person_needed"


class AlreadyDecided(Refused):
    """这笔积分调整已经处理过了。"""

    code = "already_decided"


def adjust(*, person_id: int, points: int, reason: str, actor: Actor) -> Adjustment:
    """Give a person points, or take some (below zero). What is beyond the limit of one person waits for `approve`.

    Raises NotFound for nobody, PointsShort for more than he has, Refused without a reason.
    """
    if not points:
        raise Refused("请填写要加或要减的积分，不能是 0。")
    if not reason.strip():
        raise Refused("请写明为什么调整积分，以后查账时要用。")
    person_id = people.canonical_id(person_id)
    asked = Adjustment(
        *sql.fetch_one(
            Q.ask_adjustment, person_id=person_id, points=points, reason=reason.strip(), actor=str(actor)
        )
    )
    record(
        actor,
        "points_adjustment.asked",
        "person",
        person_id,
        adjustment_id=asked.id,
        points=points,
        reason=reason,
    )
    if abs(points) > rulebook().on(clock.today()).adjust_alone_upto:
        return asked
    return _carry_out(asked, actor, decided_by=None)


def approve(adjustment_id: int, *, actor: Actor) -> Adjustment:
    """Raises NotFound, AlreadyDecided, SecondPersonNeeded, and PointsShort where there is too little by now."""
    asked = _undecided(adjustment_id, actor)
    return _carry_out(asked, actor, decided_by=str(actor))


def reject(adjustment_id: int, *, actor: Actor) -> Adjustment:
    """Raises NotFound, AlreadyDecided, SecondPersonNeeded."""
    asked = _undecided(adjustment_id, actor)
    return _close(asked, "rejected", None, actor, decided_by=str(actor))


def waiting(*, limit: int = 100) -> list[Adjustment]:
    """What waits for a second person, oldest first."""
    return sql.fetch_as(Adjustment, Q.waiting_adjustments, limit=limit)


def _undecided(adjustment_id: int, actor: Actor) -> Adjustment:
    row = sql.fetch_one(Q.lock_adjustment, id=adjustment_id)
    if row is None:
        raise NotFound
    asked = Adjustment(*row)
    if asked.state != "waiting":
        raise AlreadyDecided
    if asked.asked_by == str(actor):
        raise SecondPersonNeeded
    return asked


def _carry_out(asked: Adjustment, actor: Actor, *, decided_by: str | None) -> Adjustment:
    key = f"adjustment:{asked.id}"
    body = {"points": asked.points, "reason": asked.reason, "adjustment": asked.id}
    made = note([Note(POINTS_ADJUSTED, key, asked.person_id, clock.now(), body)], actor=actor)
    if ledger.post(list(_movements(asked, made[key]))).refused:
        raise PointsShort
    return _close(asked, "done", made[key], actor, decided_by=decided_by)


def _movements(asked: Adjustment, fact_id: int) -> Iterator[Movement]:
    if asked.points > 0:
        day = clock.today()
        target = Party("person", asked.person_id, rulebook().on(day).bucket(day))
        yield Movement(POINTS, ISSUER, target, asked.points, fact_id, "adjust", repays=True)
        return
    for owner, points in wallet_of([asked.person_id]).split(asked.person_id, -asked.points):
        yield Movement(POINTS, Party("person", owner, POOL), ISSUER, points, fact_id, "adjust")


def _close(
    asked: Adjustment, state: str, fact_id: int | None, actor: Actor, *, decided_by: str | None
) -> Adjustment:
    closed = Adjustment(
        *sql.fetch_one(Q.close_adjustment, id=asked.id, state=state, fact_id=fact_id, decided_by=decided_by)
    )
    record(
        actor,
        f"points_adjustment.{state}",
        "person",
        asked.person_id,
        adjustment_id=asked.id,
        points=asked.points,
    )
    return closed
