"""What becomes of words by themselves: they expire, are taken back of whoever wants none, are counted and told."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import Note
from huoshui.insight.tags.types import BELIEVED, GIVEN, TAKEN
from huoshui.people import api as people

Q = sql.load("huoshui.insight.tags")

_AT_ONCE = 2_000
INFER_AGAIN = timedelta(hours=24)


def tend(at: datetime | None = None) -> None:
    """May be run again at will."""
    at = at or clock.now()
    with transaction.atomic():
        _set_stale(sql.fetch(Q.expire, at=at))
        _take_back(at)
    tell()
    recount(at)


def is_anything_due(at: datetime) -> bool:
    if sql.fetch_one(Q.any_to_do, at=at).is_any or sql.fetch(Q.to_infer, before=at - INFER_AGAIN, ids=None):
        return True
    return any(refused for refused in _refused())


def _refused() -> Iterator[set[int]]:
    """Persons, as recorded, of whom something is still said that may not be: by models, and sensitive."""
    guessed = [row.person_id for row in sql.fetch(Q.open_guessed)]
    yield people.unprofiled(guessed) if guessed and people.everyone_unprofiled() else set()
    sensitive = [row.person_id for row in sql.fetch(Q.open_sensitive)]
    yield people.unconsented(sensitive, "sensitive") if sensitive else set()


def _take_back(at: datetime) -> None:
    for is_sensitive, refused in zip((False, True), _refused(), strict=True):
        if refused:
            _set_stale(sql.fetch(Q.end_refused, at=at, person_ids=sorted(refused), is_sensitive=is_sensitive))


def _set_stale(rows: Sequence[sql.Row]) -> None:
    if rows:
        sql.run(Q.set_stale, ids=[row.tag_id for row in rows])


def recount(at: datetime) -> None:
    """Everyone once, by who they are now."""
    with transaction.atomic():
        for tag in sql.fetch(Q.stale):
            rows = sql.fetch_as(tuple, Q.worn, tag_id=tag.id, order=list(BELIEVED))
            canonical = people.canonical_ids(list({person_id for person_id, _value in rows}))
            worn: dict[int, list[str]] = {}
            for person_id, value in rows:
                values = worn.setdefault(canonical[person_id], [])
                if value not in values and (tag.kind == "several" or not values):
                    values.append(value)
            sizes: dict[str, int] = {"": len(worn)}
            for values in worn.values():
                for value in values:
                    sizes[value] = sizes.get(value, 0) + 1
            sql.run(Q.forget_counts, tag_id=tag.id)
            sql.run(Q.put_counts, tag_id=tag.id, vals=list(sizes), people=list(sizes.values()))
            sql.run(Q.put_day, tag_id=tag.id, day=clock.business_day(at), people=len(worn))
            sql.run(Q.unstale, tag_id=tag.id)


def tell() -> int:
    """Facts of all that was said or taken back and that no fact tells of. A word's id is the key of its facts."""
    told = 0
    while made := _tell_some():
        told += made
    return told


def _tell_some() -> int:
    with transaction.atomic():
        rows = sql.fetch(Q.untold, limit=_AT_ONCE)
        notes = list(_notes(rows))
        facts.note(notes, actor=SYSTEM)
        sql.run(Q.mark_told, ids=[row.id for row in rows])
    return len(rows)


def _notes(rows: Sequence[sql.Row]) -> Iterator[Note]:
    for row in rows:
        body = {
            "tag_id": row.tag_id,
            "key": row.key,
            "tag": row.name,
            "value": row.value,
            "source": row.source,
        }
        if not row.is_told_in:
            yield Note(GIVEN, f"tag-given:{row.id}", row.person_id, row.since, body)
        if row.until is not None and not row.is_told_out:
            yield Note(TAKEN, f"tag-taken:{row.id}", row.person_id, row.until, body | {"why": row.ended_why})
