from __future__ import annotations

import math
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
from huoshui.insight.questions import next_product
from huoshui.insight.questions.next_product import bought, offers
from huoshui.insight.questions.next_product.model import learned
from huoshui.insight.tests.lake_fixture import small_lake
from huoshui.insight.tests.test_groups import lines_of
from huoshui.insight.tests.worlds import UNITS, World, worlds

few = settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
AS_OF = date(2025, 6, 30)
PEOPLE, GOODS = 240, 24
# Whoever is of the first kind buys tea, of the second coffee: 1–12 and 13–24. The last of each is tried rather late.
KINDS = (range(1, 13), range(13, 25))
REGULAR, EVERY = 500, 14  # she takes number 3 every fortnight, and nothing else
PRODUCTS = [
    {"sku_id": n, "code": f"P{n}", "name": f"商品{n}", "category_1": "茶" if n < 13 else "咖啡", "category_2": "", "category_3": ""}
    for n in range(1, GOODS + 1)
]  # fmt: skip


@cache
def town() -> Lake:
    """Two kinds of people, each with favourites among the goods of their kind, at two stores."""
    draw = random.Random(8)
    lines: list[dict[str, Any]] = []
    for person in range(1, PEOPLE + 1):
        goods = KINDS[person % 2]
        favourites = draw.sample(goods[:-1], 3)
        for day in _days(draw, draw.uniform(5, 20)):
            sku = draw.choice(favourites) if draw.random() < 0.8 else draw.choice(goods)
            lines += lines_of(person, [day], 5_000, sku_id=sku, org_unit_id=2 + person // 2 % 2)
    regular = [AS_OF - timedelta(days=4 + EVERY * n) for n in range(8)]
    lines += lines_of(REGULAR, sorted(regular), 5_000, sku_id=3, org_unit_id=2)
    return small_lake(order_lines=_numbered(lines), products=PRODUCTS, org_units=UNITS)


def _days(draw: random.Random, gap: float) -> list[date]:
    day, days = AS_OF - timedelta(days=draw.randrange(120, 200)), []
    while day <= AS_OF:
        days.append(day)
        day += timedelta(days=1 + round(draw.expovariate(1 / gap)))
    return days


def _numbered(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line | {"order_id": n, "fact_id": n} for n, line in enumerate(lines, 1)]


def opened(lake: Lake, params: next_product.Params, cell: Mapping[str, str]) -> set[int]:
    found = lake.run(next_product.people(lake, params, cell)).column("person_id").to_pylist()
    assert len(found) == len(set(found))
    return set(found)


@few
@given(world=worlds(people=10))
def test_days_bought_equal_plain_python(world: World) -> None:
    as_of, lake = date(2025, 1, 31), world.lake()
    left: dict[tuple[int, int, date], list[Mapping[str, Any]]] = {}
    for line in world.lines:
        person = world.person(line)
        if person is not None and line.get("kind", "sale") == "sale" and line["business_day"] <= as_of:
            left.setdefault((person, line["sku_id"], line["business_day"]), []).append(line)
    days: dict[tuple[int, int], set[date]] = {}
    for (person, sku, day), own in left.items():
        unclear = sum((-1 if line.get("is_reversal") else 1) for line in own if line["flags"] & 6)
        milli = sum(round(line["quantity"] * 1000) for line in own)
        if sum(line["amount"] for line in own) or milli or unclear:
            days.setdefault((person, sku), set()).add(day)
    known = bought.history(lake, as_of)
    told: dict[tuple[int, int], tuple[float, ...]] = {
        (int(known.ids[p]), int(known.skus[q])): (days_, age, span, round(float(weight), 9))
        for p, q, days_, age, span, weight in zip(
            known.person, known.product, known.days, known.age, known.span, known.weight, strict=True
        )
    }
    assert told == {
        pair: (
            len(own),
            (as_of - max(own)).days,
            (as_of - min(own)).days,
            round(sum(math.exp(-math.log(2) / bought.HALF_LIFE * (as_of - day).days) for day in own), 9),
        )
        for pair, own in days.items()
    }


def test_every_number_opens_into_its_people() -> None:
    lake, params = town(), next_product.Params(limit=1000)
    answer = next_product.result(lake, params)
    assert {row["reason"] for row in answer.rows} == {"again", "new"}
    assert answer.extra["left_out"] == 0
    for key in ("again", "new"):
        rows = [row for row in answer.rows if row["reason"] == key]
        # one thing of each kind for each
        assert len(opened(lake, params, {"reason": key})) == sum(row["people"] for row in rows)
        cell = answer.cell(rows[0])
        assert len(opened(lake, params, cell)) == rows[0]["people"] > 0
        assert len(opened(lake, params, cell | {"when": "soon"})) == rows[0]["soon"] > 0


def test_what_is_new_was_never_had_and_is_of_her_kind() -> None:
    lake = town()
    model = learned(lake, AS_OF, 28, next_product.categories(lake))
    had = set(zip(model.known.person.tolist(), model.known.product.tolist(), strict=True))
    new = offers.best(model)[offers.NEW]
    assert len(new.person) > PEOPLE / 2
    assert not had & set(zip(new.person.tolist(), new.product.tolist(), strict=True))
    people, skus = model.known.ids[new.person], model.known.skus[new.product]
    of_town = people <= PEOPLE
    hers = np.where(people % 2 == 0, skus <= 12, skus > 12)[of_town]
    assert hers.mean() > 0.95


def test_the_chance_is_as_often_true_as_it_says() -> None:
    """Told four weeks ago, of the weeks since."""
    lake, then = town(), AS_OF - timedelta(days=28)
    model = learned(lake, then, 28, next_product.categories(lake))
    truth = bought.later(lake, model.known, then + timedelta(days=1), AS_OF)
    again = [
        pair in truth for pair in zip(model.known.person.tolist(), model.known.product.tolist(), strict=True)
    ]
    assert model.chance_again().sum() == pytest.approx(sum(again), rel=0.15)
    chance = model.chance_again()
    for which in (chance >= np.quantile(chance, 0.9), chance <= np.median(chance)):
        assert np.mean(np.array(again)[which]) == pytest.approx(chance[which].mean(), abs=0.12)


def test_a_person_is_told_when_and_why() -> None:
    lake = town()
    answer = next_product.result(lake, next_product.Params(person=REGULAR))
    first = answer.rows[0]
    assert (first["product"], first["reason"]) == ("P3", "again")
    assert first["due_day"] == AS_OF + timedelta(days=EVERY - 4)
    assert first["why"] == f"买过 8 次，大约每 14 天一次，上次是 {AS_OF - timedelta(days=4)}。"
    assert all(row["reason"] == "new" and row["product"] != "P3" for row in answer.rows[1:])
    english = next_product.result(lake, next_product.Params(person=REGULAR, lang="en"))
    assert english.rows[0]["why"].startswith("Bought on 8 days, every 14 days or so")
    assert opened(lake, next_product.Params(person=REGULAR), {"reason": "again"}) == {REGULAR}
    assert next_product.result(lake, next_product.Params(person=9_999)).rows == ()


def test_a_dealer_is_told_of_what_his_stores_sold_alone() -> None:
    """The same answer as of a lake in which nothing else ever was; and nobody behind it who never came to him."""
    lake, params = town(), next_product.Params(as_of=AS_OF)
    table = lake.order_lines
    theirs = small_lake(
        order_lines=lake.rows(table.filter(table.org_unit_id == 3)), products=PRODUCTS, org_units=UNITS
    )
    own = lake.at({3})
    assert next_product.result(own, params).to_json() == next_product.result(theirs, params).to_json()
    came = {row["person_id"] for row in theirs.rows(theirs.order_lines.select("person_id").distinct())}
    assert opened(own, params, {}) <= came < opened(lake, params, {}) | came


def test_while_little_was_tried_only_what_is_taken_again_is_told() -> None:
    draw = random.Random(2)
    lines = [
        line for p in range(1, 61) for line in lines_of(p, _days(draw, 8), 5_000, sku_id=1, org_unit_id=2)
    ]
    answer = next_product.result(
        small_lake(order_lines=_numbered(lines), products=PRODUCTS, org_units=UNITS), next_product.Params()
    )
    assert {row["reason"] for row in answer.rows} == {"again"}
    assert "会想试什么，数据还少，看不出。" in answer.sentence
    with pytest.raises(BadQuestion, match="才 0 次，满 50 次"):
        next_product.result(small_lake(), next_product.Params())


@pytest.mark.parametrize(
    "cell", [{"reason": "gift"}, {"product": "nothing"}, {"when": "later"}, {"person": "x"}, {"store": "1"}]
)
def test_a_cell_that_cannot_be_is_refused(cell: dict[str, str]) -> None:
    with pytest.raises(BadQuestion):
        opened(town(), next_product.Params(), cell)
