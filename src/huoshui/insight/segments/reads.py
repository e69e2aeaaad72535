"""What of segments is shown. Nothing here is scoped: segments are head office's, and the doors above say so."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, timedelta

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.insight.segments.actions import may_see, require
from huoshui.insight.segments.types import Day, Kept, Member, Membership, Overlap, Passage, Segment, Version
from huoshui.people import api as people

Q = sql.load("huoshui.insight.segments")


def listed(actor: Actor, *, with_archived: bool = False) -> list[Segment]:
    require(may_see(actor))
    return _segments(None, with_archived)


def find(actor: Actor, segment_id: int) -> Segment:
    """Raises NotFound."""
    require(may_see(actor))
    found = _segments([segment_id], True)
    if not found:
        raise NotFound
    return found[0]


def listed_for_figures() -> list[Segment]:
    """For who may see no more of a segment than figures: the callers say who that is."""
    return _segments(None, False)


def name_and_members(segment_id: int) -> tuple[str, list[int]]:
    """All who are in, ascending. Raises NotFound. For figures: who may see persons is asked of `members`."""
    found = _segments([segment_id], False)
    if not found:
        raise NotFound
    rows = sql.fetch_as(tuple, Q.all_members, segment_id=segment_id)
    return found[0].name, [int(person_id) for (person_id,) in rows]


def _segments(ids: Sequence[int] | None, with_archived: bool) -> list[Segment]:
    rows = sql.fetch(
        Q.listed, ids=None if ids is None else list(ids), archived=with_archived, day=clock.today()
    )
    return [
        Segment(
            id=r.id,
            name=r.name,
            state=r.state,
            owner=r.owner,
            owner_name=r.owner_name,
            version_no=r.version_no,
            is_incremental=r.is_incremental,
            judged_at=r.judged_at,
            refreshed_at=r.refreshed_at,
            seconds=r.seconds,
            people=r.people,
            change=r.change if r.has_past else None,
            error=r.error,
            created_at=r.created_at,
            saved_at=r.saved_at,
            sentence_zh=r.sentence_zh,
            sentence_en=r.sentence_en,
            is_pending=r.judged_version != r.version_no,
        )
        for r in rows
    ]


def versions(actor: Actor, segment_id: int) -> list[Version]:
    """The newest first."""
    require(may_see(actor))
    return [
        Version(json_no, json.loads(rule), *rest)
        for json_no, rule, *rest in sql.fetch_as(tuple, Q.versions, segment_id=segment_id)
    ]


def members(actor: Actor, segment_id: int, *, after: int = 0, limit: int = 50) -> list[Member]:
    """Ascending by person; `after` is the last id of the page before."""
    require(may_see(actor))
    return sql.fetch_as(Member, Q.members, segment_id=segment_id, after=after, limit=limit)


def segments_of(person_ids: Sequence[int]) -> list[Membership]:
    """Segments a person is in; `person_ids` are all her born ids."""
    return sql.fetch_as(Membership, Q.of_persons, person_ids=list(person_ids))


def lately(actor: Actor, segment_id: int, *, limit: int = 20) -> tuple[list[Passage], list[Passage]]:
    """Who came in and who went last, the newest first."""
    require(may_see(actor))
    return (
        sql.fetch_as(Passage, Q.lately_in, segment_id=segment_id, limit=limit),
        sql.fetch_as(Passage, Q.lately_out, segment_id=segment_id, limit=limit),
    )


def days(actor: Actor, segment_id: int, *, since: date | None = None) -> list[Day]:
    """Its size at the end of each day on which it was looked at."""
    require(may_see(actor))
    since = since or clock.today() - timedelta(days=90)
    return sql.fetch_as(Day, Q.days, segment_id=segment_id, since=since)


def overlap(actor: Actor, one: int, other: int) -> int:
    require(may_see(actor))
    return int(sql.fetch_one(Q.overlap, one=one, other=other).people)


def overlaps(actor: Actor, segment_id: int, *, limit: int = 10) -> list[Overlap]:
    require(may_see(actor))
    return sql.fetch_as(Overlap, Q.overlaps, segment_id=segment_id, limit=limit)


def of_person(actor: Actor, person_id: int) -> list[Membership]:
    """Of a person the actor may see, whichever of her ids is asked. Segments are head office's: others see none."""
    if not may_see(actor):
        return []
    card = people.card_for(actor, person_id)
    return segments_of(people.members(card.person_id))


def standing(segment_ids: Sequence[int]) -> dict[int, Kept]:
    """Of segments kept for another app, which are in no list."""
    return {row.id: row for row in sql.fetch_as(Kept, Q.used_for, ids=list(segment_ids))}
