"""The one place that speaks to the rule language: what a rule says, and of whom it is true.

`language()` is looked up when asked, so that a test may put a smaller language in its place and starting up need not load
the engines.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from types import ModuleType
from typing import Any

import pyarrow as pa

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
    """Of these canonical persons, or of everyone who is known: JUDGED."""
    rows = language().judged(rule, at, among)
    return rows.select(JUDGED.names).cast(JUDGED)


def as_json(rule: Any) -> Any:
    return language().to_json(rule)


def as_text(rule: Any) -> str:
    return str(language().to_text(rule))


def is_incremental(rule: Any) -> bool:
    return bool(language().needs(rule).incremental)


def why_whole(rule: Any) -> str:
    """Why it cannot be brought up to date for some people alone, in Chinese; '' when it can."""
    return str(language().needs(rule).whole)


def segments_in(rule: Any) -> frozenset[str]:
    """Ids of the segments it asks for."""
    return frozenset(language().needs(rule).segments)
