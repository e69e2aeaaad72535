from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from huoshui.insight.given import BadQuestion
from huoshui.insight.lake import Lake
from huoshui.insight.questions import sales, why
from huoshui.insight.questions.why.spans import Span, asked, compared
from huoshui.insight.tests.lake_fixture import small_lake
from huoshui.insight.tests.worlds import PRODUCTS, UNITS, World, standing_orders, worlds

few = settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
END = date(2025, 6, 29)  # a Sunday


def ask(lake: Lake, **strings: str) -> Any:
    return why.result(lake, why.Params.parse(strings))


def opened(lake: Lake, params: why.Params, cell: Mapping[str, str]) -> set[int]:
    found = lake.run(why.people(lake, params, cell)).column("person_id").to_pylist()
    assert len(found) == len(set(found))
    return set(found)


def with_more_days(world: World) -> World:
    """Sales on the first and last day, so that any two spans of six days are whole."""
    ends = [
        {
            "order_id": 900 + n,
            "fact_id": 900 + n,
            "person_id": 1,
            "org_unit_id": 2,
            "sku_id": 1,
            "quantity": 1.0,
        }
        | {"business_day": day, "amount": 100, "discount": 0, "coupon_discount": 0, "flags": 0}
        for n, day in enumerate((date(2024, 12, 25), date(2025, 1, 20)))
    ]
    return World([*world.lines, *ends], world.clusters)


# ---- plain Python is the oracle ------------------------------------------------------------------

NOW, BEFORE = Span(date(2025, 1, 9), date(2025, 1, 16)), Span(date(2025, 1, 1), date(2025, 1, 8))


def plain_orders(world: World, span: Span) -> dict[int | None, set[int]]:
    by_person: dict[int | None, list[Mapping[str, Any]]] = defaultdict(list)
    for line in world.lines:
        if span.first <= line["business_day"] <= span.last:
            by_person[world.person(line)].append(line)
    return {person: found for person, own in by_person.items() if (found := set(standing_orders(own)))}


def plain_bridge(world: World) -> dict[int, str]:
    now, before = plain_orders(world, NOW), plain_orders(world, BEFORE)
    earlier = plain_orders(world, Span(date(2000, 1, 1), NOW.first - timedelta(days=1)))
    kinds = {}
    for line in world.lines:
        person = world.person(line)
        if person is None or not BEFORE.first <= line["business_day"] <= NOW.last:
            continue
        if person in now:
            kinds[person] = "stayed" if person in before else "back" if person in earlier else "new"
        else:
            kinds[person] = "lost" if person in before else "refunds"
    return kinds


@few
@given(drawn=worlds(people=8, days=16))
def test_pieces_and_bridge_add_up_and_open(drawn: World) -> None:
    world = with_more_days(drawn)
    lake, params = world.lake(), why.Params(first=NOW.first, last=NOW.last, by=("store",))
    answer = why.result(lake, params)
    sums = [
        sum(line["amount"] for line in world.lines if span.first <= line["business_day"] <= span.last)
        for span in (BEFORE, NOW)
    ]
    assert [int(answer.extra[name]) for name in ("before", "now")] == sums
    bridge = answer.extra["bridge"]
    for grid in (answer, bridge):
        assert sum(row["amount"] for row in grid.rows) == sums[1] - sums[0] == answer.extra["change"]
    kinds = plain_bridge(world)
    for row in bridge.rows:
        members = {person for person, kind in kinds.items() if kind == row["bridge"]}
        assert opened(lake, params, bridge.cell(row)) == members
        assert row["people"] == len(members)
    for grid in (answer, answer.extra["places"]):
        for row in grid.rows:
            assert len(opened(lake, params, grid.cell(row))) == row["people"]
    moved = next(row for row in answer.rows if row["piece"] == "customers")
    assert opened(lake, params, answer.cell(moved)) == {
        p for p, k in kinds.items() if k in ("new", "back", "lost")
    }


@few
@given(drawn=worlds(people=8, days=16))
def test_the_sides_are_what_sales_says(drawn: World) -> None:
    world = with_more_days(drawn)
    lake = world.lake()
    answer = ask(lake, **{"from": str(NOW.first), "to": str(NOW.last)})
    for span, name in ((NOW, "now"), (BEFORE, "before")):
        row = sales.result(lake, sales.Params(first=span.first, last=span.last)).rows[0]
        assert answer.extra[name] == row["amount"]
        customers = next(one for one in answer.rows if one["piece"] == "customers")
        if customers[name] is not None:
            assert customers[name] == row["customers"]


