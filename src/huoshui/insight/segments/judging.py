"""The one place that speaks to the rule language: what a rule says, and of whom it is true.

`language()` is looked up when asked, so that a test may put a smaller language in its place and starting up need not load
the engines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from types import ModuleType
from typing import Any

import pyarrow as pa

from huoshui.core import sql
from huoshui.core.errors import Refused
from huoshui.insight.rules.types import BadRule as BadRule

Q = sql.load("huoshui.insight.segments")

JUDGED = pa.schema(
    [("person_id", pa.int64()), ("is_member", pa.bool_()), ("recheck_at", pa.timestamp("us", tz="UTC"))]
)


def language() -> ModuleType:
    from huoshui.insight.rules import api

    return api


def parse(document: Any) -> Any:
    """Raises the language's BadRule, with the place in the document."""
    return language().parse(document)


def sentences(rule: Any) -> tuple[str, str]:
    """In Chinese and in English."""
    said = language().sentence
    return str(said(rule, "zh")), str(said(rule, "en"))


def judge(rule: Any, at: datetime, among: Sequence[int] | None) -> pa.Table:
    """JUDGED: of these canonical persons, or of everyone who is in or may come in by time alone."""
    rows = language().judged(rule, at, among, segments=members_of)
    return rows.select(JUDGED.names).cast(JUDGED)


def judge_together(rules: Sequence[Any], at: datetime, among: Sequence[int]) -> list[pa.Table]:
    """JUDGED of each of these rules."""
    told = language().judged_together(rules, at, among, segments=members_of)
    return [rows.select(JUDGED.names).cast(JUDGED) for rows in told]


def whom(rule: Any, at: datetime, is_called_off: Callable[[], bool]) -> pa.ChunkedArray:
    """Canonical ids of all it means, ascending. Raises CalledOff."""
    found: pa.ChunkedArray = language().whom(rule, at, segments=members_of, is_called_off=is_called_off)
    return found


def members_of(name: str) -> list[int]:
    """Who is in the saved segment of this name now. Raises Refused."""
    segment = sql.fetch_one(Q.named, name=name)
    if segment is None:
        raise Refused(f"没有叫“{name}”的人群，或者它已经归档。")
    return [row.person_id for row in sql.fetch(Q.all_members, segment_id=segment.id)]


def as_json(rule: Any) -> Any:
    return language().to_json(rule)


def as_document(document: Any) -> Any:
    """The JSON of a rule given as JSON or text, with nothing left out. Raises BadRule."""
    return as_json(parse(document))


def text_of(document: Any) -> str:
    """The text of a rule given as JSON. Raises BadRule."""
    return as_text(parse(document))


def as_text(rule: Any) -> str:
    return str(language().to_text(rule))


def is_incremental(rule: Any) -> bool:
    return bool(language().needs(rule).incremental)


def why_whole(rule: Any) -> str:
    """Why it cannot be brought up to date for some people alone, in Chinese; '' when it can."""
    return str(language().needs(rule).whole)


def segments_in(rule: Any) -> frozenset[str]:
    """Names of the segments it asks for."""
    return frozenset(language().needs(rule).segments)


def tags_in(rule: Any) -> frozenset[str]:
    """The tags it asks for, as `tag.<key>`."""
    said = (state.split(".") for state in language().needs(rule).states)
    return frozenset(".".join(parts[:2]) for parts in said if parts[0] == "tag")


def facts_in(rule: Any) -> frozenset[str]:
    return frozenset(language().needs(rule).facts)
