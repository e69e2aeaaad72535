"""Amounts and lines of tracked orders. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.core.facts.types import ORDER_COMPLETED, Source
from huoshui.intake.tracking import orders
from huoshui.intake.tracking.types import Event, Fault, Writer

WRITER = Writer(1, Source(1, "track:web", "", "live"), frozenset({"orders"}), "web", store_code="S1")


def event(properties: Mapping[str, Any]) -> Event:
    now = datetime(2026, 11, 26, tzinfo=UTC)
    identifiers = (("account", "web", "u1"), ("phone", "", "+8613912345678"))
    return Event(0, "track", ORDER_COMPLETED, "m1", "", now, b"{}", properties, identifiers, {}, ())


def sale(**properties: Any) -> Any:
    return orders.sale(event({"order_id": "O1"} | properties), WRITER)


@pytest.mark.parametrize(
    ("given_", "fen"),
    [
        (19.9, 1990),
        ("19.90", 1990),
        ("¥1,234.50", 123450),
        (0.005, 1),
        ("0.0049", 0),
        (1.115, 112),
        (7, 700),
        (0, 0),
        (29.99, 2999),
    ],
)
def test_an_amount_is_rounded_half_up_once(given_: Any, fen: int) -> None:
    assert orders.fen(given_, "") == fen


@pytest.mark.parametrize(
    "value", ["abc", "", "NaN", "Infinity", None, True, [], {}, -1, "-0.01", 1e30, "1e500"]
)
def test_what_is_no_amount_is_told_with_its_place(value: Any) -> None:
    with pytest.raises(Fault) as caught:
        sale(products=[{"sku": "A", "price": 1}, {"sku": "B", "price": value}])
    assert (caught.value.code, caught.value.pointer) == (
        "order_amount_unreadable",
        "/properties/products/1/price",
    )


@pytest.mark.parametrize(
    ("given_", "code", "pointer"),
    [
        ({"products": []}, "order_products_missing", "/properties/products"),
        ({"products": [{"price": 1}]}, "order_products_missing", "/properties/products/0/product_id"),
        ({"products": [7]}, "order_products_missing", "/properties/products/0"),
        (
            {"products": [{"sku": "A", "price": 1, "quantity": 0}]},
            "order_quantity_unreadable",
            "/properties/products/0/quantity",
        ),
        (
            {"products": [{"sku": "A", "price": 1, "quantity": 0.0001}]},
            "order_quantity_unreadable",
            "/properties/products/0/quantity",
        ),
        (
            {"products": [{"sku": "A", "price": 1}], "currency": "USD"},
            "order_currency_foreign",
            "/properties/currency",
        ),
        (
            {"products": [{"sku": "A", "price": 1}], "order_id": ""},
            "order_id_missing",
            "/properties/order_id",
        ),
        (
            {"products": [{"sku": "A", "price": 1}], "revenue": "x"},
            "order_amount_unreadable",
            "/properties/revenue",
        ),
    ],
)
def test_what_cannot_be_read_names_its_place(given_: dict[str, Any], code: str, pointer: str) -> None:
    with pytest.raises(Fault) as caught:
        sale(**given_)
    assert (caught.value.code, caught.value.pointer) == (code, pointer)


PRODUCTS = [
    {"sku": "A", "price": 10, "quantity": 2},
    {"product_id": "B", "price": "5.50"},
    {"sku": "A", "price": 1},
]


@pytest.mark.parametrize(
    ("told", "total"),
    [
        ({}, 2650),
        ({"discount": 2.5}, 2400),
        ({"subtotal": 20}, 2000),
        ({"revenue": 18, "subtotal": 20, "total": 30}, 1800),
        ({"total": 30, "shipping": 5, "tax": 1}, 2400),
        ({"discount": 100}, 0),
    ],
)
def test_what_the_order_came_to_is_shared_over_its_lines(told: dict[str, Any], total: int) -> None:
    made = sale(products=PRODUCTS, **told)
    assert sum(line.amount for line in made.lines) == total
    assert [line.amount + line.discount for line in made.lines] == [2000, 550, 100]
    assert [line.line_key for line in made.lines] == ["A", "B", "A#2"]
    assert made.identifiers == (("account@web", "u1"), ("phone", "+8613912345678"))
    assert (made.store_code, made.channel, made.is_offline) == ("S1", "web", True)


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 5000)), min_size=1, max_size=20),
    st.integers(0, 10**8),
)
def test_parts_always_sum_to_the_whole(lines: list[tuple[int, int]], total: int) -> None:
    products = [{"sku": f"P{n}", "price": f"{p / 100:.2f}", "quantity": q} for n, (p, q) in enumerate(lines)]
    made = sale(products=products, revenue=f"{total / 100:.2f}")
    assert sum(line.amount for line in made.lines) == total
    assert all(line.amount >= 0 and line.discount >= 0 for line in made.lines)


def test_a_coupon_of_ours_is_redeemed_and_a_shops_own_is_not() -> None:
    told = event({"order_id": "O1", "products": PRODUCTS, "discount": 2.5, "coupon": "HS1"})
    ours = orders.sale(told, WRITER, our_coupons=frozenset({"HS1"}))
    assert [(use.code, use.amount) for use in ours.coupons] == [("HS1", 250)]
    assert sum(line.coupon_discount for line in ours.lines) == 250
    assert orders.sale(told, WRITER).coupons == ()


def test_a_refund_says_products_money_or_all() -> None:
    def refund(**properties: Any) -> Any:
        return orders.refund(event({"order_id": "O1"} | properties))

    assert refund().lines == () and refund().amount is None
    assert refund(total=5).amount == 500
    (line,) = refund(products=[{"sku": "A", "quantity": 1}]).lines
    assert (line.line_key, line.quantity_milli, line.amount) == ("A", 1000, None)
    (line,) = refund(products=[{"sku": "A", "price": 3, "quantity": 2}], total=5).lines
    assert line.amount == 500
