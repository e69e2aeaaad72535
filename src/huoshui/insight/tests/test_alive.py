from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from huoshui.insight.given import BadQuestion
from huoshui.insight.lake import Lake
from huoshui.insight.maths import bgnbd
from huoshui.insight.maths.fitting import NotFitted
from huoshui.insight.questions import alive
from huoshui.insight.tests.lake_fixture import small_lake
from huoshui.insight.tests.test_groups import lines_of
from huoshui.insight.tests.worlds import PRODUCTS, UNITS, World, standing_orders, worlds

few = settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
AS_OF = date(2025, 6, 30)


@cache
def town(people: int = 160, seed: int = 4) -> Lake:
    """People who come at a pace of their own until, some of them, they stop."""
    draw = random.Random(seed)
    lines: list[dict[str, Any]] = []
    for person in range(1, people + 1):
        day, gap, stop = (
            AS_OF - timedelta(days=draw.randrange(100, 500)),
            draw.uniform(5, 60),
            draw.choice([0, 0.1, 0.3]),
        )
        days = []
        while day <= AS_OF:
            days.append(day)
            if draw.random() < stop:
                break
            day += timedelta(days=1 + round(draw.expovariate(1 / gap)))
        lines += [line | {"amount": draw.randrange(2_000, 30_000)} for line in lines_of(person, days)]
    return small_lake(order_lines=lines, products=PRODUCTS, org_units=UNITS)


def opened(lake: Lake, params: alive.Params, cell: Mapping[str, str]) -> set[int]:
    found = lake.run(alive.people(lake, params, cell)).column("person_id").to_pylist()
    assert len(found) == len(set(found))
    return set(found)


def plain_histories(world: World, as_of: date) -> dict[int, tuple[int, int, int, int]]:
    """Person → x, t_x, T, and what was left of the amounts of all days after the first."""
    days: dict[int, dict[date, list[Mapping[str, Any]]]] = {}
    for line in world.lines:
        person = world.person(line)
        if person is not None and line["business_day"] <= as_of:
            days.setdefault(person, {}).setdefault(line["business_day"], []).append(line)
    found = {}
    for person, by_day in days.items():
        bought = sorted(day for day, own in by_day.items() if standing_orders(own))
        if bought:
            first, later = bought[0], [day for day in by_day if day > bought[0]]
            spent = sum(line["amount"] for day in later for line in by_day[day])
            found[person] = (len(bought) - 1, (bought[-1] - first).days, (as_of - first).days, spent)
    return found


@few
@given(world=worlds(people=10))
def test_histories_equal_plain_python(world: World) -> None:
    for as_of in (date(2025, 1, 31), date(2025, 1, 6)):
        rows = (lake := world.lake()).rows(alive.histories(lake, as_of))
        told = {row["person_id"]: (row["x"], row["t_x"], row["T"], row["repeat_amount"]) for row in rows}
        assert told == plain_histories(world, as_of)


def test_every_number_opens_into_its_people_who_are_everybody_once() -> None:
    lake, params = town(), alive.Params(as_of=AS_OF)
    answer = alive.result(lake, params)
    met: set[int] = set()
    for row in answer.rows:
        found = opened(lake, params, answer.cell(row))
        assert len(found) == row["people"] > 0
        assert not found & met
        met |= found
        assert row["low"] <= row["worth"] <= row["high"]
    assert met == set(range(1, 161)) == opened(lake, params, {})
    assert [row["state"] for row in answer.rows] == list(alive.STATES)
    see_first = answer.extra["see_first"]
    assert len(see_first.rows) > 3
    assert opened(lake, params, see_first.cell(see_first.rows[0])) == {see_first.rows[0]["person"]}
    for row in see_first.rows:
        assert 0 < row["alive"] < alive.COMING
        assert row["low"] <= row["high"]


