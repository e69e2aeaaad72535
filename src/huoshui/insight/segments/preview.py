"""Whom a rule would mean, before anybody saves it: counted while somebody waits."""

from __future__ import annotations

from time import perf_counter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.errors import Refused
from huoshui.insight.segments import judging, rules
from huoshui.insight.segments.actions import may_see, require
from huoshui.insight.segments.counting import counting
from huoshui.insight.segments.types import Cost, Estimate, Preview
from huoshui.lake import api as lake
from huoshui.people import api as people

_SAMPLE = 8


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
    with counting(actor, token=token, too_long=TooLong) as is_called_off:
        found = profiled(judging.whom(rule, clock.now(), is_called_off))
    return Preview(
        people=len(found),
        sample=sample(found),
        cost=cost(rule),
        seconds=perf_counter() - began,
        sentence_zh=chinese,
        sentence_en=english,
        rule_text=judging.as_text(rule),
        is_incremental=judging.is_incremental(rule),
    )


def estimate(document: Any, *, actor: Actor) -> Estimate:
    """Raises BadRule."""
    require(may_see(actor))
    rule = judging.parse(document)
    return Estimate(cost(rule), *judging.sentences(rule), judging.as_text(rule), judging.is_incremental(rule))


def cost(rule: Any) -> Cost:
    """At most: files of months that the rule leaves out are skipped."""
    names = rules.tables_read(judging.facts_in(rule))
    shown = [table for table in lake.status().tables if table.name in names]
    return Cost(sum(t.files for t in shown), sum(t.rows for t in shown), sum(t.bytes for t in shown))


def profiled(found: pa.ChunkedArray) -> pa.ChunkedArray:
    """Without those who refuse to be profiled."""
    refused = people.everyone_unprofiled()
    return (
        found.filter(pc.invert(pc.is_in(found, pa.array(sorted(refused), pa.int64())))) if refused else found
    )


def sample(found: pa.ChunkedArray) -> tuple[int, ...]:
    """From the oldest to the newest, evenly: the same rule shows the same people."""
    many = len(found)
    places = range(many) if many <= _SAMPLE else [n * many // _SAMPLE for n in range(_SAMPLE)]
    return tuple(int(found[place].as_py()) for place in places)
