"""Whom a rule would mean, before anybody saves it: counted while somebody waits, and called off by whoever no longer does."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection, transaction

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.errors import Refused
from huoshui.insight.segments import judging, rules
from huoshui.insight.segments.actions import may_see, require
from huoshui.insight.segments.types import Cost, Preview
from huoshui.lake import api as lake
from huoshui.people import api as people

Q = sql.load("huoshui.insight.segments")

_SAMPLE = 8
_PATIENCE = 30.0
"""Seconds. Whoever has asked for so long saves the rule, and the worker counts it."""


class TooLong(Refused):
    """人太多、规则太复杂，30 秒内没有数完。可以直接保存，系统会在后台算好。"""

    code = "segment_count_too_long"


def preview(document: Any, *, actor: Actor, token: str = "") -> Preview:
    """Raises BadRule, TooLong, CalledOff. With a token, `call_off` from any process ends it, and so does asking
    again under the same; then not within a transaction."""
    require(may_see(actor))
    rule = judging.parse(document)
    chinese, english = judging.sentences(rule)
    began = perf_counter()
    found = _counted(rule, actor, token)
    refused = people.everyone_unprofiled()
    if refused:
        found = found.filter(pc.invert(pc.is_in(found, pa.array(sorted(refused), pa.int64()))))
    return Preview(
        people=len(found),
        sample=_sample(found),
        cost=cost(rule),
        seconds=perf_counter() - began,
        sentence_zh=chinese,
        sentence_en=english,
        rule_text=judging.as_text(rule),
        is_incremental=judging.is_incremental(rule),
    )


def call_off(token: str, *, actor: Actor) -> None:
    """Whoever asked calls it off; of others' counts, and of those that have ended, this does nothing."""
    sql.run(Q.call_off, token=token, actor=str(actor))


def cost(rule: Any) -> Cost:
    """At most: files of months that the rule leaves out are skipped."""
    names = rules.tables_read(judging.facts_in(rule))
    shown = [table for table in lake.status().tables if table.name in names]
    return Cost(sum(t.files for t in shown), sum(t.rows for t in shown), sum(t.bytes for t in shown))


def _counted(rule: Any, actor: Actor, token: str) -> pa.ChunkedArray:
    at, began = clock.now(), perf_counter()
    if not token:
        return judging.whom(rule, at, lambda: _refuse_long(began))
    if connection.in_atomic_block:
        raise RuntimeError("what may be called off is counted outside of transactions")
    with transaction.atomic():
        row = sql.fetch_one(Q.begin_count, token=token, actor=str(actor))
    if row is None:
        raise Refused("这个页面已经过期，请刷新再试。")  # another's token
    try:
        return judging.whom(rule, at, lambda: _refuse_long(began) or _is_called_off(token, row.turn))
    finally:
        with transaction.atomic():
            sql.run(Q.end_count, token=token, turn=row.turn)


def _refuse_long(began: float) -> bool:
    if perf_counter() - began > _PATIENCE:
        raise TooLong
    return False


def _is_called_off(token: str, turn: int) -> bool:
    row = sql.fetch_one(Q.is_called_off, token=token, turn=turn)
    return row is not None and bool(row.is_called_off)


def _sample(found: pa.ChunkedArray) -> tuple[int, ...]:
    """From the oldest to the newest, evenly: the same rule shows the same people."""
    many = len(found)
    places = range(many) if many <= _SAMPLE else [n * many // _SAMPLE for n in range(_SAMPLE)]
    return tuple(int(found[place].as_py()) for place in places)