def test_whoever_is_counted_in_a_state_is_behind_it() -> None:
    lake, params = town(), alive.Params(as_of=AS_OF)
    fit = alive.result(lake, params).extra["fit"]
    rates = bgnbd.Rates(fit["r"], fit["alpha"], fit["a"], fit["b"])
    known = alive._known(lake, AS_OF)
    states = alive._states(known.people, rates)
    for place, name in enumerate(alive.STATES):
        assert opened(lake, params, {"state": name}) == set(known.ids[states == place].tolist()) != set()
    english = alive.result(lake, alive.Params(as_of=AS_OF, lang="en"))
    assert [row["state_name"] for row in english.rows] == [en for _zh, en in alive.STATES.values()]


def test_the_same_question_has_the_same_answer() -> None:
    lake, params = town(), alive.Params(as_of=AS_OF)
    assert alive.result(lake, params).to_json() == alive.result(lake, params).to_json()


def test_a_year_held_back_lies_within_the_range() -> None:
    """The real law is CDNOW's (test_comeback); here that days, money and as_of arrive in it as they should."""
    lake = town(400, seed=9)
    then = AS_OF - timedelta(days=60)
    answer = alive.result(lake, alive.Params(as_of=then, days=60))
    expected = sum(row["worth"] for row in answer.rows)
    known = alive._known(lake, then)
    theirs = lake.order_lines.filter(
        (lake.order_lines.business_day > then) & lake.order_lines.person_id.isin([int(i) for i in known.ids])
    )
    actual = lake.rows(theirs.agg(amount=theirs.amount.sum()))[0]["amount"]
    assert expected == pytest.approx(actual, rel=0.25)


def test_too_few_who_came_back_are_told_so_in_both_languages() -> None:
    lake = small_lake(
        order_lines=[line for p in range(1, 21) for line in lines_of(p, [AS_OF, date(2025, 1, 1)])]
    )
    with pytest.raises(BadQuestion, match="才 20 位，满 30 位"):
        alive.result(lake, alive.Params())
    with pytest.raises(BadQuestion, match="Only 20 customers came back"):
        alive.result(lake, alive.Params(lang="en"))
    with pytest.raises(BadQuestion, match="才 0 位"):
        alive.result(small_lake(), alive.Params())


def test_what_cannot_be_fitted_is_told_in_the_users_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_given: Any) -> Any:
        raise NotFitted

    monkeypatch.setattr("huoshui.insight.maths.bgnbd.fitted", lost)
    town().kept.clear()
    with pytest.raises(BadQuestion, match="看不出规律"):
        alive.result(town(), alive.Params())


def test_sentences() -> None:
    answer = alive.result(town(), alive.Params(as_of=AS_OF, days=90))
    gone = next(row for row in answer.rows if row["state"] == "gone")
    assert answer.sentence.startswith(
        f"160 位顾客里，{gone['people']} 位顾客多半流失了。今后 90 天预计还会买 ¥"
    )
    english = alive.result(town(), alive.Params(as_of=AS_OF, days=90, lang="en")).sentence
    assert english.startswith(f"{gone['people']} customers of 160 are probably gone. In the next 90 days")


@pytest.mark.parametrize("cell", [{"state": "asleep"}, {"person": "x"}, {"store": "1"}])
def test_a_cell_that_cannot_be_is_refused(cell: dict[str, str]) -> None:
    with pytest.raises(BadQuestion):
        opened(town(), alive.Params(), cell)


def test_one_time_buyers_are_never_said_to_come_back() -> None:
    answer = alive.result(town(), alive.Params(as_of=AS_OF))
    once = next(row for row in answer.rows if row["state"] == "once")
    assert once["alive"] is None
    assert once["worth"] > 0


def test_of_very_many_some_are_learned_from(monkeypatch: pytest.MonkeyPatch) -> None:
    lake = town(400)
    whole = alive.result(lake, alive.Params(as_of=AS_OF))
    monkeypatch.setattr(alive, "MOST_FITTED", 200)
    lake.kept.clear()
    half = alive.result(lake, alive.Params(as_of=AS_OF))
    assert half.extra["fit"] != whole.extra["fit"]
    assert sum(row["people"] for row in half.rows) == 400
    assert np.isclose(sum(r["worth"] for r in half.rows), sum(r["worth"] for r in whole.rows), rtol=0.2)
