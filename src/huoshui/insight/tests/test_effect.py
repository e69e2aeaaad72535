from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import pytest

from huoshui.core.subscribers import registry
from huoshui.insight.given import BadQuestion
from huoshui.insight.lake import Lake
from huoshui.insight.maths.effect import TooFew, by_lot, effect, matched
from huoshui.insight.questions import effect as question
from huoshui.insight.tests.lake_fixture import small_lake

START, END = date(2025, 3, 1), date(2025, 3, 30)
REACHED, HELD = range(1, 401), range(401, 501)


# ---- the estimate ------------------------------------------------------------------------------------------------------


def drawn(seed: int, *, people: int = 2000, true: float = 3.0) -> Any:
    """Half of them treated by lot; what they bought before tells most of what they buy now."""
    random = np.random.default_rng(seed)
    before = random.gamma(2.0, 20.0, people)
    treated = random.random(people) < 0.5
    now = 0.8 * before + random.normal(0, 8, people) + np.where(treated, true, 0.0)
    return treated, now, before[:, None]


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    inside = 0
    for seed in range(200):
        treated, now, before = drawn(seed, people=400)
        found = effect(by_lot(treated), now, before).each
        inside += found.low <= 3.0 <= found.high
    assert 0.90 <= inside / 200 <= 0.99


def test_what_was_bought_before_narrows_it() -> None:
    treated, now, before = drawn(1)
    told, blind = (effect(by_lot(treated), now, x) for x in (before, np.zeros_like(before)))
    assert told.narrowed > 0.8 and blind.narrowed == 0
    assert told.each.high - told.each.low < 0.5 * (blind.each.high - blind.each.low)
    assert told.each.low < 3.0 < told.each.high
    assert told.share is not None and told.share.low < 3.0 / told.base < told.share.high


def test_people_alike_are_compared_where_nobody_drew_lots() -> None:
    random = np.random.default_rng(4)
    habit = random.integers(0, 5, 6000)
    treated = random.random(6000) < (habit + 1) / 8  # whoever buys more is asked more often
    now = habit * 10.0 + random.normal(0, 4, 6000) + np.where(treated, 2.0, 0.0)
    naive = effect(by_lot(treated), now, np.zeros((6000, 1))).each
    found = effect(matched(treated, [habit]), now, np.zeros((6000, 1))).each
    assert naive.low > 6  # the control: as they come, habit passes for effect
    assert found.low < 2.0 < found.high and found.high - found.low < 1


def test_whoever_has_nobody_alike_is_left_out() -> None:
    treated = np.arange(200) < 100
    group = np.where(np.arange(200) % 100 < 40, 0, 1)
    group[:20] = 7
    compared = matched(treated, [group])
    assert (compared.reached, compared.others) == (80, 100)
    with pytest.raises(TooFew):
        by_lot(np.arange(40) < 20)


def test_a_ratio_to_next_to_nothing_is_not_told() -> None:
    now = np.zeros(400)
    now[[1, 2, 399]] = 1.0
    assert effect(by_lot(np.arange(400) < 300), now, np.zeros((400, 1))).share is None


# ---- the question ------------------------------------------------------------------------------------------------------


@cache
def shop() -> Lake:
    """Everybody bought once, some days before; in March 60 of the 400 reached buy for ¥100, 5 of the 100 held out."""
    order = 0
    lines = []

    def sold(person: int, day: date, amount: int, coupon: int = 0) -> None:
        nonlocal order
        order += 1
        lines.append(
            {"order_id": order, "fact_id": order, "person_id": person, "org_unit_id": 2, "sku_id": 1}
            | {"business_day": day, "amount": amount, "coupon_discount": coupon}
        )

    for person in (*REACHED, *HELD):
        sold(person, START - timedelta(days=5 + person % 150), 5_000 + 100 * (person % 7))
    for person in [*range(1, 61), *range(401, 406)]:
        sold(
            person,
            START + timedelta(days=person % 29),
            9_000 if person < 401 else 10_000,
            1_000 if person < 401 else 0,
        )
    sold(900, END, 100)
    units = [{"org_unit_id": 2, "code": "S1", "name": "一店", "kind": "store", "store": "一店"}]
    tags = [{"person_id": p, "key": "attr.lot", "value": "in"} for p in REACHED]
    tags += [{"person_id": p, "key": "attr.lot", "value": "out"} for p in HELD]
    return small_lake(order_lines=lines, org_units=units, state_now=tags)


