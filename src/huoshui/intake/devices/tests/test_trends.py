"""What readings tell over time, in whatever order they come."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from huoshui.core import sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.intake.devices import api as devices
from huoshui.intake.devices import reads, rules
from huoshui.intake.devices.rules import Hit
from huoshui.intake.devices.tests.conftest import NOW, Machine, Register, body, days_ago
from huoshui.people import api as people

ANALYST = Actor("staff", 1, "分析", frozenset({"analyst"}))
GUIDE = Actor("staff", 2, "导购", frozenset({"guide"}), frozenset({1}))

NOTICED = sql.Statement(
    "noticed",
    "select f.id, f.occurred_at, f.body, s.person_id, s.state, s.depth from fact f join settlement s on s.fact_id = f.id"
    " where f.name = 'Trend Noticed' order by f.occurred_at",
)


def rule(**how: Any) -> int:
    told: dict[str, Any] = {
        "rule_id": None,
        "name": "体脂",
        "kind": "change",
        "metric": "body_fat_percent",
        "direction": "up",
        "amount": 2,
        "days": 14,
        "least_readings": 3,
        "advice": "约她来店",
        "is_for_guides": False,
        "is_on": True,
        "actor": SYSTEM,
    }
    return devices.save_rule(**told | how)


@pytest.fixture
def only(db: None) -> None:
    """No rules but the test's own."""
    sql.run(sql.Statement("none", "update trend_rule set is_on = false"))


Given = tuple[Machine, int]


@pytest.fixture
def given(register: Register, person: Callable[[str], int], only: None) -> Given:
    scale, anna = register(), person("13912340001")
    devices.give(scale.id, person_id=anna, notice_version="v1", since=days_ago(300), actor=SYSTEM)
    return scale, anna


def fat(day: float, percent: float) -> dict[str, Any]:
    return body(days_ago(day), f"d{day}", body_fat_percent=percent, weight_kg=60)


RISING = [fat(13, 24.0), fat(8, 24.4), fat(4, 25.1), fat(0, 26.1)]


def test_body_fat_up_two_points_in_14_days_is_noticed(given: Given) -> None:
    scale, anna = given
    rule()
    scale.tell(*RISING)
    devices.tend()
    (found,) = sql.fetch(NOTICED)
    assert (found.person_id, found.state, found.occurred_at) == (anna, "settled", NOW)
    (notice,) = devices.notices(ANALYST)
    assert {k: notice.said[k] for k in ("metric", "first", "last", "days", "readings", "advice")} == {
        "metric": "body_fat_percent",
        "first": 24.0,
        "last": 26.1,
        "days": 13,
        "readings": 4,
        "advice": "约她来店",
    }
    assert "Trend Noticed" in [f.name for f in devices.facts_of(SYSTEM, anna)]


@pytest.mark.parametrize("seed", range(4))
def test_in_whatever_order_and_however_often_it_comes_it_is_noticed_once(given: Given, seed: int) -> None:
    scale, _ = given
    rule()
    readings = RISING * 2
    random.Random(seed).shuffle(readings)
    for one in readings:
        scale.tell(one)
        devices.tend()
    assert len(sql.fetch(NOTICED)) == 1


@pytest.mark.parametrize(
    "readings",
    [
        [fat(13, 24.0), fat(0, 26.1)],  # too few
        [fat(15, 24.0), fat(8, 24.4), fat(4, 25.1), fat(0, 26.1)],  # too slow
        [fat(13, 26.1), fat(8, 25.0), fat(0, 24.0)],  # the other way
    ],
)
def test_what_is_less_than_the_rule_is_not_noticed(given: Given, readings: list[Any]) -> None:
    scale, _ = given
    rule()
    scale.tell(*readings)
    devices.tend()
    assert not sql.fetch(NOTICED)


def test_a_rule_notices_once_a_window_and_again_later(given: Given) -> None:
    scale, _ = given
    rule()
    for start, base in ((60, 20.0), (20, 30.0)):
        scale.tell(*(fat(start - n, base + n / 2) for n in range(14)))
        devices.tend()
    found = sql.fetch(NOTICED)
    assert len(found) == 2 and found[1].occurred_at - found[0].occurred_at > timedelta(days=14)


def test_a_level_and_a_fall_are_rules_too(given: Given) -> None:
    scale, _ = given
    rule(name="高", kind="level", metric="heart_rate_bpm", amount=100, days=7)
    rule(name="瘦", metric="weight_kg", direction="down", amount=3, days=30)
    for n, (weight, pulse) in enumerate([(63, 104), (61, 101), (59.9, 110)]):
        scale.tell(body(days_ago(6 - 2 * n), f"w{n}", weight_kg=weight, heart_rate_bpm=pulse))
    devices.tend()
    told = {n.said["rule"]: (n.said["first"], n.said["last"]) for n in devices.notices(ANALYST)}
    assert told == {"高": (104, 110), "瘦": (63, 59.9)}


