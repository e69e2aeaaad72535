"""Random small worlds, as the lake would hold them: orders revised, taken back, refunded; people merged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from huoshui.insight.lake import Lake
from huoshui.insight.tests.lake_fixture import ZONE, small_lake

FIRST_DAY = date(2025, 1, 1)
PRODUCTS = [
    {
        "sku_id": 1,
        "code": "A1",
        "name": "坚果",
        "brand": "粟屿",
        "category_1": "零食",
        "category_2": "坚果果干",
    },
    {"sku_id": 2, "code": "A2", "name": "肉脯", "brand": "粟屿", "category_1": "零食", "category_2": "肉脯"},
    {"sku_id": 3, "code": "B1", "name": "花胶", "brand": "", "category_1": "滋补", "category_2": ""},
    {
        "sku_id": 4,
        "code": "X9",
        "name": "X9",
        "brand": "",
        "category_1": "",
        "category_2": "",
        "is_listed": False,
    },
]
for product in PRODUCTS:
    product |= {"department": product["category_1"], "category_3": ""}
UNITS = [
    {"org_unit_id": 1, "code": "HQ", "name": "总部", "kind": "headquarters"},
    {
        "org_unit_id": 2,
        "code": "S1",
        "name": "一店",
        "kind": "store",
        "store": "一店",
        "region": "华东",
        "dealer": "甲",
    },
    {
        "org_unit_id": 3,
        "code": "S2",
        "name": "二店",
        "kind": "store",
        "store": "二店",
        "region": "华东",
        "dealer": "乙",
    },
]


@dataclass(frozen=True)
class World:
    """`lines` are the rows of `order_lines`; `clusters` maps a born id to the person it is today."""

    lines: Sequence[Mapping[str, Any]]
    clusters: Mapping[int, int]
    state: Sequence[Mapping[str, Any]] = ()

    def lake(self) -> Lake:
        return small_lake(
            order_lines=self.lines,
            products=PRODUCTS,
            org_units=UNITS,
            persons=[{"person_id": k, "canonical_id": v} for k, v in self.clusters.items()],
            state_now=self.state,
        )

    def person(self, line: Mapping[str, Any]) -> int | None:
        born: int | None = line["person_id"]
        return None if born is None else self.clusters.get(born, born)


@st.composite
def order_rows(draw: st.DrawFn, order_id: int, days: int, people: int) -> list[dict[str, Any]]:
    """One order's lines with whatever later happened to it."""
    day = FIRST_DAY + timedelta(days=draw(st.integers(0, days - 1)))
    at = datetime(day.year, day.month, day.day, draw(st.integers(8, 21)), tzinfo=ZONE)
    head = {
        "order_id": order_id,
        "fact_id": order_id,
        "person_id": draw(st.one_of(st.none(), st.integers(1, people), st.integers(1, people))),
        "org_unit_id": draw(st.sampled_from([1, 2, 2, 3, 3])),
        "business_day": day,
        "occurred_at": at.astimezone(UTC),
        "channel": draw(st.sampled_from(["", "门店", "小程序"])),
    }
    lines = [head | draw(_line(number)) for number in range(1, draw(st.integers(1, 3)) + 1)]
    fate = draw(st.sampled_from(["stands", "stands", "stands", "revised", "emptied", "refunded"]))
    if fate == "stands":
        return lines
    if fate == "refunded":
        back = {"kind": "refund", "business_day": day + timedelta(days=draw(st.integers(0, 3)))}
        return [*lines, _negated(lines[0]) | back | {"fact_id": order_id + 1000}]
    undone = [_negated(line) | {"is_reversal": True, "fact_id": order_id + 2000} for line in lines]
    again = [line | {"fact_id": order_id + 2000} for line in lines]
    if fate == "revised":
        again[0] |= draw(_line(1))
    else:
        again = [line | {"amount": 0, "quantity": 0.0, "flags": 0} for line in again]
    return [*lines, *undone, *again]


@st.composite
def _line(draw: st.DrawFn, number: int) -> dict[str, Any]:
    amount, quantity, flags = draw(
        st.one_of(
            st.tuples(st.integers(1, 50_000), st.sampled_from([1.0, 2.0, 0.1, 0.2, 0.3]), st.just(0)),
            st.sampled_from([(0, 1.0, 4), (0, 0.0, 6), (500, 0.0, 2)]),
        )
    )
    coupon = draw(st.sampled_from([0, 0, 100]))
    return {
        "line_no": number,
        "sku_id": draw(st.sampled_from([1, 1, 2, 3, 4])),
        "amount": amount,
        "quantity": quantity,
        "flags": flags,
        "coupon_discount": coupon,
        "discount": coupon + draw(st.sampled_from([0, 0, 250])),
    }


def _negated(line: Mapping[str, Any]) -> dict[str, Any]:
    signed = ("amount", "quantity", "discount", "coupon_discount")
    return {k: -v if k in signed else v for k, v in line.items()}


@st.composite
def worlds(draw: st.DrawFn, orders: int = 30, days: int = 12, people: int = 6) -> World:
    count = draw(st.integers(1, orders))
    lines = [row for number in range(1, count + 1) for row in draw(order_rows(number, days, people))]
    merged = draw(st.sets(st.integers(2, people), max_size=3))
    return World(lines=lines, clusters=dict.fromkeys(merged, 1))


def standing_orders(lines: Sequence[Mapping[str, Any]]) -> set[int]:
    """In plain words: an order stands while the sale lines it has left come to anything."""
    standing = set()
    for order_id in {line["order_id"] for line in lines}:
        own = [line for line in lines if line["order_id"] == order_id and line.get("kind", "sale") == "sale"]
        sign = [-1 if line.get("is_reversal") else 1 for line in own]
        amount = sum(line["amount"] for line in own)
        milli = sum(round(line["quantity"] * 1000) for line in own)
        unclear = sum(s for s, line in zip(sign, own, strict=True) if line["flags"] & 6)
        if amount or milli or unclear:
            standing.add(order_id)
    return standing