LOT = {"treated": 'known("attr.lot") in ("in")', "control": 'known("attr.lot") in ("out")'}


def ask(**strings: str) -> Any:
    return question.result(shop(), question.Params.parse({"from": str(START), "to": str(END)} | strings))


def opened(strings: dict[str, str], cell: Mapping[str, str]) -> set[int]:
    params = question.Params.parse({"from": str(START), "to": str(END)} | strings)
    return set(shop().run(question.people(shop(), params, cell)).column("person_id").to_pylist())


def test_it_says_what_more_was_sold_cost_and_earned() -> None:
    answer = ask(**LOT, margin="50", spent="40")
    (orders,) = answer.extra["counts"].rows
    assert orders["low"] < orders["more"] < orders["high"]
    assert orders["more"] == pytest.approx(60 - 4 * 5, abs=4)  # what was bought before told a little of it
    by_name = {row["measure"]: row for row in answer.extra["money"].rows}
    assert by_name["coupons"]["more"] == pytest.approx(60_000, rel=0.01)
    assert answer.extra["cost"] == pytest.approx(64_000, rel=0.01)
    # half of the price before coupons, less the coupons, less what sending cost
    assert by_name["profit"]["more"] == pytest.approx(60 * 4_000 - 20 * 5_000 - 4_000, rel=0.15)
    assert "随机留下没发的 100 位" in answer.sentence and "多卖了约" in answer.sentence


def test_its_numbers_open() -> None:
    for row in ask(**LOT).rows:
        assert len(opened(LOT, {"group": row["group"]})) == row["people"]
        assert len(opened(LOT, {"group": row["group"], "bought": "yes"})) == row["bought"]
    assert opened(LOT, {"group": "reached", "bought": "yes"}) == set(range(1, 61))
    assert opened(LOT, {"group": "others"}) == set(HELD)


def test_without_a_lot_people_who_bought_alike_stand_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.reached, "coupon", lambda number: list(REACHED) if number == 5 else [])
    answer = ask(reached="coupon:5")
    assert not answer.extra["is_by_lot"] and "差不多、没触达" in answer.sentence
    assert answer.rows[0]["people"] + answer.extra["left_out"] == len(REACHED)
    assert "没填毛利率" in answer.sentence
    with pytest.raises(BadQuestion, match="少的一边才 0 位"):
        ask(reached="coupon:6")
    with pytest.raises(BadQuestion, match="coupon:编号"):
        ask(reached="mail:6")


def test_the_rule_is_of_the_day_before() -> None:
    """Who bought in March because of it is not thereby one of those it was sent to."""
    bought = "count(buy last 30 days) >= 1"
    before = {p for p in (*REACHED, *HELD) if 5 + p % 150 <= 30}
    params = {"treated": bought, "control": f"not ({bought})"}
    assert opened(params, {"group": "reached"}) == before


@pytest.mark.parametrize(
    ("strings", "says"),
    [
        ({}, "写一样就够"),
        (LOT | {"reached": "coupon:5"}, "写一样就够"),
        ({"treated": "count("}, "规则看不懂"),
        ({"treated": 'member("老客")', "control": 'known("attr.lot") in ("out")'}, "不要写人群的名字"),
        (LOT | {"margin": "0"}, "1 到 100"),
    ],
)
def test_it_refuses_what_it_cannot_read(strings: dict[str, str], says: str) -> None:
    with pytest.raises(BadQuestion, match=says):
        ask(**strings)


def test_a_dealer_is_told_of_his_own_buyers_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(registry.reached, "coupon", lambda _number: list(REACHED))
    params = question.Params.parse({"from": str(START), "reached": "coupon:1"})
    with pytest.raises(BadQuestion):
        question.result(shop().at([3]), params)
