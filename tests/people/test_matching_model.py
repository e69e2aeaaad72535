"""Matching on a few hundred people who look alike and whose truth is known; at full size in `benchmarks/proofs/matching.py`."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
import pytest
from benchmarks.lookalikes import World, world

from huoshui.people.matching import comparing, rules
from huoshui.people.matching.splinking import Desk
from huoshui.people.matching.types import Model, Scored


@pytest.fixture(scope="module")
def alike() -> World:
    return world(11, records=520)


@pytest.fixture(scope="module")
def desk(alike: World) -> Iterator[Desk]:
    desk = Desk(comparing.columns(alike.told))
    yield desk
    desk.close()


@pytest.fixture(scope="module")
def model(alike: World, desk: Desk) -> Model:
    certain = sorted(alike.pairs())[:70]
    pairs = pa.table({"person_a": [a for a, _ in certain], "person_b": [b for _, b in certain]})
    return desk.learn(pairs, comparing.columns(alike.told))


@pytest.fixture(scope="module")
def scored(desk: Desk, model: Model) -> list[Scored]:
    return list(desk.score(model, at_least=0.5))


def test_it_learns_from_certain_pairs(model: Model) -> None:
    assert model.how == "pairs" and model.pairs == 70
    for c in rules.COMPARISONS:
        assert sum(model.m[c.name].values()) == pytest.approx(1)
        assert sum(model.u[c.name].values()) == pytest.approx(1)
        assert all(p > 0 for p in (*model.m[c.name].values(), *model.u[c.name].values()))
    assert model.m["birthday"]["same"] > 100 * model.u["birthday"]["same"]


def test_phones_are_not_learned_from_pairs_that_phones_made(model: Model) -> None:
    assert model.m["phone"] == pytest.approx({x.code: x.m for x in rules.PHONE.levels})


def test_a_house_with_few_people_and_no_pairs_starts_from_what_all_houses_know(desk: Desk) -> None:
    assert desk.learn().how == "house"


def test_who_is_one_is_found_and_who_is_not_is_not(alike: World, scored: list[Scored]) -> None:
    truth = alike.pairs()
    shown = [s for s in scored if not rules.held_back(s.levels)]
    right = sum((s.person_a, s.person_b) in truth for s in shown)
    assert right / len(shown) > 0.95 and right / len(truth) > 0.6
    alone = [(s.person_a, s.person_b) for s in shown if rules.links_itself(s.levels)]
    assert len(alone) > 15 and set(alone) <= truth


def test_without_its_rules_it_would_join_households(alike: World, scored: list[Scored]) -> None:
    held = [s for s in scored if rules.held_back(s.levels) == "household"]
    same_house = [s for s in held if alike.households[s.person_a - 1] == alike.households[s.person_b - 1]]
    assert len(same_house) > 5


def test_the_steps_of_a_pair_add_up_to_its_probability(model: Model, scored: list[Scored]) -> None:
    for one in scored[:: max(1, len(scored) // 25)]:
        odds = 2 ** sum(s.bits for s in one.steps) / (model.one_in - 1)
        assert odds / (1 + odds) == pytest.approx(one.probability, abs=0.02)


def test_a_common_name_says_less_than_a_rare_one(scored: list[Scored]) -> None:
    bits = {step.bits for s in scored for step in s.steps if (step.name, step.level) == ("surname", "same")}
    assert max(bits) - min(bits) > 2


def test_no_more_than_a_handful_share_a_key(desk: Desk, alike: World, scored: list[Scored]) -> None:
    counted = desk.candidates()
    assert len(scored) < desk.compared == sum(counted.values())
    assert sum(counted.values()) < 5 * alike.told.num_rows
    assert desk.oversized["name_area"] == 0


def test_of_a_shared_key_nothing_is_compared() -> None:
    told = [{"person_id": n, "name": "张伟", "address": "浦东新区世纪路1号"} for n in range(1, 30)]
    rows = pa.Table.from_pylist(told, schema=comparing.TOLD)
    desk = Desk(comparing.columns(rows))
    try:
        assert sum(desk.candidates().values()) == 0 and desk.oversized["address"] == 29
    finally:
        desk.close()
