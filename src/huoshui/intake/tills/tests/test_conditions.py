"""What comes back of a sale goes onto the shelf only when it can be sold again; the money comes back all the same."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec import structs

from huoshui.brand import api as brand
from huoshui.core.actor import SYSTEM
from huoshui.core.ledger import api as ledger
from huoshui.intake.river.tests.world import check_books, points_of, stock
from huoshui.intake.tills import api as tills
from huoshui.intake.tills.api import Condition, RefundLine, SaleLine
from huoshui.intake.tills.tests.counter import STORE, Counter, clean_tables, counter

__all__ = ["clean_tables", "counter"]

pytestmark = pytest.mark.django_db(transaction=True)

CASES: list[tuple[Condition, int]] = [("sellable", 0), ("damaged", -2), ("not_returned", -2)]


@pytest.mark.parametrize("is_strict", [False, True])
@pytest.mark.parametrize(("condition", "left"), CASES)
def test_stock_follows_the_goods_and_money_does_not(
    counter: Counter, condition: Condition, left: int, is_strict: bool
) -> None:
    unit = brand.find_units([STORE])[STORE]
    if is_strict:
        ledger.set_policy(org_unit_id=unit, policy="strict", floor_milli=-9_000, actor=SYSTEM)
    sold = counter.sell(SaleLine("P1", 2_000, 10_000))
    assert stock("P1") == -2
    asked = replace(counter.refund_of(sold), condition=condition)
    (back,) = tills.refund(counter.till, [asked])
    assert (back.state, back.amount) == ("settled", -10_000)
    assert stock("P1") == left
    assert points_of(counter.person()) == 0
    assert not [x for x in counter.state(sold.order_key).lines if x.left or x.left_milli]
    (again,) = tills.refund(counter.till, [asked])
    assert again == structs.replace(back, is_repeat=True)
    assert stock("P1") == left
    check_books()


def test_each_piece_as_it_came(counter: Counter) -> None:
    sold = counter.sell(SaleLine("P1", 4_000, 10_000), SaleLine("P2", 1_000, 5_000))
    lines = (
        RefundLine(line_no=1, quantity_milli=1_000),
        RefundLine(line_no=1, quantity_milli=2_000, condition="damaged"),
        RefundLine(line_no=2, condition="sellable"),
    )
    (back,) = tills.refund(counter.till, [counter.refund_of(sold, *lines, condition="not_returned")])
    assert back.amount == -12_500
    assert (stock("P1"), stock("P2")) == (-4, 0)
    (rest,) = tills.refund(counter.till, [counter.refund_of(sold)])
    assert rest.amount == -2_500
    assert stock("P1") == -3
    check_books()


def test_a_report_before_its_sale(counter: Counter) -> None:
    till = replace(counter.till, store_codes=frozenset({STORE}))
    sale = counter.sale(SaleLine("P1", 3_000, 9_000), is_offline=True)
    lines = tuple(
        RefundLine(line_no=1, quantity_milli=1_000, amount=3_000, sku_code="P1", condition=condition)
        for condition, _ in CASES
    )
    (waiting,) = tills.refund(till, [counter.refund_of(sale, *lines, is_offline=True)])
    assert waiting.state == "waiting"
    tills.sell(till, [sale])
    assert counter.state(sale.order_key).returned == 9_000
    assert stock("P1") == -2
    check_books()
