"""Each measure against plain Python on random small worlds, by itself and cut; and what nobody may be told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from huoshui.core import sql
from huoshui.insight.given import BadQuestion
from huoshui.insight.metrics import asking
from huoshui.insight.metrics.catalogue import MEASURES, needs
from huoshui.insight.metrics.types import Asked
from huoshui.insight.tests.worlds import FIRST_DAY, UNITS, World, standing_orders, worlds

Line = Mapping[str, Any]
FIRST, LAST = FIRST_DAY + timedelta(days=2), FIRST_DAY + timedelta(days=9)
PLACES = {u["org_unit_id"]: u for u in UNITS}
OF_LINES = tuple(
    name for name in MEASURES if all(m.source in ("sales", "first", "again") for m in needs((name,)).values())
)
CUTS: Mapping[str, Callable[[Line], Any]] = {
    "store": lambda line: PLACES[line["org_unit_id"]]["code"],
    "dealer": lambda line: PLACES[line["org_unit_id"]].get("dealer"),
    "day": lambda line: str(line["business_day"]),
    "channel": lambda line: line["channel"] or None,
    "price_band": lambda line: band(line),
}


def band(line: Line) -> str | None:
    if not line["quantity"]:
        return None
    price = line["amount"] / line["quantity"] / 100
    edges = [0, 20, 50, 100, 200, 500]
    above = max(edge for edge in edges if price >= edge)
    return "500+" if above == 500 else f"{above}–{edges[edges.index(above) + 1]}"


def plainly(world: World, lines: list[Line], began: Mapping[int, date]) -> dict[str, Any]:
    """The measures of these lines, in plain words. `began`: everybody's first day of buying."""
    standing = standing_orders(lines)
    sold = [line for line in lines if line.get("kind", "sale") == "sale"]
    amount = sum(line["amount"] for line in lines)
    gross = sum(line["amount"] for line in sold)
    units = sum(round(line["quantity"] * 1000) for line in lines) / 1000
    orders_of: dict[int, set[int]] = {}
    new = set()
    for order_id, person in {(line["order_id"], world.person(line)) for line in lines}:
        own = [line for line in lines if line["order_id"] == order_id and world.person(line) == person]
        if person is not None and standing_orders(own):
            orders_of.setdefault(person, set()).add(order_id)
            first = [line for line in own if line["business_day"] == began.get(person)]
            new |= {person} if standing_orders(first) else set()
    known = sum(line["amount"] for line in lines if line["person_id"] is not None)
    again = sum(len(orders) >= 2 for orders in orders_of.values())
    coupons = sum(line["coupon_discount"] for line in lines)
    said: dict[str, Any] = {
        "amount": amount,
        "gross": gross,
        "refunds": gross - amount,
        "known_amount": known,
        "orders": len(standing),
        "customers": len(orders_of),
        "units": units,
        "lines": sum(-1 if line.get("is_reversal") else 1 for line in sold),
        "discount": sum(line["discount"] for line in lines),
        "coupon_discount": coupons,
        "new_customers": len(new),
        "again_customers": again,
    }
    over = {
        "ticket": (amount, len(standing)),
        "units_per_order": (units, len(standing)),
        "spend": (known, len(orders_of)),
        "refund_rate": (gross - amount, gross),
        "coupon_rate": (coupons, amount),
        "member_share": (known, amount),
        "new_share": (len(new), len(orders_of)),
        "again_rate": (again, len(orders_of)),
    }
    for name, (a, b) in over.items():
        digits = 0 if MEASURES[name].kind == "money" else 6
        said[name] = None if not b else round(a / b, digits)
    return said


def beginnings(world: World) -> dict[int, date]:
    began: dict[int, date] = {}
    for line in sorted(world.lines, key=lambda line: line["business_day"]):
        person = world.person(line)
        same = [
            other
            for other in world.lines
            if (other["order_id"], other["business_day"], world.person(other))
            == (line["order_id"], line["business_day"], person)
        ]
        if person is not None and standing_orders(same):
            began.setdefault(person, line["business_day"])
    return began


@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(world=worlds(), by=st.sampled_from(sorted(CUTS)))
def test_every_measure_equals_plain_python(world: World, by: str) -> None:
    lake, began = world.lake(), beginnings(world)
    asked = Asked(OF_LINES, (by,), first=FIRST, last=LAST)
    told = asking.ask(lake, asked, {})
    within = [line for line in world.lines if FIRST <= line["business_day"] <= LAST]
    assert dict(told.whole) == pytest.approx(plainly(world, within, began))
    cells: dict[Any, list[Line]] = {}
    for line in within:
        cells.setdefault(CUTS[by](line), []).append(line)
    assert {row[by] for row in told.rows} == set(cells)
    for row in told.rows:
        expected = plainly(world, cells[row[by]], began)
        assert {name: row[name] for name in OF_LINES} == pytest.approx(expected), row[by]
    for row in told.rows[:1]:
        for name in ("customers", "new_customers", "again_customers"):
            opened = lake.rows(asking.people(lake, asked, name, told.cell(row)))
            assert len(opened) == row[name], (name, row[by])


def footfall(rows: list[tuple[date, int, int]]) -> pa.Table:
    names = ["business_day", "org_unit_id", "came"]
    types = [pa.date32(), pa.int32(), pa.int64()]
    return pa.table(
        [pa.array(list(column), t) for column, t in zip(zip(*rows, strict=True), types, strict=True)], names
    )


