"""By the clock: when a slow rule is judged again, and files of members that are made and kept for whoever may take them.

A file holds people: it is as safe to open as the one a hand exports, is made by the rights its planner has that day, leaves a
trace when it is made and each time it is read, goes after two weeks, and all go when anybody is erased.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.db import transaction

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import HuoshuiError, NotFound, Refused
from huoshui.core.scope import look_as
from huoshui.core.subscribers import Erased, registry
from huoshui.insight.segments import reads, rules
from huoshui.insight.segments.actions import may_export, may_write, require
from huoshui.insight.segments.exports import write

Q = sql.load("huoshui.insight.segments")

MOST_FILES = 14
KEPT_FOR = timedelta(days=14)
BEATS = (5, 15, 30, 60, 120, 360, 720, 1440)
"""Minutes between two judgings of everyone."""


class Beat(NamedTuple):
    """Neither: as often as the rules allow."""

    is_incremental: bool
    minutes: int | None
    hour: int | None


class Plan(NamedTuple):
    hour: int
    weekday: int | None
    staff_name: str
    set_at: datetime
    last_at: datetime | None
    error: str


class File(NamedTuple):
    id: int
    segment_id: int
    made_at: datetime
    rows: int
    place: str
    staff_name: str


def beat_of(actor: Actor, segment_id: int) -> Beat:
    reads.find(actor, segment_id)
    return Beat(*sql.fetch_one(Q.beat_of, segment_id=segment_id))


def set_beat(segment_id: int, *, minutes: int | None = None, hour: int | None = None, actor: Actor) -> None:
    """How often, or at which of the brand's hours, a rule that needs everyone is judged again. Raises Refused, NotFound."""
    require(may_write(actor))
    if beat_of(actor, segment_id).is_incremental:
        raise Refused("这个人群几秒之内就会更新，不用定时。")
    if (minutes is not None and minutes not in BEATS) or (hour is not None and not 0 <= hour <= 23):
        raise Refused("请从列表里选多久算一次。")
    if minutes is not None and hour is not None:
        raise Refused("多久算一次和几点算，只能选一样。")
    sql.run(Q.set_beat, segment_id=segment_id, minutes=minutes, hour=hour)
    record(actor, "segment.beat_set", "segment", segment_id, minutes=minutes, hour=hour)


def plan_of(actor: Actor, segment_id: int) -> Plan | None:
    require(may_export(actor))
    reads.find(actor, segment_id)
    row = sql.fetch_one(Q.plan_of, segment_id=segment_id)
    return Plan(*row) if row else None


def plan(segment_id: int, *, hour: int, weekday: int | None = None, actor: Actor) -> None:
    """A file at this hour of each day, or of one day of the week, by the rights that the actor will have then."""
    require(may_export(actor))
    if reads.find(actor, segment_id).state == "archived":
        raise Refused("这个人群已经归档，不能再导出。")
    if actor.kind not in _actors():
        raise Refused("定时导出要由一位员工或者一把密钥来定，到时按它的权限导出。")
    if not 0 <= hour <= 23 or weekday not in (None, 1, 2, 3, 4, 5, 6, 7):
        raise Refused("请从列表里选哪天几点导出。")
    sql.run(
        Q.put_plan,
        segment_id=segment_id,
        hour=hour,
        weekday=weekday,
        planner_kind=actor.kind,
        staff_id=actor.id,
        staff_name=actor.name,
        at=clock.now(),
    )
    record(actor, "segment.export_planned", "segment", segment_id, hour=hour, weekday=weekday)


def _actors() -> Mapping[str, Callable[[int], Actor]]:
    """Who may be asked, by kind and number, for the rights he has now."""
    return {"staff": brand.actor_of_staff} | registry.actors


def unplan(segment_id: int, *, actor: Actor) -> None:
    """No more files. Those that were made stay for their time."""
    require(may_export(actor))
    if sql.run(Q.drop_plan, segment_id=segment_id):
        record(actor, "segment.export_unplanned", "segment", segment_id)


def files(actor: Actor, segment_id: int) -> list[File]:
    """The newest first."""
    require(may_export(actor))
    reads.find(actor, segment_id)
    return sql.fetch_as(File, Q.files_of, segment_id=segment_id)


def read_file(file_id: int, *, actor: Actor) -> tuple[File, str]:
    """In the caller's transaction, with a trace. Raises NotFound."""
    require(may_export(actor))
    row = sql.fetch_one(Q.file, file_id=file_id)
    if row is None:
        raise NotFound
    found = File(*row)
    reads.find(actor, found.segment_id)
    path = _folder() / found.place
    if not path.exists():
        raise NotFound
    record(actor, "segment.export_read", "segment", found.segment_id, file=file_id, rows=found.rows)
    return found, path.read_text(encoding="utf-8")


def is_any_due(at: datetime) -> bool:
    return any(_is_due(row, at) for row in sql.fetch(Q.all_plans)) or bool(_old(at))


def carry_out(at: datetime | None = None) -> int:
    """Files that are due, each in its own transaction; how many were made. One that fails says so and holds up no other."""
    at = at or clock.now()
    made = 0
    for row in sql.fetch(Q.all_plans):
        if _is_due(row, at):
            made += _carry_out(row.segment_id, at)
    _forget(_old(at))
    return made


def _is_due(row: sql.Row, at: datetime) -> bool:
    after = max(row.set_at, row.last_at or row.set_at)
    return at >= rules.next_slot(after, hour=row.hour, weekday=row.weekday, zone=clock.brand_zone())


def _carry_out(segment_id: int, at: datetime) -> bool:
    try:
        with transaction.atomic():
            row = sql.fetch_one(Q.take_plan, segment_id=segment_id)
            if row is None or not _is_due(row, at):
                return False
            _make(row, at)
            sql.run(Q.mark_plan, segment_id=segment_id, at=at, error="")
    except HuoshuiError as error:
        said = (
            "定下的人不能再导出这个人群，请有权限的人重新定。" if isinstance(error, NotFound) else str(error)
        )
        with transaction.atomic():
            sql.run(Q.mark_plan, segment_id=segment_id, at=at, error=said)
        return False
    return True


def _make(row: sql.Row, at: datetime) -> None:
    actor = _actors()[row.planner_kind](row.staff_id)
    require(may_export(actor))
    look_as(actor)
    written = write(reads.find(actor, row.segment_id), actor)
    place = f"{row.segment_id}-{secrets.token_hex(8)}.csv"
    _folder().mkdir(parents=True, exist_ok=True)
    path = _folder() / place
    path.touch(mode=0o600)
    path.write_text(written.text, encoding="utf-8", newline="")
    sql.fetch_one(
        Q.add_file, segment_id=row.segment_id, at=at, rows=written.rows, place=place, staff_name=actor.name
    )


def _old(at: datetime) -> list[sql.Row]:
    return sql.fetch(Q.old_files, most=MOST_FILES, before=at - KEPT_FOR)


def _forget(rows: Sequence[sql.Row]) -> None:
    for row in rows:
        (_folder() / row.place).unlink(missing_ok=True)
    if rows:
        with transaction.atomic():
            sql.run(Q.forget_files, ids=[row.id for row in rows])


def _folder() -> Path:
    return Path(settings.HUOSHUI_HOME) / "exports"


def erase(erased: Erased) -> Mapping[str, int]:
    """Whoever is erased may be in any of them."""
    rows = sql.fetch(Q.every_file)
    _forget(rows)
    return {"导出的人群文件": len(rows)}
