"""Days on which many buy away from home are found, with who they were; ordinary weeks are not."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from huoshui.insight.given import BadQuestion
from huoshui.insight.lake import Lake
from huoshui.insight.questions import away, known
from huoshui.insight.tests.lake_fixture import small_lake
from huoshui.insight.tests.worlds import PRODUCTS, UNITS

FIRST, DAYS, PEOPLE = date(2025, 1, 1), 120, 60
HOLIDAY = [FIRST + timedelta(60 + n) for n in range(6)]
TRAVELLERS = set(range(1, 21))


def line(person: int | None, day: date, unit: int) -> dict[str, Any]:
    order_id = (day.toordinal() * 1_000 + (person or 0)) * 10 + unit
    return {
        "order_id": order_id, "fact_id": order_id, "person_id": person, "org_unit_id": unit, "sku_id": 1,
        "business_day": day, "amount": 1_000,
    }  # fmt: skip


def country(*, holiday: bool = True) -> Lake:
    """Everybody buys each fourth day at home, the odd ones at 一店; a third goes to the other dealer's store in a week."""
    lines = [
        line(person, FIRST + timedelta(n), 2 if person % 2 else 3)
        for n in range(DAYS)
        for person in range(1, PEOPLE + 1)
        if (n + person) % 4 == 0
    ]
    if holiday:
        lines += [line(p, HOLIDAY[n], 3 if p % 2 else 2) for p in TRAVELLERS for n in range(6) if (p + n) % 2]
    lines += [line(None, FIRST + timedelta(n), 2) for n in range(0, DAYS, 2)]
    return small_lake(order_lines=lines, products=PRODUCTS, org_units=UNITS)


def ids(lake: Lake, cell: dict[str, str]) -> list[int]:
    return sorted(lake.run(away.people(lake, away.Params(), cell)).column("person_id").to_pylist())


def test_the_holiday_is_one_span_with_those_who_went() -> None:
    lake = country()
    answer = away.result(lake, away.Params())
    (row,) = answer.rows
    assert (row["first"], row["last"], row["people"]) == (str(HOLIDAY[0]), HOLIDAY[-1], 20)
    assert row["chance"] < 1e-6 and row["amount"] == 60_000
    assert "20 位顾客" in answer.sentence and "同一个人" in answer.sentence
    assert {(p["home"], p["away"], p["people"]) for p in answer.extra["pairs"].rows} == {
        ("甲", "乙", 10), ("乙", "甲", 10),
    }  # fmt: skip
    cell = {"first": str(HOLIDAY[0])}
    assert set(ids(lake, cell)) == TRAVELLERS
    assert ids(lake, cell | {"home": "甲"}) == [p for p in sorted(TRAVELLERS) if p % 2]


def test_ordinary_weeks_are_normal() -> None:
    answer = away.result(country(holiday=False), away.Params())
    assert answer.rows == () and "正常波动" in answer.sentence
    with pytest.raises(BadQuestion):
        ids(country(holiday=False), {"first": str(HOLIDAY[0])})


def test_how_many_orders_name_their_customer() -> None:
    lake = country(holiday=False)
    answer = known.result(lake, known.Params())
    low, high = answer.rows
    assert (low["store"], low["known"], low["orders"]) == ("S1", 900, 960)
    assert (high["store"], high["share"]) == ("S2", 1.0)
    assert len(lake.run(known.people(lake, known.Params(), {"store": "S1"}))) == PEOPLE // 2
