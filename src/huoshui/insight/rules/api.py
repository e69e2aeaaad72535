"""Rules of segments: read them, say them in words, and ask the lake whom they mean (ADR 0025)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
from ibis import _

from huoshui.core import clock
from huoshui.insight.rules import codec, needing
from huoshui.insight.rules.check import check, walk
from huoshui.insight.rules.plan import judge, judge_together
from huoshui.insight.rules.sentences import sentence
from huoshui.insight.rules.streams import Scene
from huoshui.insight.rules.tables import EPOCH, NEVER
from huoshui.insight.rules.text import read_text, to_text
from huoshui.insight.rules.types import BadRule, Needs, Rule, Top
from huoshui.lake import api as lake_api

__all__ = [
    "BadRule",
    "Needs",
    "Rule",
    "expression",
    "judged",
    "judged_together",
    "members",
    "needs",
    "parse",
    "schema",
    "sentence",
    "to_json",
    "to_text",
]

Segments = Callable[[str], Sequence[int]]
"""Canonical ids of the members of the segment of a name."""


def parse(document: Mapping[str, Any] | str) -> Rule:
    """A rule from its JSON document or its text. Raises BadRule, which says where: a JSON pointer, or 第 n 个字."""
    if isinstance(document, str):
        return read_text(document)
    rule = codec.decode(document)
    check(rule)
    return rule


def to_json(rule: Rule) -> dict[str, Any]:
    document: dict[str, Any] = codec.encode(rule)
    return document


def schema() -> dict[str, Any]:
    return codec.schema()


def needs(rule: Rule) -> Needs:
    return needing.needs(rule)


def members(
    rule: Rule,
    at: datetime,
    *,
    engine: lake_api.Engine | None = None,
    among: Sequence[int] | None = None,
    segments: Segments | None = None,
) -> pa.Table:
    """person_id (canonical) and recheck_at of all for whom the rule holds on the business day of `at`, by person.

    `recheck_at` is an instant before which time alone does not change it; null when it never does. Of people who are no
    members, `judged` tells it.
    """
    engine = engine or lake_api.engine()
    table = judge(_scene(engine, at, among, segments), rule, everyone=False)
    found = engine.run(table.filter(_.is_member).select("person_id", "next_day").order_by("person_id"))
    return pa.table({"person_id": found["person_id"], "recheck_at": _instants(found["next_day"])})


def judged(
    rule: Rule,
    at: datetime,
    among: Sequence[int] | None = None,
    *,
    engine: lake_api.Engine | None = None,
    segments: Segments | None = None,
) -> pa.Table:
    """person_id, is_member, recheck_at: of each of `among`; without it, of everyone who is a member or may become one by
    time alone."""
    engine = engine or lake_api.engine()
    scene = _scene(engine, at, among, segments)
    with _of(engine, scene, [rule]) as asked:
        table = judge(asked, rule, everyone=True)
        if among is None:
            table = table.filter(_.is_member | (_.next_day < NEVER))
        found = engine.run(table.order_by("person_id"))
    return _told(found["person_id"], found["is_member"], found["next_day"])


def judged_together(
    rules: Sequence[Rule],
    at: datetime,
    among: Sequence[int],
    *,
    engine: lake_api.Engine | None = None,
    segments: Segments | None = None,
) -> list[pa.Table]:
    """What `judged` says of each of these rules about `among`, from one reading of what those people did."""
    engine = engine or lake_api.engine()
    scene = _scene(engine, at, among, segments)
    with _of(engine, scene, rules) as asked:
        found = engine.run(judge_together(asked, rules).order_by("person_id"))
    return [
        _told(found["person_id"], found[f"is_member_{place}"], found[f"next_day_{place}"])
        for place in range(len(rules))
    ]


def expression(
    rule: Rule, at: datetime, engine: lake_api.Engine | None = None, *, segments: Segments | None = None
) -> ir.Table:
    """One column, person_id: for counting, for SQL, for estimating what it costs."""
    engine = engine or lake_api.engine()
    table = judge(_scene(engine, at, None, segments), rule, everyone=False)
    return table.filter(_.is_member).select("person_id")


def _scene(
    engine: lake_api.Engine, at: datetime, among: Sequence[int] | None, segments: Segments | None
) -> Scene:
    asked = None if among is None else tuple(dict.fromkeys(int(person_id) for person_id in among))
    return Scene(engine.tables(), clock.business_day(at), asked, segments)


@contextmanager
def _of(engine: lake_api.Engine, scene: Scene, rules: Sequence[Rule]) -> Iterator[Scene]:
    """The scene with no more of the lake than the people it is asked for did; places are taken among everyone."""
    if scene.among is None or any(isinstance(node, Top) for rule in rules for _place, node in walk(rule)):
        yield scene
        return
    born = engine.run(scene.kin(scene.among).select("born_id").distinct())["born_id"].to_pylist()
    with engine.tables_of(born) as lake:
        yield replace(scene, lake=lake)


def _told(persons: pa.ChunkedArray, is_member: pa.ChunkedArray, days: pa.ChunkedArray) -> pa.Table:
    return pa.table({"person_id": persons, "is_member": is_member, "recheck_at": _instants(days)})


def _instants(days: pa.ChunkedArray) -> pa.Array:
    """The beginning of each business day; null for a day that never comes."""
    told = pc.dictionary_encode(days).combine_chunks() if len(days) else None
    kind = pa.timestamp("us", tz="UTC")
    if told is None:
        return pa.array([], kind)
    if isinstance(told, pa.ChunkedArray):
        told = told.chunk(0)
    starts = pa.array([_start(day) for day in told.dictionary.to_pylist()], kind)
    return starts.take(told.indices)


def _start(number: int) -> datetime | None:
    if number >= NEVER:
        return None
    day: date = EPOCH + timedelta(days=number)
    return clock.from_local(datetime.combine(day, time())).astimezone(UTC)
