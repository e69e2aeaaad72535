"""Points given and taken by hand."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time
from typing import NamedTuple
from uuid import uuid4

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.approvals import api as approvals
from huoshui.core.approvals.api import Approval
from huoshui.core.errors import Refused
from huoshui.core.facts.derived import note
from huoshui.core.facts.types import Note
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger.types import ISSUER, POINTS, POOL, Movement, Party
from huoshui.engage.loyalty.rulebook import rulebook
from huoshui.engage.loyalty.spending import wallet_of
from huoshui.people import api as people

KIND = "points_adjustment"
"""Of its approvals, and of what the trail says of them."""
POINTS_ADJUSTED = "Points Adjusted"
PERSON = "person"


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


def adjust(*, person_id: int, points: int, reason: str, actor: Actor) -> Adjustment:
    """Give a person points, or take some (below zero). What is beyond the limit of one actor, together with what he moved
    for this person today, waits for `approve`.

    Raises NotFound for nobody, PointsShort for more than he has, Refused without a reason.
    """
    if not points:
        raise Refused("请填写要加或要减的积分，不能是 0。")
    if not reason.strip():
        raise Refused("请写明为什么调整积分，以后查账时要用。")
    is_alone = _alone_today(person_id, actor) + abs(points) <= rulebook().on(clock.today()).adjust_alone_upto
    asked = approvals.ask(
        kind=KIND,
        key=uuid4().hex,
        object_kind=PERSON,
        object_id=people.canonical_id(person_id),
        said={"points": points},
        reason=reason.strip(),
        actor=actor,
    )
    return _carry_out(asked, actor, alone=True) if is_alone else _as_told(asked)


def _alone_today(person_id: int, actor: Actor) -> int:
    """Points that the actor has given this human and taken from him today, by his own decision."""
    done = approvals.done_alone(
        kind=KIND,
        object_kind=PERSON,
        object_ids=people.kin_of([person_id])[person_id],
        since=clock.from_local(datetime.combine(clock.today(), time())),
        actor=actor,
    )
    return sum(abs(int(one.said["points"])) for one in done)


def approve(adjustment_id: int, *, actor: Actor) -> Adjustment:
    """Raises NotFound, AlreadyDecided, SecondPersonNeeded, and PointsShort where there is too little by now."""
    asked = approvals.undecided(adjustment_id, kind=KIND, actor=actor)
    return _carry_out(asked, actor, alone=False)


def reject(adjustment_id: int, *, actor: Actor) -> Adjustment:
    """Raises NotFound, AlreadyDecided, SecondPersonNeeded."""
    asked = approvals.undecided(adjustment_id, kind=KIND, actor=actor)
    return _as_told(approvals.reject(asked, actor=actor))


def waiting(*, limit: int = 100) -> list[Adjustment]:
    """What waits for a second person, oldest first."""
    return [_as_told(one) for one in approvals.waiting(KIND, limit=limit)]


def _as_told(one: Approval) -> Adjustment:
    told = (one.object_id, int(one.said["points"]), one.reason, one.state, one.asked_by, one.asked_at)
    return Adjustment(one.id, *told, one.decided_by, one.decided_at, one.fact_id)


def _carry_out(one: Approval, actor: Actor, *, alone: bool) -> Adjustment:
    asked = _as_told(one)
    key = f"points adjustment:{asked.id}"
    body = {"points": asked.points, "reason": asked.reason, "adjustment": asked.id}
    made = note([Note(POINTS_ADJUSTED, key, asked.person_id, clock.now(), body)], actor=actor)
    if ledger.post(list(_movements(asked, made[key]))).refused:
        raise PointsShort
    return _as_told(approvals.done(one, fact_id=made[key], actor=actor, alone=alone))


def _movements(asked: Adjustment, fact_id: int) -> Iterator[Movement]:
    if asked.points > 0:
        day = clock.today()
        target = Party("person", asked.person_id, rulebook().on(day).bucket(day))
        yield Movement(POINTS, ISSUER, target, asked.points, fact_id, "adjust", repays=True)
        return
    for owner, points in wallet_of([asked.person_id]).split(asked.person_id, -asked.points):
        yield Movement(POINTS, Party("person", owner, POOL), ISSUER, points, fact_id, "adjust")
