from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.db import transaction

from huoshui.core import sql
from huoshui.core.facts.types import Raised, Source
from huoshui.core.remember import Remembered
from huoshui.core.subscribers import XidRange

Q = sql.load("huoshui.core.facts")


def pending(*, after: int = 0, limit: int = 500) -> list[int]:
    """Facts received and not settled, oldest first."""
    return [r.fact_id for r in sql.fetch(Q.pending, after=after, limit=limit)]


def pending_children(*, limit: int = 500) -> list[int]:
    """Facts that waited for a parent which has since settled."""
    return [r.fact_id for r in sql.fetch(Q.pending_children, limit=limit)]


def head(fact_id: int) -> sql.Row:
    """Everything a fact says of itself and how far it has come; None for one that does not exist."""
    return sql.fetch_one(Q.fact_head, fact_id=fact_id)


def exceptions_of(fact_ids: Sequence[int]) -> list[Raised]:
    """What these facts lack and nobody has mended."""
    rows = sql.fetch(Q.exceptions_of, fact_ids=list(fact_ids))
    return [Raised(r.fact_id, r.code, r.line_no, json.loads(r.detail), r.raised_at) for r in rows]


def open_exceptions() -> dict[str, int]:
    """How many facts await somebody's eyes, by code."""
    return {r.code: r.facts for r in sql.fetch(Q.open_exceptions)}


def source_of(source_id: int) -> Source:
    """Raises LookupError."""
    source = _sources.of([source_id]).get(source_id)
    if source is None:
        raise LookupError(f"no source {source_id}")
    return source


_sources = Remembered[int, Source](
    lambda ids: {s.id: s for s in sql.fetch_as(Source, Q.sources_by_id, source_ids=ids)}, seconds=1
)


def taken_keys(source: Source, keys: Sequence[str]) -> dict[str, int]:
    """Those of these keys that a fact of the source has, with its id."""
    return {r.client_key: r.fact_id for r in sql.fetch(Q.taken_keys, source_id=source.id, keys=list(keys))}


def of_persons(
    person_ids: Sequence[int], *, but: Sequence[str], before: tuple[datetime, int], limit: int
) -> list[sql.Row]:
    """fact_id, name, occurred_at, source (its label), body: what these persons did before that moment and fact, and
    nobody took back; the newest first, but for facts of these names."""
    return sql.fetch(
        Q.facts_of_persons,
        person_ids=list(person_ids),
        but=list(but),
        before_at=before[0],
        before_id=before[1],
        limit=limit,
    )


def tenders_of(fact_ids: Sequence[int]) -> list[sql.Row]:
    """fact_id, kind, amount, points, reference: how these orders were paid, in the order in which they say it."""
    return sql.fetch(Q.tenders_of, fact_ids=list(fact_ids))


def coupons_of(fact_ids: Sequence[int]) -> list[sql.Row]:
    """fact_id, code, amount: the coupons these orders say they used."""
    return sql.fetch(Q.coupons_of, fact_ids=list(fact_ids))


def open_counts() -> tuple[int, int]:
    """(received, waiting): how many facts have not settled."""
    row = sql.fetch_one(Q.counts)
    return int(row.received), int(row.waiting)


def waiting_of_run(run_id: int) -> int:
    """How many facts that a run delivered wait for their parent."""
    return int(sql.fetch_one(Q.waiting_of_run, run_id=run_id).waiting)


def settled_persons(span: XidRange) -> list[int]:
    rows = sql.fetch(Q.settled_persons, low=str(span.low), high=str(span.high))
    return [r.person_id for r in rows]


def lines_of(fact_ids: Sequence[int]) -> list[sql.Row]:
    return sql.fetch(Q.lines_of, fact_ids=list(fact_ids))


def horizon() -> int:
    """Every transaction below this id has ended."""
    return int(sql.fetch_one(Q.horizon).xid)


def mark_read(reader: str, xid: int) -> None:
    """Say that a reader has come through everything below `xid`."""
    sql.run(Q.put_watermark, reader=reader, xid=str(xid))


def is_behind(reader: str) -> bool:
    """Whether anything has settled since this reader last came through."""
    return bool(sql.fetch_one(Q.is_behind, reader=reader).behind)


@contextmanager
def since_last_read(reader: str) -> Iterator[XidRange]:
    """The transactions that ended since this reader's last call; the watermark moves when the block succeeds.

    By transaction id, not by row id: a slow transaction's rows appear late under low ids and would be missed. Two calls
    at once stand in line; the horizon is looked up only then, or the second would read again what the first has read.
    """
    with transaction.atomic():
        sql.run(Q.open_watermark, reader=reader)
        low = int(sql.fetch_one(Q.read_watermark, reader=reader).xid)
        high = horizon()
        yield XidRange(low, high)
        mark_read(reader, high)
