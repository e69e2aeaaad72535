"""Pure decisions: which basket a sign belongs to, what lies in it, whether it was left, and rates."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest

from huoshui.core.tests.ground import NOON
from huoshui.intake.visitors import rules
from huoshui.intake.visitors.types import (
    BASKET,
    BOUGHT,
    LEFT,
    OPEN,
    SCAN,
    DayRow,
    Item,
    Order,
    Patience,
    Sign,
    Standing,
    Verdict,
)

HOUR = timedelta(hours=1)
PATIENCE = Patience(basket=4 * HOUR, scan=24 * HOUR, back=timedelta(days=14))


def sign(number: int, hours: float, **more: Any) -> Sign:
    given: dict[str, Any] = {
        "kind": BASKET,
        "source_id": 1,
        "cart": "",
        "person_id": 7,
        "org_unit_id": None,
    } | more
    return Sign(fact_id=number, at=NOON + hours * HOUR, **given)


def basket(**more: Any) -> Standing:
    given: dict[str, Any] = {
        "id": 5, "kind": BASKET, "source_id": 1, "cart": "", "person_id": 7, "began_at": NOON,
        "last_at": NOON, "state": OPEN, "bought_at": None,
    }  # fmt: skip
    return Standing(**given | more)


class TestGathered:
    def test_a_pause_longer_than_patience_begins_a_new_one(self) -> None:
        found = rules.gathered([sign(1, 0), sign(2, 3), sign(3, 6.5), sign(4, 11)], [], PATIENCE)
        assert [found.of_sign[n] for n in (1, 2, 3, 4)] == [-1, -1, -1, -2]
        assert found.baskets[-1].last_at == NOON + 6.5 * HOUR

    def test_order_of_arrival_within_a_batch_changes_nothing(self) -> None:
        signs = [sign(n, hours) for n, hours in enumerate((0, 3, 8.5, 9, 20), 1)]
        once = rules.gathered(signs, [], PATIENCE)
        random.Random(4).shuffle(signs)
        assert rules.gathered(signs, [], PATIENCE).baskets == once.baskets

    def test_people_sources_and_kinds_are_kept_apart(self) -> None:
        signs = [sign(1, 0), sign(2, 0, person_id=8), sign(3, 0, source_id=2), sign(4, 0, kind=SCAN)]
        assert len(rules.gathered(signs, [], PATIENCE).baskets) == 4

    def test_the_shops_own_number_holds_over_pauses_and_sign_ins(self) -> None:
        signs = [sign(1, 0, cart="c1"), sign(2, 50, cart="c1", person_id=8), sign(3, 0, cart="c2")]
        found = rules.gathered(signs, [], PATIENCE)
        assert found.of_sign[1] == found.of_sign[2] != found.of_sign[3]

    def test_an_old_one_is_stretched_both_ways(self) -> None:
        found = rules.gathered([sign(1, -3), sign(2, 2)], [basket()], PATIENCE)
        assert found.of_sign == {1: 5, 2: 5}
        assert (found.baskets[5].began_at, found.baskets[5].last_at) == (NOON - 3 * HOUR, NOON + 2 * HOUR)

    def test_after_the_purchase_a_new_one_begins(self) -> None:
        bought = basket(state=BOUGHT, bought_at=NOON + HOUR)
        found = rules.gathered([sign(1, 0.5), sign(2, 2)], [bought], PATIENCE)
        assert found.of_sign == {1: 5, 2: -1}


class TestJudged:
    @pytest.mark.parametrize(
        ("order", "now", "state"),
        [
            (None, 3.9, OPEN),
            (None, 4.1, LEFT),
            (1, 2, BOUGHT),
            (1, 500, BOUGHT),  # told late: as if it had come in time
            (4, 100, BOUGHT),
            (4.1, 100, LEFT),  # came back
        ],
    )
    def test_by_the_time_of_the_order_not_of_its_coming(
        self, order: float | None, now: float, state: str
    ) -> None:
        first = Order(9, NOON + order * HOUR) if order is not None else None
        found = rules.judged(basket(), first, now=NOON + now * HOUR, patience=PATIENCE)
        assert found == Verdict(state, first)

    def test_what_is_scanned_after_paying_was_no_unmet_wish(self) -> None:
        since, until = rules.asked_span(basket(kind=SCAN), PATIENCE)
        assert since == NOON - 24 * HOUR and until == NOON + timedelta(days=14)
        assert rules.asked_span(basket(), PATIENCE)[0] == NOON


class TestContents:
    def test_added_removed_and_seen(self) -> None:
        told: list[tuple[str, dict[str, Any]]] = [
            ("Product Added", {"product_id": "P1", "name": "雪花酥", "price": 12.5, "quantity": 2}),
            ("Product Added", {"sku": "P2", "price": "¥8", "quantity": 1}),
            ("Product Removed", {"product_id": "P1", "quantity": 1}),
        ]
        assert rules.contents(told) == [Item("P1", "雪花酥", 1000, 1250), Item("P2", "", 1000, 800)]

    def test_a_whole_list_replaces_what_was_added(self) -> None:
        whole = {"products": [{"product_id": "P3", "price": 9.9, "quantity": 3}]}
        added: dict[str, Any] = {"sku": "P2", "price": 8}
        told = [("Product Added", added), ("Checkout Started", whole)]
        assert rules.contents(told) == [Item("P3", "", 3000, 2970)]

    def test_a_second_scan_of_a_product_is_no_second_piece(self) -> None:
        told = [("Product Scanned", {"sku": "P1", "price": 5})] * 3
        assert rules.contents(told) == [Item("P1", "", 1000, 500)]

    @pytest.mark.parametrize(
        "values",
        [
            {},
            {"products": [1, None, {"price": 3}]},
            {"sku": True},
            {"sku": {"a": 1}},
            {"sku": "P1", "quantity": -1},
            {"sku": "P1", "quantity": "many"},
            {"sku": "P1", "quantity": 1e300},
            {"sku": "P1", "quantity": float("nan")},
        ],
    )
    def test_nonsense_lies_in_no_basket(self, values: dict[str, Any]) -> None:
        assert rules.contents([("Product Added", values)]) == []

    def test_no_basket_grows_without_end(self) -> None:
        told = [("Product Added", {"sku": f"P{n}", "price": 1}) for n in range(1000)]
        assert len(rules.contents(told)) == rules.MOST_PRODUCTS


class TestRate:
    DAY = date(2026, 3, 10)

    def test_only_counted_days_enter(self) -> None:
        days = [DayRow(1, self.DAY, 100, 20), DayRow(2, self.DAY, None, 50)]
        assert rules.rate(days) == rules.Rate(100, 20)
        assert rules.rate(days).conversion == 0.2

    def test_nobody_counted_is_not_zero(self) -> None:
        assert rules.rate([DayRow(2, self.DAY, None, 50)]).visitors is None
        assert rules.rate([]).conversion is None

    def test_more_orders_than_visitors_is_no_rate(self) -> None:
        assert rules.rate([DayRow(1, self.DAY, 10, 20)]).conversion is None
