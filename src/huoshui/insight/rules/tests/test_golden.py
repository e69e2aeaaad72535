"""The SQL of thirty named rules. To write it anew after a change that is meant:

HUOSHUI_GOLDEN=write python -m pytest src/huoshui/insight/rules/tests/test_golden.py
"""

from __future__ import annotations

import os
import re
from dataclasses import fields
from datetime import date
from pathlib import Path

import ibis
import pytest

from huoshui.insight.rules import api
from huoshui.insight.rules.tests.fixture import noon
from huoshui.insight.rules.tests.named import NAMED
from huoshui.lake.api import LakeTables, ibis_schema

GOLDEN = Path(__file__).parent / "golden"
AT = noon(date(2026, 6, 15))


class Unfilled:
    """The lake's tables by name alone: nothing is run."""

    def tables(self) -> LakeTables:
        return LakeTables(
            **{f.name: ibis.table(ibis_schema(f.name), name=f.name) for f in fields(LakeTables)}
        )


def test_there_are_thirty_and_no_others() -> None:
    assert len(NAMED) == 30
    assert {path.stem for path in GOLDEN.glob("*.sql")} == set(NAMED)


@pytest.mark.parametrize("name", NAMED)
def test_the_sql_of_a_rule_is_as_it_was(name: str) -> None:
    rule = api.parse(NAMED[name])
    table = api.expression(rule, AT, Unfilled())  # type: ignore[arg-type]  # nothing is run
    told = f"-- {NAMED[name]}\n-- {api.sentence(rule, 'zh')}\n-- {api.sentence(rule, 'en')}\n{ibis.to_sql(table)}\n"
    path = GOLDEN / f"{name}.sql"
    if os.environ.get("HUOSHUI_GOLDEN") == "write":
        path.write_text(told, encoding="utf-8")
    assert _in_order(path.read_text(encoding="utf-8")) == _in_order(told)


def _in_order(text: str) -> str:
    """What is left out comes out of a set, in any order."""
    return re.sub(r"EXCLUDE \(([^)]*)\)", lambda m: f"EXCLUDE ({', '.join(sorted(m[1].split(', ')))})", text)
