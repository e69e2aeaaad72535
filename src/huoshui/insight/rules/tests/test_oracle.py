"""Two oracles: random rules on random histories, in DuckDB and in plain Python (2,000 in `make proof LAW=segment_rules`)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import ibis
import pytest

from huoshui.insight.rules import api, passes, tables
from huoshui.insight.rules.streams import Span, span
from huoshui.insight.rules.tests import fixture, randomly
from huoshui.insight.rules.tests.compared import a_world, compare
from huoshui.insight.rules.tests.fixture import connect, noon
from huoshui.insight.rules.tests.oracle import members
from huoshui.insight.rules.tests.randomly import TODAY
from huoshui.insight.rules.types import Window
from huoshui.lake.api import Texts


@pytest.fixture(scope="module")
def backend() -> Iterator[Any]:
    """Compiling takes longer than answering, and a third less without the fusing of selects, which the proof leaves on."""
    ibis.options.sql.fuse_selects = False
    made = connect()
    yield made
    made.disconnect()
    ibis.options.sql.fuse_selects = True


@pytest.fixture(autouse=True)
def nothing_is_written_down(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a rule is made into is changed here, in ways that no text kept from before would show."""
    monkeypatch.setattr(fixture, "TEXTS", Texts())


def test_two_hundred_random_rules(backend: Any) -> None:
    found = compare(20260302, 200, backend, simple=True)
    assert not found.differences, "\n".join(found.differences)
    assert found.rules == 200
    assert not randomly.KINDS - set(found.kinds)
    assert 0.1 < found.members / found.verdicts < 0.9


def test_many_rules_together_say_what_each_says(backend: Any) -> None:
    draw = random.Random(11)
    world, engine = a_world(draw, backend)
    rules = [
        rule for rule in (randomly.rule(draw, 1) for _number in range(30)) if api.needs(rule).incremental
    ]
    assert len(rules) > 12
    asked, segments = world.people()[::2], world.segments.__getitem__
    told = api.judged_together(rules[:12], noon(TODAY), asked, engine=engine, segments=segments)
    for rule, rows in zip(rules[:12], told, strict=True):
        assert rows == api.judged(rule, noon(TODAY), asked, engine=engine, segments=segments), api.to_text(
            rule
        )


@pytest.mark.parametrize("trait", ["category_3", "brand"])
def test_who_bought_nothing_with_a_trait_has_a_place_among_those_who_bought(backend: Any, trait: str) -> None:
    """Of some products of the world's nothing is known, and a category on the third level has none."""
    rules = [
        api.parse(f"top(40, distinct(buy{window}, {trait}), lowest={lowest})")
        for window in ("", " last 60 days")
        for lowest in ("true", "false")
    ]
    for seed in (1, 2):
        world, engine = a_world(random.Random(seed), backend)
        for rule in rules:
            rows = api.judged(rule, noon(TODAY), engine=engine).to_pylist()
            told = {row["person_id"] for row in rows if row["is_member"]}
            assert told == members(rule, world, TODAY), api.to_text(rule)


def test_a_window_one_day_short_is_found(backend: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def short(window: Window | None, today: date) -> Span:
        seen = span(window, today)
        return seen if seen.lo is None else Span(seen.lo + timedelta(1), *list(vars(seen).values())[1:])

    for module in (tables, passes):
        monkeypatch.setattr(module, "span", short)
    assert compare(3, 200, backend, simple=True, enough=1).differences


def test_a_recheck_one_day_late_is_found(backend: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real = tables.soonest
    for module in (tables, passes):
        monkeypatch.setattr(module, "soonest", lambda *days: real(*days) + 1)
    found = compare(3, 200, backend, simple=True, enough=1).differences
    assert "changes by" in found[0]


def test_random_rules_read_back_the_same() -> None:
    draw = random.Random(7)
    for _number in range(400):
        rule = randomly.rule(draw, depth=3)
        assert api.parse(api.to_json(rule)) == rule
        assert api.parse(api.to_text(rule)) == rule
        assert api.sentence(rule, "zh").endswith("的顾客。")
        assert api.sentence(rule, "en").startswith("Customers ")