# ---- a town in which something happens -----------------------------------------------------------


@cache
def town(seed: int = 1, *, last: date = END, **events: Any) -> Lake:
    """Forty weeks of sixty people who come at their own pace. `closed`: one store sells nothing in the last four
    weeks; `dearer`: prices of those weeks; `leavers`: so many come no more."""
    draw = random.Random(seed)
    lines: list[dict[str, Any]] = []
    for n in range(280):
        day = last - timedelta(days=279 - n)
        is_late = n >= 252
        for _order in range(draw.randrange(9, 15)):
            person = draw.randrange(1, 61)
            store = draw.choice([1, 2, 2, 3, 3])
            if is_late and (store == events.get("closed") or person <= events.get("leavers", 0)):
                continue
            amount = draw.randrange(8_000, 12_000) * (events.get("dearer", 1) if is_late else 1)
            lines.append(
                {
                    "order_id": len(lines) + 1,
                    "fact_id": len(lines) + 1,
                    "person_id": person,
                    "org_unit_id": store,
                }
                | {"business_day": day, "amount": amount, "sku_id": draw.choice([1, 2, 3])}
            )
    return small_lake(order_lines=lines, products=PRODUCTS, org_units=UNITS)


def largest(answer: Any) -> str:
    return str(max(answer.rows, key=lambda row: abs(row["amount"]))["piece"])


def test_a_flat_month_is_said_to_be_noise_and_no_reason_is_given() -> None:
    verdicts = [ask(town(seed), by="store").extra["noise"]["verdict"] for seed in (1, 2, 3)]
    assert verdicts == ["noise"] * 3
    said = ask(town()).sentence
    assert said.endswith("正常波动，不用管。")
    assert ask(town(), lang="en").sentence.endswith("Within the normal range.")


def test_a_store_that_sold_nothing_is_named() -> None:
    answer = ask(town(closed=3))
    assert answer.extra["noise"]["verdict"] == "less"
    first = answer.extra["places"].rows[0]
    assert (first["by"], first["value"]) == ("store", "S2")
    assert first["explains"] > 0.8
    assert "按门店看，主要在二店（" in answer.sentence
    assert "Seen by store: 二店 (" in ask(town(closed=3), lang="en").sentence


def test_dearer_goods_are_the_price_and_people_who_left_are_customers() -> None:
    dearer, left = ask(town(dearer=2)), ask(town(leavers=25))
    assert (largest(dearer), dearer.extra["noise"]["verdict"]) == ("price", "more")
    assert "主要是件单价（+¥" in dearer.sentence
    assert largest(left) == "customers"
    lost = next(row for row in left.extra["bridge"].rows if row["bridge"] == "lost")
    assert lost["people"] >= 20
    assert -lost["amount"] == lost["before"]


def test_whoever_counts_at_the_door_gets_traffic_and_conversion() -> None:
    answer = ask(town(leavers=25), visitors="400", visitors_before="400")
    assert [row["piece"] for row in answer.rows] == ["visitors", "customers", "orders", "units", "price"]
    assert [row["piece_name"] for row in answer.rows][:2] == ["客流", "进店成交率"]
    assert answer.rows[0]["amount"] == 0
    assert answer.rows[1]["before"] == 60 / 400
    half = ask(town(leavers=25), visitors="400")
    assert next(row["piece"] for row in half.rows) == "customers"


def test_a_longer_month_is_told_as_days() -> None:
    answer = ask(town(last=date(2025, 4, 30)), **{"from": "2025-03-01", "to": "2025-03-31"})
    assert answer.extra["against"] == {"from": date(2025, 2, 1), "to": date(2025, 2, 28), "days": 28}
    days = answer.rows[0]
    assert (days["piece"], days["before"], days["now"]) == ("days", 28, 31)
    assert days["amount"] > 0
    assert answer.rows[1]["piece_name"] == "每天顾客数"
    assert answer.extra["noise"]["verdict"] == "noise"


