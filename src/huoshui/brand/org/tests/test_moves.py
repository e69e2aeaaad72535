"""Units that move: when, who says so, and whose they were before."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pyarrow as pa
import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from huoshui.brand import api as brand
from huoshui.brand.org import moves, rules
from huoshui.core import sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.tests.ground import rolled_back, statements

BOSS = Actor("staff", 901, "老板", frozenset({"boss"}))
TODAY = date(2026, 5, 20)
AUDIT = sql.Statement(
    "audit", "select action, detail from audit_entry where object_kind like 'org%' order by id"
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def at_noon() -> object:
    with time_machine.travel("2026-05-20T12:00:00+08:00", tick=False) as clock:
        yield clock


@pytest.fixture
def units() -> dict[str, int]:
    """Two dealers of two regions, a store of the first, and one of head office."""
    brand.ensure_headquarters("总部")
    rows = {
        "store_code": ["S1", "S2"],
        "name": ["一店", "二店"],
        "region": ["华东", "华中"],
        "dealer": ["甲", "乙"],
    }
    brand.upsert_stores(pa.table(rows), actor=SYSTEM)
    codes = ["HQ", "S1", "S2", "dealer:甲", "dealer:乙", "region:华东", "region:华中"]
    return brand.find_units(codes)


def move(unit: int, under: int, on: date = TODAY, actor: Actor = BOSS) -> None:
    brand.move_unit(unit_id=unit, under_id=under, on=on, reason="换合同", actor=actor)


def dealer_on(unit: int, *days: date) -> list[int | None]:
    return [o.dealer_id for o in brand.owners_on([(unit, day) for day in days])]


def test_a_store_moves_and_what_was_stays_readable(units: dict[str, int]) -> None:
    store, first, other = units["S1"], units["dealer:甲"], units["dealer:乙"]
    move(store, other)
    yesterday = TODAY - timedelta(1)
    assert dealer_on(store, date(2020, 1, 1), yesterday, TODAY) == [first, first, other]
    assert brand.owners_on([(store, TODAY)])[0].region_id == units["region:华中"]
    now, before = brand.places_of([store])[store]
    assert (now.parent_name, now.since, now.until, now.reason) == ("乙", TODAY, None, "换合同")
    assert (before.parent_id, before.since, before.until) == (first, None, TODAY)
    assert {r["code"]: r["dealer"] for r in brand.org_units_table().to_pylist()}["S1"] == "乙"
    (last,) = brand.recent_moves()
    assert (last.unit_name, last.before_name, last.parent_name, last.actor) == (
        "一店",
        "甲",
        "乙",
        "staff:901",
    )
    assert [r.action for r in sql.fetch(AUDIT)][-1] == "org.moved"


def test_a_dealer_takes_its_stores_to_another_region(units: dict[str, int]) -> None:
    move(units["dealer:甲"], units["region:华中"])
    was, now = brand.owners_on([(units["S1"], TODAY - timedelta(1)), (units["S1"], TODAY)])
    assert (was.region_id, now.region_id) == (units["region:华东"], units["region:华中"])
    assert was.dealer_id == now.dealer_id == units["dealer:甲"]


def test_a_move_may_have_happened_earlier(units: dict[str, int]) -> None:
    march = date(2026, 3, 1)
    move(units["S1"], units["dealer:乙"], march)
    assert dealer_on(units["S1"], march - timedelta(1), march) == [units["dealer:甲"], units["dealer:乙"]]
    with pytest.raises(Refused, match="晚于上一次"):
        move(units["S1"], units["HQ"], march)


def test_a_planned_move_waits_for_its_day(units: dict[str, int]) -> None:
    june = date(2026, 6, 1)
    move(units["S1"], units["dealer:乙"], june)
    assert moves.carry_out_due() == 0
    assert dealer_on(units["S1"], TODAY) == [units["dealer:甲"]]
    assert [(m.org_unit_id, m.on_day) for m in brand.moves_ahead()] == [(units["S1"], june)]
    with time_machine.travel("2026-06-01T00:30:00+08:00", tick=False):
        assert (moves.carry_out_due(), moves.carry_out_due()) == (1, 0)
    assert dealer_on(units["S1"], TODAY, june) == [units["dealer:甲"], units["dealer:乙"]]
    assert brand.moves_ahead() == []


def test_a_plan_is_called_off_or_replaced(units: dict[str, int]) -> None:
    move(units["S1"], units["dealer:乙"], date(2026, 6, 1))
    move(units["S1"], units["HQ"], date(2026, 7, 1))
    (plan,) = brand.moves_ahead()
    assert plan.parent_id == units["HQ"]
    brand.call_off_move(move_id=plan.id, actor=BOSS)
    with pytest.raises(NotFound):
        brand.call_off_move(move_id=plan.id, actor=BOSS)
    with time_machine.travel("2026-08-01T00:30:00+08:00", tick=False):
        assert moves.carry_out_due() == 0


def test_a_file_that_names_another_dealer_is_a_move_too(units: dict[str, int]) -> None:
    rows = {"store_code": ["S1"], "name": ["一店"], "region": ["华中"], "dealer": ["乙"]}
    brand.upsert_stores(pa.table(rows), actor=SYSTEM)
    assert dealer_on(units["S1"], TODAY - timedelta(1), TODAY) == [units["dealer:甲"], units["dealer:乙"]]
    rows["dealer"], rows["region"] = ["甲"], ["华东"]
    brand.upsert_stores(pa.table(rows), actor=SYSTEM)
    assert len(brand.places_of([units["S1"]])[units["S1"]]) == 1, "away and back on one day was no move"


@pytest.mark.parametrize(
    ("unit", "under"),
    [("S1", "S2"), ("dealer:甲", "S1"), ("region:华东", "dealer:甲"), ("HQ", "region:华东"), ("S1", "S1")],
)
def test_nothing_stands_where_it_cannot(units: dict[str, int], unit: str, under: str) -> None:
    with pytest.raises((Refused, NotFound)):
        move(units[unit], units[under])
    assert brand.recent_moves() == []


@pytest.mark.parametrize("role", ["dealer", "manager", "guide", "analyst", "auditor", "regional_manager"])
def test_others_move_nothing(units: dict[str, int], role: str) -> None:
    who = Actor("staff", 7, "别人", frozenset({role}), frozenset({units["dealer:甲"]}))
    with pytest.raises(NotFound):
        move(units["S1"], units["dealer:乙"], actor=who)
    assert dealer_on(units["S1"], TODAY) == [units["dealer:甲"]]


def test_a_reason_is_asked_for(units: dict[str, int]) -> None:
    with pytest.raises(Refused, match="为什么"):
        brand.move_unit(unit_id=units["S1"], under_id=units["HQ"], on=TODAY, reason=" ", actor=BOSS)


def test_twice_as_many_cost_no_more_statements(units: dict[str, int]) -> None:
    asked = [(units["S1"], TODAY), (units["S2"], TODAY)]
    assert statements(lambda: brand.owners_on(asked)) == statements(lambda: brand.owners_on(asked * 20)) == 1


@given(st.lists(st.tuples(st.integers(1, 3), st.sampled_from(["dealer:甲", "dealer:乙", "HQ"])), max_size=8))
@settings(max_examples=10, deadline=None)
def test_at_any_day_a_unit_stands_in_one_place(
    steps: list[tuple[int, str]],
) -> None:
    """Against a list of who had it from which day on."""
    with rolled_back():
        brand.ensure_headquarters("总部")
        rows = {"store_code": ["S1", "S2"], "region": ["华东", "华中"], "dealer": ["甲", "乙"]}
        brand.upsert_stores(pa.table(rows), actor=SYSTEM)
        units = brand.find_units(["HQ", "S1", "dealer:甲", "dealer:乙"])
        day, told = TODAY, [(date.min, "dealer:甲")]
        for days, under in steps:
            day += timedelta(days)
            with time_machine.travel(f"{day}T12:00:00+08:00", tick=False):
                if told[-1][1] != under:
                    move(units["S1"], units[under], day)
                    told.append((day, under))
        spans = brand.places_of([units["S1"]])[units["S1"]][::-1]
        assert all(one.until == following.since for one, following in pairwise(spans))
        for offset in range(-1, (day - TODAY).days + 2):
            asked = TODAY + timedelta(offset)
            under = [place for since, place in told if since <= asked][-1]
            assert dealer_on(units["S1"], asked) == [None if under == "HQ" else units[under]]


def test_the_rules_name_every_kind() -> None:
    assert set(rules.ABOVE) == {"headquarters", "region", "dealer", "store"}
    assert all(above <= rules.ABOVE.keys() for above in rules.ABOVE.values())
