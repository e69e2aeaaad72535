"""Keep memberships current.

Everyone is judged once; from then on only the people of whom something settled since (as far as the lake has come) and those
whose time has come. What is judged is read outside of a transaction; the answer is taken in within one, under the lock of the
segment's row, and only if nobody took in another meanwhile. So two workers at once waste work and double nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.errors import HuoshuiError
from huoshui.core.subscribers import XidRange, registry
from huoshui.insight.segments import keepers, rules
from huoshui.insight.segments.telling import tell
from huoshui.insight.segments.together import Asked, Together
from huoshui.insight.segments.types import OWN_FACTS, Refreshed
from huoshui.lake import api as lake
from huoshui.people import api as people

Q = sql.load("huoshui.insight.segments")

logger = logging.getLogger(__name__)


def refresh(
    segment_ids: Sequence[int] | None = None, *, at: datetime | None = None, is_full: bool = False
) -> list[Refreshed]:
    """All segments in use, or these. One that fails says so on its row and holds up no other."""
    at = at or clock.now()
    bound = lake.read_upto()
    news = _News(bound)
    refused: set[int] | None = None
    asked: list[_Work] = []
    for row in sql.fetch(Q.live, ids=None if segment_ids is None else list(segment_ids)):
        due = [r.person_id for r in sql.fetch(Q.due, segment_id=row.id, at=at)]
        how = "full" if is_full else rules.how(_standing(row), bound=bound, at=at, is_any_due=bool(due))
        if how == "none":
            continue
        refused = people.everyone_unprofiled() if refused is None else refused
        whose = people.canonical_ids(due) | news.since(row.read_xid) if how == "some" else None
        asked.append(_Work(row, at, bound, refused, Asked(row, at, whose)))
    together = Together([work.asked for work in asked])
    done = [_or_say_why(work, partial(_judge, work, together)) for work in asked]
    tell()
    keepers.follow()
    return [made for made in done if made is not None]


def is_anything_due(at: datetime) -> bool:
    """Whether a refresh would do anything: somebody's time has come, or a whole segment's."""
    if sql.fetch_one(Q.any_due, at=at) is not None or sql.fetch(Q.untold, limit=1):
        return True
    if sql.fetch(Q.unfollowed, limit=1):
        return True
    bound = lake.read_upto()
    return any(
        rules.how(_standing(row), bound=bound, at=at, is_any_due=False) != "none"
        for row in sql.fetch(Q.live, ids=None)
    )


class _Work(NamedTuple):
    row: sql.Row
    at: datetime
    bound: int
    refused: set[int]
    asked: Asked


class _News:
    """Who was touched since a transaction, asked once for all segments that stand at the same."""

    def __init__(self, high: int) -> None:
        self._high = high
        self._known: dict[int, dict[int, int]] = {}

    def since(self, low: int) -> dict[int, int]:
        """Born id → canonical id as of now."""
        if low not in self._known:
            self._known[low] = people.canonical_ids(sorted(touched(XidRange(low, self._high))))
        return self._known[low]


def touched(span: XidRange) -> set[int]:
    """Of whom anything settled, or changed in what a room knows of people (attributes, consents, tiers, merges, tags)."""
    if span.low >= span.high:
        return set()
    found = {
        r.person_id for r in sql.fetch(Q.touched, low=str(span.low), high=str(span.high), own=list(OWN_FACTS))
    }
    for source in registry.state.values():
        rows = source(span)
        found.update(rows["person_id"].unique().to_pylist())
        # Two who became one, or two again: both are other people than before
        merges = rows.filter(pc.equal(rows["key"], "cluster"))
        found.update(int(n) for n in merges["number"].unique().to_pylist() if n is not None)
    return found - {None}


def _standing(row: sql.Row) -> rules.Standing:
    return rules.Standing(
        row.version_no,
        row.judged_version,
        row.is_incremental,
        row.read_xid,
        row.judged_at,
        row.seconds,
        rules.waits_until(
            row.judged_at, minutes=row.beat_minutes, hour=row.beat_hour, zone=clock.brand_zone()
        ),
    )


def _or_say_why(work: _Work, judge: Callable[[], Refreshed | None]) -> Refreshed | None:
    try:
        return judge()
    except HuoshuiError as error:
        said = str(error)
    except Exception:
        logger.exception("segment %s could not be judged", work.row.id)
        said = "算不出来，系统会再试；一直这样请联系管理员看日志。"
    with transaction.atomic():
        sql.run(Q.put_error, segment_id=work.row.id, error=said)
    return None


def _judge(work: _Work, together: Together) -> Refreshed | None:
    judged = together.judged(work.asked)
    whose = work.asked.whose or {}
    merged = {born: canonical for born, canonical in whose.items() if born != canonical}
    with transaction.atomic():
        return _take_in(work, judged.rows, merged, is_full=work.asked.among is None, seconds=judged.seconds)


def _take_in(
    work: _Work, judged: pa.Table, merged: dict[int, int], *, is_full: bool, seconds: float
) -> Refreshed | None:
    row, segment_id = work.row, work.row.id
    now = sql.fetch_one(Q.lock, segment_id=segment_id)
    was = (row.version_no, row.judged_version, row.read_xid, "on")
    if now is None or (now.version_no, now.judged_version, now.read_xid, now.state) != was:
        return None
    _stage(segment_id, judged, is_full=is_full)
    if is_full:
        merged = _merged_away(segment_id)
    refused = _shut_out(work)
    common: dict[str, Any] = {
        "segment_id": segment_id,
        "at": work.at,
        "merged": list(merged),
        "into": list(merged.values()),
        "version_no": row.version_no,
        "used_for": row.used_for,
    }
    left = sql.run(
        Q.leave,
        **common,
        is_full=is_full,
        refused=sorted(refused),
        is_changed=row.judged_version != row.version_no,
    )
    entered = sql.run(Q.enter, **common)
    sql.run(Q.forget_rechecks, segment_id=segment_id, is_full=is_full, merged=list(merged))
    sql.run(Q.put_rechecks, segment_id=segment_id)
    sql.run(Q.forget_judged, segment_id=segment_id)
    size = now.people + entered - left
    day = clock.business_day(work.at)
    sql.run(Q.put_day, segment_id=segment_id, day=day, people=size, entered=entered, gone=left)
    sql.run(
        Q.mark,
        segment_id=segment_id,
        read_xid=str(work.bound),
        version_no=row.version_no,
        at=work.at,
        people=size,
        is_full=is_full,
        seconds=seconds,
    )
    return Refreshed(segment_id, is_full, judged.num_rows, entered, left, size)


def _stage(segment_id: int, judged: pa.Table, *, is_full: bool) -> None:
    """Of everyone, those of whom nothing is to be kept are most: absent is as good as judged to be out."""
    if is_full:
        judged = judged.filter(pc.or_(judged["is_member"], pc.is_valid(judged["recheck_at"])))
    ids = pa.array([segment_id] * judged.num_rows, pa.int64())
    sql.copy_in("segment_judged", judged.append_column("segment_id", ids))


def _merged_away(segment_id: int) -> dict[int, int]:
    """Of all who are in and were not judged to be: those who are one with somebody else by now."""
    strays = [r.person_id for r in sql.fetch(Q.strays, segment_id=segment_id)]
    return {born: canonical for born, canonical in people.canonical_ids(strays).items() if born != canonical}


def _shut_out(work: _Work) -> set[int]:
    """Whoever does not want to be profiled, was erased, or is no person any more; the lake may not know yet. Answers who
    must not be in for a reason of their own."""
    barred = work.refused | keepers.refused(work.row)
    entrants = [r.person_id for r in sql.fetch(Q.entrants, segment_id=work.row.id)]
    refused = barred | (set(entrants) - people.living_among(entrants))
    if refused:
        sql.run(Q.shut_out, segment_id=work.row.id, person_ids=sorted(refused))
    return barred