def sold(order_id: int, unit: int, day: date, person: int | None, amount: int = 1000) -> dict[str, Any]:
    head = {"order_id": order_id, "fact_id": order_id, "org_unit_id": unit, "business_day": day}
    return head | {"person_id": person, "amount": amount, "sku_id": 1, "quantity": 1.0}


TOWN = World(
    [
        sold(1, 2, FIRST, 1),
        sold(2, 2, FIRST, 2),
        sold(3, 2, LAST, 1, 3000),
        sold(4, 3, FIRST, 1),
        sold(5, 3, LAST, 3),
    ],
    {},
    [
        {"person_id": 1, "key": "tier", "value": "金卡"},
        {"person_id": 2, "key": "tier", "value": "银卡"},
        {"person_id": 1, "key": "segment.4", "value": "in", "number": 1.0},
        {"person_id": 2, "key": "segment.4", "value": None, "number": 0.0},
    ],
)


def test_doors_that_are_not_counted_are_in_no_conversion() -> None:
    beside = {"footfall": lambda first, last: footfall([(FIRST, 2, 8), (LAST, 2, 2), (FIRST, 3, 5)])}
    told = asking.ask(TOWN.lake(), Asked(("conversion", "visitors", "orders"), ("store",)), beside)
    rows = {row["store"]: row for row in told.rows}
    assert (rows["S1"]["conversion"], rows["S1"]["orders"]) == (0.3, 3)
    assert (rows["S2"]["conversion"], rows["S2"]["orders"]) == (0.2, 2), (
        "of the day that nobody counted no order"
    )
    assert told.whole["conversion"] == round(4 / 15, 6)


def test_what_is_known_of_the_buyer_cuts_and_narrows() -> None:
    lake = TOWN.lake()
    told = asking.ask(lake, Asked(("amount", "customers"), ("tier",)), {})
    assert {row["tier"]: (row["amount"], row["customers"]) for row in told.rows} == {
        "金卡": (5000, 1),
        "银卡": (1000, 1),
        None: (1000, 1),
    }
    within = asking.ask(lake, Asked(("amount",), where=(("segment.4", ("in",)),)), {})
    assert within.whole["amount"] == 5000
    assert [
        r["person_id"]
        for r in lake.rows(asking.people(lake, Asked(("customers",)), "customers", {"tier": ""}))
    ] == [3]


def test_a_dealer_is_told_of_its_own_alone() -> None:
    beside = {"footfall": lambda first, last: footfall([(FIRST, 2, 8), (FIRST, 3, 5)])}
    asked = Asked(("amount", "customers", "new_customers", "visitors"), ("dealer",))
    told = asking.ask(TOWN.lake().at([2]), asked, beside)
    assert [dict(row) for row in told.rows] == [
        {"dealer": "甲", "amount": 5000, "customers": 2, "new_customers": 2, "visitors": 8}
    ]
    assert dict(told.whole) == {"amount": 5000, "customers": 2, "new_customers": 2, "visitors": 8}
    opened = asking.people(TOWN.lake().at([2]), asked, "customers", {"dealer": "乙"})
    assert TOWN.lake().rows(opened) == []


def test_stock_lasts_as_long_as_it_sold_of_late(monkeypatch: pytest.MonkeyPatch) -> None:
    lies = pa.table(
        {
            "org_unit_id": pa.array([2, 3], pa.int32()),
            "sku_id": pa.array([1, 4], pa.int32()),
            "on_hand": [15.0, 9.0],
        }
    )
    monkeypatch.setattr(sql, "copy_out", lambda _statement: lies)
    told = asking.ask(TOWN.lake(), Asked(("stock_days", "stock_units"), ("store",)), {})
    assert {row["store"]: row["stock_days"] for row in told.rows} == {"S1": 140.0, "S2": 126.0}
    own = asking.ask(TOWN.lake().at([3]), Asked(("stock_units",), ("store",)), {})
    assert [dict(row) for row in own.rows] == [{"store": "S2", "store_name": "二店", "stock_units": 9.0}]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (Asked(()), "要问哪些指标"),
        (Asked(("profit",)), "profit"),
        (Asked(("amount",), ("mood",)), "没有维度“mood”"),
        (Asked(("visitors",), ("product",)), "“客流”不能按“商品”分"),
        (Asked(("conversion",), (), (("tier", ("金卡",)),)), "不能按“会员等级”分"),
        (Asked(("amount",), ("day", "day")), "写了两遍"),
        (Asked(("visitors",)), "还没有接上"),
    ],
)
def test_what_goes_not_together_is_refused(asked: Asked, said: str) -> None:
    with pytest.raises(BadQuestion, match=said):
        asking.ask(TOWN.lake(), asked, {})


def test_every_measure_says_what_it_is_in_both_languages() -> None:
    for measure in MEASURES.values():
        assert measure.says_zh.endswith("。") and measure.says_en.endswith("."), measure.name
        assert (measure.formula is None) != (measure.parts is None), measure.name
    told = asking.ask(TOWN.lake(), Asked(("amount", "orders"), ("store",), first=FIRST, last=LAST), {})
    assert told.sentence == f"{FIRST} 到 {LAST}：成交额 ¥70.00，订单数 5。最多的是 一店：¥50.00。"
    told = asking.ask(TOWN.lake(), Asked(("again_rate", "ticket"), lang="en"), {})
    assert told.sentence == "All along: Repeat rate 33.3%, Ticket ¥14.00."
