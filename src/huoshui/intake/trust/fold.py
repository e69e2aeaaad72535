"""Fold what has reached the lake into the measures, some thousand facts at a time, each once."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from huoshui.core import sql
from huoshui.intake.trust.types import FoldReport

Q = sql.load("huoshui.intake.trust")

FACTS_AT_ONCE = 20_000


def fold(*, most: int = FACTS_AT_ONCE) -> FoldReport:
    """Bring the measures up to what the lake has. May be run at will, by several at once, and be killed at any point."""
    facts = rounds = 0
    while True:
        mark = sql.fetch_one(Q.marks)
        if mark.low >= mark.high:
            return FoldReport(facts, rounds)
        with transaction.atomic():
            facts += _fold_some(most)
        rounds += 1


def _fold_some(most: int) -> int:
    sql.run(Q.open_mark)
    mark = sql.fetch_one(Q.lock_mark)
    if mark.high is None or mark.low >= mark.high:  # who stood before us in line has done it
        return 0
    if mark.low == 0:  # for the first time, or once more after a restore: all of it anew
        for forget in (Q.forget_effects, Q.forget_days, Q.forget_fields, Q.forget_lags):
            sql.run(forget)
    found = sql.fetch_one(Q.stop_at, low=str(mark.low), high=str(mark.high), most=most)
    # One transaction may have settled more than that; it is never parted
    stop = mark.high if found is None else max(found.xid, mark.low + 1)
    ids = settled_between(mark.low, stop)
    if ids:
        sql.run(Q.fold_effects, fact_ids=ids)
        sql.run(
            Q.fold_facts,
            fact_ids=ids,
            zone=settings.HUOSHUI_ZONE,
            arrived_at=mark.arrived_at,
            own_source_id=sql.fetch_one(Q.own_source).id,
        )
    sql.run(Q.put_mark, xid=str(stop))
    return len(ids)


def settled_between(low: int, stop: int) -> list[int]:
    return [r.fact_id for r in sql.fetch(Q.settled_between, low=str(low), stop=str(stop))]
