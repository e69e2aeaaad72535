from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from huoshui.insight.expectation import REACH_99, expect
from huoshui.insight.given import BadQuestion
from huoshui.insight.lake import Lake
from huoshui.insight.questions import sales, today
from huoshui.insight.tests.lake_fixture import ZONE, small_lake
from huoshui.insight.tests.worlds import PRODUCTS, UNITS

MONDAY = date(2025, 6, 30)
LIKE = [MONDAY - timedelta(weeks=week) for week in range(1, 9)]


def order(day: date, amount: int, person: int = 1, **more: Any) -> dict[str, Any]:
    order_id = day.toordinal() * 1000 + person
    line = {"order_id": order_id, "fact_id": order_id, "person_id": person, "org_unit_id": 2, "sku_id": 1}
    return line | {"business_day": day, "amount": amount} | more


def lake_of(*lines: dict[str, Any], fresh_at: datetime | None = None) -> Lake:
    lake = small_lake(order_lines=lines, products=PRODUCTS, org_units=UNITS)
    return replace(lake, fresh_at=fresh_at or datetime(2025, 7, 20, tzinfo=UTC))


def ask(lake: Lake, **strings: str) -> Any:
    return today.result(lake, today.Params.parse(strings))


USUAL = [order(day, 10_000 + 100 * n) for n, day in enumerate(LIKE)]


@pytest.mark.parametrize(
    ("amount", "verdict", "said"),
    [
        (10_500, "normal", "比往常的周一多 1.4%，在正常波动里"),
        (30_000, "above", "比往常的周一多 189.9%，超出正常波动"),
        (1_000, "below", "比往常的周一少 90.3%，超出正常波动"),
    ],
)
def test_a_day_against_its_weekday(amount: int, verdict: str, said: str) -> None:
    answer = ask(lake_of(*USUAL, order(MONDAY, amount)))
    assert answer.rows[-1]["day"] == "2025-06-30"
    assert answer.rows[-1]["expected"] == 10_350
    assert answer.rows[-1]["verdict"] == verdict
    assert said in answer.sentence
    assert len(answer.rows) == 30
    assert [row["amount"] for row in answer.extra["like_days"].rows] == [10_000 + 100 * n for n in range(8)]


def test_under_four_weeks_nothing_is_judged() -> None:
    answer = ask(lake_of(*USUAL[:3], order(MONDAY, 99_999)))
    assert answer.rows[-1]["verdict"] == "unknown"
    assert "还没有足够的往日可以比" in answer.sentence


def test_a_day_that_is_not_over_is_compared_up_to_its_time() -> None:
    def at(day: date, hour: int) -> datetime:
        return datetime(day.year, day.month, day.day, hour, tzinfo=ZONE).astimezone(UTC)

    lines = [order(day, 4_000, occurred_at=at(day, 10)) for day in LIKE]
    lines += [order(day, 6_000, person=2, occurred_at=at(day, 20)) for day in LIKE]
    lines += [order(MONDAY, 4_100, occurred_at=at(MONDAY, 11))]
    answer = ask(lake_of(*lines, fresh_at=at(MONDAY, 16)))
    assert answer.extra["until"] == "16:00"
    assert (answer.rows[-1]["expected"], answer.rows[-1]["verdict"]) == (4_000, "normal")
    assert "到 16:00 卖了" in answer.sentence
    over = ask(lake_of(*lines))
    assert (over.rows[-1]["expected"], over.rows[-1]["verdict"]) == (10_000, "below")


def test_a_thin_last_day_of_old_data_is_a_tail() -> None:
    busy = [order(MONDAY, 1_000, person) for person in range(1, 12)]
    late = order(MONDAY + timedelta(days=1), 50)
    answer = ask(lake_of(*busy, late))
    assert (answer.extra["day"], answer.extra["tail"]) == (MONDAY, MONDAY + timedelta(days=1))
    assert ask(lake_of(*busy, late), day="2025-07-01").extra["day"] == date(2025, 7, 1)


def test_places_far_from_their_usual_come_first_and_a_rare_sale_is_no_alarm() -> None:
    steady = [
        order(day, 10_000, person, org_unit_id=2) for day in (*LIKE, MONDAY) for person in range(10, 30)
    ]
    fallen = [order(day, 10_000, person, org_unit_id=3) for day in LIKE for person in range(30, 70)]
    fallen += [order(MONDAY, 10_000, 30, org_unit_id=3)]
    rare = order(MONDAY, 10_000, 90, org_unit_id=1)
    answer = ask(lake_of(*steady, *fallen, rare), by="store")
    told = {row["store"]: row["verdict"] for row in answer.extra["by"]["store"].rows}
    assert list(told.items()) == [("S2", "below"), ("HQ", "normal"), ("S1", "normal")]


def test_numbers_open_into_people() -> None:
    lake = lake_of(*USUAL, order(MONDAY, 5, person=7), order(MONDAY, 5, person=8, org_unit_id=3))
    params = today.Params.parse({"by": "store"})
    answer = today.result(lake, params)

    def opened(cell: dict[str, str]) -> set[int]:
        return set(lake.run(today.people(lake, params, cell)).column("person_id").to_pylist())

    assert opened(answer.cell(answer.rows[-1])) == opened({}) == {7, 8}
    stores = answer.extra["by"]["store"]
    for row in stores.rows:
        assert len(opened(stores.cell(row))) == row["customers"]
    with pytest.raises(BadQuestion):
        opened({"shop": "1"})


def test_this_month_and_the_same_days_before() -> None:
    days = [date(2025, 6, 3), date(2025, 5, 30), date(2025, 5, 31), date(2024, 6, 1), date(2024, 7, 1)]
    answer = ask(lake_of(*(order(day, 10**n) for n, day in enumerate(days)), order(MONDAY, 500_000)))
    extra = answer.extra
    assert (extra["month"], extra["month_before"]) == (500_001, 10)
    assert (extra["year"], extra["year_before"], extra["month_last_year"]) == (500_111, 1_000, 1_000)


def test_an_empty_lake_is_a_day_without_sales() -> None:
    answer = ask(small_lake())
    assert answer.rows[-1]["amount"] == 0
    assert answer.rows[-1]["verdict"] == "unknown"


def test_the_real_year_agrees_with_sales_and_calls_few_days_abnormal(journey: Lake) -> None:
    params = today.Params(days=300)
    answer = today.result(journey, params)
    assert answer.extra["day"] == date(2017, 12, 31)
    by_day = sales.result(journey, sales.Params.parse({"by": "day"})).rows
    amounts = {row["day"]: row["amount"] for row in by_day}
    assert all(row["amount"] == amounts.get(row["day"], 0) for row in answer.rows)
    verdicts = [row["verdict"] for row in answer.rows]
    assert 0.85 < verdicts.count("normal") / len(verdicts) < 0.97


@pytest.mark.parametrize("weeks", [4, 6, 8])
def test_the_range_holds_nineteen_of_twenty_normal_days(weeks: int) -> None:
    draw = random.Random(7)
    held = {95: 0, 99: 0}
    for _ in range(4_000):
        history, value = [draw.gauss(1_000, 300) for _ in range(weeks)], draw.gauss(1_000, 300)
        for level, more in ((95, {}), (99, {"reach": REACH_99})):
            expected = expect(history, **more)  # type: ignore[arg-type]  # one optional argument
            assert expected is not None
            held[level] += expected.verdict(value) == "normal"
    assert 0.935 < held[95] / 4_000 < 0.975
    assert held[99] / 4_000 > 0.98


def test_expectation_needs_four() -> None:
    assert expect([1, 2, 3]) is None
