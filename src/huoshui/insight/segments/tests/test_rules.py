from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from huoshui.core.errors import Refused
from huoshui.insight.segments import rules
from huoshui.insight.segments.exports import safe
from huoshui.insight.segments.rules import Standing

NOW = datetime(2026, 3, 10, 4, tzinfo=UTC)
KEPT = Standing(2, 2, True, 100, NOW - timedelta(minutes=1), 0.5)


@pytest.mark.parametrize(
    ("changes", "bound", "is_due", "how"),
    [
        ({}, 100, False, "none"),
        ({}, 101, False, "some"),
        ({}, 100, True, "some"),
        ({"judged_version": 1}, 100, False, "full"),
        ({"judged_at": None}, 100, False, "full"),
        ({"judged_at": NOW - timedelta(hours=24)}, 100, False, "full"),
        ({}, 99, False, "full"),  # a database restored from elsewhere
        ({"is_incremental": False}, 101, False, "none"),
        ({"is_incremental": False, "judged_at": NOW - timedelta(minutes=5)}, 101, False, "full"),
        ({"is_incremental": False, "judged_at": NOW - timedelta(minutes=5)}, 100, False, "none"),
        (
            {"is_incremental": False, "judged_at": NOW - timedelta(minutes=9), "seconds": 30.0},
            101,
            False,
            "none",
        ),
        (
            {"is_incremental": False, "judged_at": NOW - timedelta(minutes=10), "seconds": 30.0},
            101,
            False,
            "full",
        ),
    ],
)
def test_when_and_how_a_segment_is_judged(
    changes: dict[str, Any], bound: int, is_due: bool, how: str
) -> None:
    segment = KEPT._replace(**changes)
    assert rules.how(segment, bound=bound, at=NOW, is_any_due=is_due) == how


def test_rings_of_any_length_are_seen_and_shared_ground_is_none() -> None:
    uses = {"a": {"b", "c"}, "b": {"d"}, "c": {"d"}, "d": set()}
    assert not any(rules.has_ring(one, uses) for one in uses)
    assert rules.has_ring("a", uses | {"d": {"a"}})
    assert rules.has_ring("a", {"a": {"a"}})


def test_names_are_trimmed_and_bounded() -> None:
    assert rules.clean_name("  老  客 ") == "老 客"
    for wrong in ("", "  ", "长" * 61):
        with pytest.raises(Refused):
            rules.clean_name(wrong)


def test_a_rule_reads_the_tables_it_stands_on() -> None:
    assert rules.tables_read(frozenset()) == {"state_now"}
    assert "order_lines" in rules.tables_read(frozenset({"buy"})) and "facts" not in rules.tables_read(
        frozenset({"buy"})
    )
    assert "properties" in rules.tables_read(frozenset({"Product Viewed"}))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "|x", "%x", "\r=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert safe(text) == "'" + text


@pytest.mark.parametrize("text", ["王=李", "", "12.50", "2026-03-10"])
def test_what_is_none_stays_as_it_is(text: str) -> None:
    assert safe(text) == text
