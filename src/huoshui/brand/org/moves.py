"""Units that go elsewhere: now, as of an earlier day, or on a day to come."""

from __future__ import annotations

from datetime import date

from huoshui.brand.org import rules
from huoshui.brand.org.reads import Q
from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused
from huoshui.core.facts import api as facts


def follow_places(*, actor: Actor, reason: str = "") -> None:
    """Keep where each unit stands now, whoever has moved it: files and undone imports write `org_unit` themselves."""
    day = clock.today()
    sql.fetch(Q.lock_places)
    sql.run(Q.drop_places_of_today, day=day)
    sql.run(Q.close_places, day=day)
    sql.run(Q.reopen_places, day=day)
    sql.run(Q.open_places, day=day, reason=reason, actor=str(actor))


def move_unit(*, unit_id: int, under_id: int, on: date, reason: str, actor: Actor) -> None:
    """Raises NotFound for whoever may not, and for no such unit; Refused where it cannot stand there."""
    if not rules.may_move(actor.roles):
        raise NotFound
    if not reason.strip():
        raise Refused("请写为什么调整。")
    follow_places(actor=SYSTEM)
    rows = {r.id: r for r in sql.fetch(Q.kinds, ids=[unit_id, under_id])}
    if len(rows) != 2:
        raise NotFound
    unit, under, today = rows[unit_id], rows[under_id], clock.today()
    if wrong := rules.wrong_with_move(unit.kind, under.kind, on, today=today, since=unit.since):
        raise Refused(wrong)
    if unit.parent_id == under_id:
        raise Refused("它已经在那里了。")
    sql.run(Q.replace_plan, unit_id=unit_id)
    if on > today:
        sql.fetch(
            Q.add_move, unit_id=unit_id, parent_id=under_id, day=on, reason=reason.strip(), actor=str(actor)
        )
        record(actor, "org.move_planned", "org_unit", unit_id, under=under_id, on=on, reason=reason.strip())
        return
    _carry_out([unit_id], [under_id], actor=actor, reason=reason.strip())
    if on < today:
        sql.run(Q.date_back, unit_id=unit_id, day=on, today=today)
    record(
        actor,
        "org.moved",
        "org_unit",
        unit_id,
        under=under_id,
        before=unit.parent_id,
        on=on,
        reason=reason.strip(),
    )


def call_off_move(*, move_id: int, actor: Actor) -> None:
    """Raises NotFound for one that is not planned any more."""
    if not rules.may_move(actor.roles) or not sql.run(Q.call_off, move_id=move_id):
        raise NotFound
    record(actor, "org.move_called_off", "org_move", move_id)


def carry_out_due() -> int:
    """What was planned for today or before. Returns how many units were moved."""
    follow_places(actor=SYSTEM)
    due = sql.fetch(Q.due_moves, day=clock.today())
    if due:
        _carry_out(
            [m.org_unit_id for m in due], [m.parent_id for m in due], actor=SYSTEM, reason="按计划调整"
        )
        moves = [
            {"unit": m.org_unit_id, "under": m.parent_id, "on": m.on_day, "said_by": m.actor} for m in due
        ]
        record(SYSTEM, "org.moves_due", "org_unit", 0, moves=moves)
    return len(due)


def _carry_out(units: list[int], parents: list[int], *, actor: Actor, reason: str) -> None:
    sql.run(Q.put_under, units=units, parents=parents)
    follow_places(actor=actor, reason=reason)
    facts.wake_readers()
