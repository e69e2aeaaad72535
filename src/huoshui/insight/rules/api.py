"""Rules of segments: read them, say them in words, and ask the lake whom they mean (ADR 0025)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import ibis
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
from huoshui.insight.rules.text import read_text
from huoshui.insight.rules.types import BadRule, Needs, Rule
from huoshui.insight.rules.writing import to_text
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
    "whom",
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


@lru_cache(maxsize=10_000)
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

    def make(scene: Scene) -> ir.Table:
        table = judge(scene, rule, everyone=False)
        return table.filter(_.is_member).select("person_id", "next_day").order_by("person_id")

    found = _Ask("members", [rule], at, engine, segments).answer(make, among)
    return pa.table({"person_id": found["person_id"], "recheck_at": _instants(found["next_day"])})


def whom(
    rule: Rule,
    at: datetime,
    *,
    engine: lake_api.Engine | None = None,
    segments: Segments | None = None,
    is_called_off: Callable[[], bool] | None = None,
) -> pa.ChunkedArray:
    """person_id alone, ascending, of all of them. Raises CalledOff."""

    def make(scene: Scene) -> ir.Table:
        return _only_ids(scene, rule).order_by("person_id")

    return _Ask("whom", [rule], at, engine, segments).answer(make, is_called_off=is_called_off)["person_id"]


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

    def make(scene: Scene) -> ir.Table:
        table = judge(scene, rule, everyone=True)
        if among is None:
            table = table.filter(_.is_member | (_.next_day < NEVER))
        return table.order_by("person_id")

    found = _Ask("judged", [rule], at, engine, segments).answer(make, among)
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

    def make(scene: Scene) -> ir.Table:
        return judge_together(scene, rules).order_by("person_id")

    found = _Ask("together", rules, at, engine, segments).answer(make, among)
    return [
        _told(found["person_id"], found[f"is_member_{place}"], found[f"next_day_{place}"])
        for place in range(len(rules))
    ]


def expression(
    rule: Rule, at: datetime, engine: lake_api.Engine | None = None, *, segments: Segments | None = None
) -> ir.Table:
    """One column, person_id: for SQL, and to go on from. Whoever only wants them asks `whom`, which is written down once."""
    engine = engine or lake_api.engine()
    members = {name: ibis.memtable(rows) for name, rows in _members([rule], segments).items()}
    return _only_ids(Scene(engine.tables(), clock.business_day(at), segments=members), rule)


def _only_ids(scene: Scene, rule: Rule) -> ir.Table:
    return judge(scene, rule, everyone=False).filter(_.is_member).select("person_id")


class _Ask:
    """A question about rules on a day. Its text is kept by what it follows from: rules, day, and whether it is of everyone."""

    def __init__(
        self,
        kind: str,
        rules: Sequence[Rule],
        at: datetime,
        engine: lake_api.Engine | None,
        segments: Segments | None,
    ) -> None:
        self._kind, self._rules = kind, tuple(rules)
        self._day = clock.business_day(at)
        self._engine = engine or lake_api.engine()
        self._members = _members(rules, segments)

    def answer(
        self,
        make: Callable[[Scene], ir.Table],
        among: Sequence[int] | None = None,
        *,
        is_called_off: Callable[[], bool] | None = None,
    ) -> pa.Table:
        lake, given = self._engine.tables(), self._given()
        if among is None:
            question = self._question(make)
            return self._engine.ask(question, lake=lake, given=given, is_called_off=is_called_off)
        asked = pa.table({"person_id": pa.array(dict.fromkeys(map(int, among)), pa.int64())})
        kin = self._engine.ask(_KIN, lake=lake, given={"asked": asked})
        with self._lake_of(lake, kin) as theirs:
            given |= {"asked": asked, "kin": kin}
            return self._engine.ask(self._question(make), lake=theirs, given=given)

    def _given(self) -> dict[str, pa.Table]:
        return {f"members_{place}": rows for place, rows in enumerate(self._members.values())}

    def _question(self, make: Callable[[Scene], ir.Table]) -> lake_api.Question:
        def made(lake: lake_api.LakeTables, given: Mapping[str, ir.Table]) -> ir.Table:
            members = {name: given[f"members_{place}"] for place, name in enumerate(self._members)}
            return make(Scene(lake, self._day, given.get("asked"), given.get("kin"), members))

        return lake_api.Question((self._kind, self._rules, self._day), made)

    @contextmanager
    def _lake_of(self, lake: lake_api.LakeTables, kin: pa.Table) -> Iterator[lake_api.LakeTables]:
        """No more of the lake than these people did; places are taken among everyone."""
        if any(isinstance(node, needing.PLACED) for rule in self._rules for _place, node in walk(rule)):
            yield lake
            return
        states = frozenset[str]().union(*(needs(rule).states for rule in self._rules))
        with self._engine.tables_of(kin["born_id"].unique().to_pylist(), sorted(states)) as theirs:
            yield theirs


_KIN = lake_api.Question("kin", lambda lake, given: Scene(lake, EPOCH).kin_of(given["asked"]))


def _members(rules: Sequence[Rule], segments: Segments | None) -> dict[str, pa.Table]:
    """Of each segment that the rules ask for."""
    names = sorted(frozenset[str]().union(*(needs(rule).segments for rule in rules)))
    if names and segments is None:
        raise BadRule("", f"不知道人群{'、'.join(f'“{name}”' for name in names)}里有谁。")
    return {name: pa.table({"person_id": pa.array(segments(name), pa.int64())}) for name in names if segments}


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
    starts = pa.array([_start(day, clock.brand_zone()) for day in told.dictionary.to_pylist()], kind)
    return starts.take(told.indices)


@lru_cache(maxsize=10_000)
def _start(number: int, zone: ZoneInfo) -> datetime | None:
    if number >= NEVER:
        return None
    day: date = EPOCH + timedelta(days=number)
    return datetime.combine(day, time(), zone).astimezone(UTC)
