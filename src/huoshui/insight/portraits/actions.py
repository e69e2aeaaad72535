"""Writes: what a person says of a typical customer, and types found anew. Callers hold the transaction."""

from __future__ import annotations

import json

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused
from huoshui.insight.lake import Lake
from huoshui.insight.portraits import kinds
from huoshui.insight.segments import api as segments
from huoshui.people import api as people

Q = sql.load("huoshui.insight.portraits")

_CALLED, _TREATMENT = 20, 200


def say_typical(segment_id: int, person_id: int, *, called: str, treatment: str, actor: Actor) -> None:
    """A name for her and those like her, and how to treat them; without a name she is a typical customer no longer.

    Raises NotFound for who may not write and for a person the actor may not see, Refused for one who is not in the segment.
    """
    _require_writer(actor)
    segments.find(actor, segment_id)
    card = people.card_for(actor, person_id)
    called, treatment = " ".join(called.split()), treatment.strip()
    if len(called) > _CALLED or len(treatment) > _TREATMENT:
        raise Refused(f"称呼最多 {_CALLED} 个字，照顾的办法最多 {_TREATMENT} 个字。")
    if treatment and not called:
        raise Refused("请先给这类顾客起一个称呼。")
    if not called:
        sql.run(Q.drop_typical, segment_id=segment_id, person_ids=people.members(card.person_id))
        record(actor, "portrait.typical_dropped", "segment", segment_id, person_id=card.person_id)
        return
    if segment_id not in {m.segment_id for m in segments.of_person(actor, card.person_id)}:
        raise Refused("这位顾客现在不在这个人群里，请刷新页面再选一位。")
    sql.run(
        Q.put_typical,
        segment_id=segment_id,
        person_id=card.person_id,
        called=called,
        treatment=treatment,
        actor=str(actor),
        actor_name=actor.name,
        at=clock.now(),
    )
    record(actor, "portrait.typical_said", "segment", segment_id, person_id=card.person_id, called=called)


def find_types(lake: Lake, *, actor: Actor) -> int:
    """Types of the customers as they are now, kept until somebody has them found anew. Raises kinds.NoTypes."""
    _require_writer(actor)
    model = kinds.found(lake, lake.newest_day())
    row = sql.fetch_one(
        Q.put_model,
        model=json.dumps(model.to_json(), ensure_ascii=False),
        actor=str(actor),
        actor_name=actor.name,
        at=clock.now(),
    )
    record(actor, "portrait.types_found", "portrait_model", row.id, types=len(model.centres))
    return int(row.id)


def call_type(model_id: int, key: int, called: str, *, actor: Actor) -> None:
    """A name for a type; '' takes it back. Raises NotFound for one of a model that is no longer in use."""
    _require_writer(actor)
    called = " ".join(called.split())
    if len(called) > _CALLED:
        raise Refused(f"称呼最多 {_CALLED} 个字。")
    row = sql.fetch_one(Q.model)
    if row is None or row.id != model_id or not 0 <= key < len(json.loads(row.model)["centres"]):
        raise NotFound
    sql.run(Q.call_type, id=model_id, key=str(key), called=called)
    record(actor, "portrait.type_called", "portrait_model", model_id, key=key, called=called)


def _require_writer(actor: Actor) -> None:
    if not segments.may_write(actor):
        raise NotFound
