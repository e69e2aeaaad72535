"""Facts of who came in and who went: one for each entry and each exit, ever."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db import transaction

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import Note
from huoshui.insight.segments.types import ENTERED, LEFT

Q = sql.load("huoshui.insight.segments")

_AT_ONCE = 2_000
"""A first answer may bring a million entries; their facts are written in pieces, which tills get in between."""


def tell() -> int:
    """Write the facts of all entries and exits that have none yet. Returns how many. May be run again at will: a spell's id
    is the key of its facts."""
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
    return len(notes)


def _notes(rows: Sequence[sql.Row]) -> Iterator[Note]:
    for row in rows:
        body = {"segment_id": row.segment_id, "segment": row.name, "version": row.version_no, "spell": row.id}
        if not row.is_told_in:
            yield Note(ENTERED, f"segment-entered:{row.id}", row.person_id, row.since, body)
        if row.until is not None and not row.is_told_out:
            yield Note(LEFT, f"segment-left:{row.id}", row.person_id, row.until, body | {"why": row.left_why})