def test_money_back_and_sales_of_nobody_are_pieces_of_their_own() -> None:
    head: dict[str, Any] = {"org_unit_id": 2, "sku_id": 1, "quantity": 1.0}
    rows: list[dict[str, Any]] = [
        {"order_id": 1, "fact_id": 1, "person_id": 7, "business_day": date(2025, 1, 1), "amount": 1000},
        {"order_id": 2, "fact_id": 2, "person_id": None, "business_day": date(2025, 1, 2), "amount": 300},
        {"order_id": 3, "fact_id": 3, "person_id": 7, "business_day": date(2025, 1, 9), "amount": 1500},
        {
            "order_id": 1,
            "fact_id": 4,
            "person_id": 7,
            "business_day": date(2025, 1, 10),
            "amount": -400,
            "kind": "refund",
        },
        {"order_id": 5, "fact_id": 5, "person_id": 7, "business_day": date(2025, 1, 16), "amount": 500},
    ]
    lake = small_lake(order_lines=[head | row for row in rows], products=PRODUCTS, org_units=UNITS)
    answer = ask(lake, **{"from": "2025-01-09", "to": "2025-01-16"})
    told = {row["piece"]: row["amount"] for row in answer.rows}
    assert (told["nobody"], told["refunds"]) == (-300, -400)
    assert sum(told.values()) == 1600 - 1300
    assert opened(lake, why.Params(first=date(2025, 1, 9), last=date(2025, 1, 16)), {"piece": "refunds"}) == {
        7
    }
    assert answer.extra["noise"]["verdict"] == "unknown"


@pytest.mark.parametrize(
    ("span", "against", "expected"),
    [
        (("2025-03-01", "2025-03-31"), "before", ("2025-02-01", "2025-02-28")),
        (("2025-01-01", "2025-03-31"), "before", ("2024-10-01", "2024-12-31")),
        (("2025-03-03", "2025-03-09"), "before", ("2025-02-24", "2025-03-02")),
        (("2025-03-03", "2025-03-03"), "before", ("2025-02-24", "2025-02-24")),
        (("2025-03-03", "2025-03-12"), "before", ("2025-02-21", "2025-03-02")),
        (("2024-02-01", "2024-02-29"), "last_year", ("2023-02-01", "2023-02-28")),
        (("2025-02-01", "2025-02-28"), "last_year", ("2024-02-01", "2024-02-29")),
        (("2025-03-03", "2025-03-12"), "last_year", ("2024-03-03", "2024-03-12")),
    ],
)
def test_what_it_is_held_against(span: tuple[str, str], against: Any, expected: tuple[str, str]) -> None:
    assert compared(Span(*map(date.fromisoformat, span)), against) == Span(*map(date.fromisoformat, expected))


def test_left_open_it_is_the_last_four_weeks() -> None:
    assert asked(None, None, END) == Span(END - timedelta(days=27), END)
    assert asked(None, END - timedelta(days=1), END).last == END - timedelta(days=1)


@pytest.mark.parametrize(
    ("strings", "said"),
    [
        ({"to": "2025-07-01"}, "成交只到 2025-06-29"),
        ({"against": "last_year"}, "没有完整的 2024-06-02 至 2024-06-29 可以比"),
        ({"against": "last_year", "lang": "en"}, "nothing from 2024-06-02 to 2024-06-29"),
        ({"by": "day"}, "不认识维度“day”"),
        ({"from": "2025-07-10"}, "请对调"),
        ({"against": "plan"}, "不认识参数 against 的值“plan”"),
        ({"shop": "1"}, "不认识的参数“shop”"),
    ],
)
def test_what_cannot_be_answered_is_refused(strings: dict[str, str], said: str) -> None:
    with pytest.raises(BadQuestion, match=said):
        ask(town(), **strings)


def test_an_empty_lake_has_nothing_to_tell() -> None:
    with pytest.raises(BadQuestion, match="还没有成交"):
        ask(small_lake())


@pytest.mark.parametrize(
    "cell", [{"piece": "weather"}, {"bridge": "x"}, {"by": "store"}, {"by": "day", "value": "1"}, {"s": ""}]
)
def test_a_cell_that_cannot_be_is_refused(cell: dict[str, str]) -> None:
    with pytest.raises(BadQuestion):
        opened(town(), why.Params(), cell)