def test_who_stopped_using_the_scale_is_noticed_until_they_begin_again(given: Given) -> None:
    scale, _ = given
    rule(name="停", kind="silence", days=14, least_readings=8, is_for_guides=True)
    with time_machine.travel(NOW, tick=False):
        scale.tell(*(fat(40 - 2 * n, 24) for n in range(10)))
        devices.tend()
        devices.tend()
        (notice,) = devices.notices(ANALYST)
        assert (notice.kind, notice.said["days"], notice.at) == ("silence", 14, days_ago(22 - 14))
        scale.tell(fat(1, 24))
        devices.tend()
        assert devices.notices(ANALYST) == [] and len(sql.fetch(NOTICED)) == 1


def test_who_never_used_it_much_or_gave_it_back_is_not_missed(given: Given) -> None:
    scale, _ = given
    rule(name="停", kind="silence", days=14, least_readings=8)
    with time_machine.travel(NOW, tick=False):
        scale.tell(*(fat(40 - 2 * n, 24) for n in range(7)))
        devices.tend()
        assert not sql.fetch(NOTICED)
        scale.tell(*(fat(26 - n, 24) for n in range(5)))
        devices.take_back(scale.id, devices.bindings(scale.id)[0].id, actor=SYSTEM)
        devices.tend()
        assert not sql.fetch(NOTICED)


def test_a_member_of_the_household_is_somebody_else(given: Given, person: Callable[[str], int]) -> None:
    scale, anna = given
    rule()
    bert = person("13912340002")
    devices.give(scale.id, person_id=bert, notice_version="v1", member="2", since=days_ago(90), actor=SYSTEM)
    scale.tell(*(fat(13 - n, 24) for n in range(5)), *(fat(5 - n, 30) | {"member": "2"} for n in range(5)))
    devices.tend()
    assert not sql.fetch(NOTICED)
    scale.tell(*(fat(4.5 - n, 24 + n) for n in range(4)))
    devices.tend()
    assert [row.person_id for row in sql.fetch(NOTICED)] == [anna]


def test_a_shops_scale_knows_its_guest_before_it_notices(register: Register, only: None) -> None:
    scale = register()
    rule()
    who = {"person": {"phone": "13912340007"}, "consent": "v1"}
    scale.tell(*(one | who for one in RISING))
    devices.tend()
    assert [row.person_id for row in sql.fetch(NOTICED)] == [devices.find_person("13912340007")]


def test_body_figures_are_off_the_guides_screens(given: Given) -> None:
    scale, _ = given
    rule()
    scale.tell(*RISING)
    devices.tend()
    (notice,) = devices.notices(ANALYST)
    assert devices.notices(GUIDE) == []
    with pytest.raises(NotFound):
        devices.close_notice(notice.fact_id, actor=GUIDE)
    assert len(devices.notices(ANALYST)) == 1


def test_a_stores_notices_are_found_below_the_brands(
    given: Given, person: Callable[[str], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, anna = given
    bert = person("13912340002")
    add = "insert into device_notice (fact_id, kind, person_id, at, is_for_guides, said) select n, 'sample', %(person_id)s"
    add += "::bigint, now(), true, '{}' from generate_series(%(first)s::int, %(last)s::int) n"
    sql.run(sql.Statement("add", add), person_id=anna, first=1, last=2)
    sql.run(sql.Statement("add", add), person_id=bert, first=3, last=12)
    monkeypatch.setattr(reads, "_SLICE", 4)
    seen = people.visible_persons
    only_anna = lambda actor, ids: seen(actor, [i for i in ids if i == anna])  # noqa: E731
    monkeypatch.setattr(people, "visible_persons", only_anna)
    assert [n.fact_id for n in devices.notices(ANALYST)] == [2, 1]
    assert [n.fact_id for n in devices.notices(ANALYST, limit=1)] == [2]


def test_rules_are_refused_that_mean_nothing(only: None) -> None:
    for wrong in (
        {"name": " "},
        {"kind": "mood"},
        {"metric": "height"},
        {"direction": "sideways"},
        {"amount": 0},
        {"amount": float("nan")},
        {"days": 0},
        {"least_readings": 1},
    ):
        with pytest.raises(Refused):
            rule(**wrong)
    first = rule()
    with pytest.raises(Refused, match="这个名字"):
        rule()
    assert rule(rule_id=first, days=21) == first
    assert [r.days for r in devices.list_rules() if r.id == first] == [21]
    with pytest.raises(NotFound):
        rule(rule_id=999_999, name="x")


def test_told_of_the_same_person_and_rule_lies_a_window_apart() -> None:
    hits = [Hit(1, 7, n, NOW + timedelta(days=n), NOW, 1, 2, 3) for n in range(40)]
    told = rules.spaced(hits, [(1, 7, NOW - timedelta(days=1)), (2, 7, NOW)], {1: 10})
    gaps = [b.at - a.at for a, b in itertools.pairwise(told)]
    assert len(told) >= 3 and min(gaps) >= timedelta(days=10)
    assert told[0].at >= NOW + timedelta(days=9)
    again = rules.spaced(hits, [(1, 7, one.at) for one in told], {1: 10})
    assert again == []
