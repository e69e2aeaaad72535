"""A file that tells again of a till's own order leaves how it was paid as the till said."""

from __future__ import annotations

import pytest
from django.db import transaction

from huoshui.core import clock
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import ORDER_COMPLETED
from huoshui.core.ledger import api as ledger
from huoshui.engage.campaigns import api as campaigns
from huoshui.engage.loyalty import api as loyalty
from huoshui.intake.river import api as river
from huoshui.intake.river.api import Item, Line, Order
from huoshui.intake.river.batches import batch_of
from huoshui.intake.river.tests.world import check_books, stock
from huoshui.intake.tills import api as tills
from huoshui.intake.tills.api import CouponUse, Outcome, SaleLine, Tender
from huoshui.intake.tills.tests.counter import STORE, Counter, clean_tables, counter
from huoshui.intake.tills.tests.test_coupons import claimed, template

__all__ = ["clean_tables", "counter"]

pytestmark = pytest.mark.django_db(transaction=True)


def by_file(counter: Counter, order_key: str, amount: int, *, refunded: int = 0, sku_code: str = "P1") -> int:
    """The order as a file tells it; its fact."""
    line = Line(sku_code=sku_code, quantity_milli=1000, amount=amount, line_key="1", refunded=refunded)
    item = Item(
        ORDER_COMPLETED,
        order_key,
        counter.at,
        (("card_no", counter.card),),
        order=Order(order_key=order_key, store_code=STORE, lines=(line,), status="done"),
    )
    source = facts.source_of(counter.till.source_id)
    with transaction.atomic():
        (fact_id,) = facts.receive(batch_of([item]), source=source, actor=SYSTEM, run_id=7).fact_ids
    river.settle([fact_id])
    return fact_id


def sold(counter: Counter) -> tuple[Outcome, str]:
    """100.00, of which a coupon gave 10.00 and 1,000 points 10.00."""
    counter.at = clock.now()  # the coupon is good from now on
    counter.sell(SaleLine("P1", 1000, 200_000))
    code = claimed(template(), counter.person())
    counter.at = clock.now()
    line = SaleLine("P1", 1000, 9_000, discount=1_000, coupon_discount=1_000)
    outcome = counter.sell(
        line,
        coupons=(CouponUse(code, 1_000),),
        tenders=(Tender("points", 1_000, 1_000), Tender("cash", 8_000)),
    )
    assert outcome.state == "settled", outcome
    return outcome, code


def points(counter: Counter) -> int:
    return loyalty.usable([counter.person()])[counter.person()]


def is_used(code: str) -> bool:
    (held,) = campaigns.find([code])
    return held.problem == "coupon_used"


def test_points_and_coupons_stay_spent(counter: Counter) -> None:
    outcome, code = sold(counter)
    before = points(counter)
    fact_id = by_file(counter, outcome.order_key, 9_000)
    assert points(counter) == before
    assert is_used(code)
    assert [(t.kind, t.amount, t.points) for t in facts.tenders_of([fact_id])] == [
        ("points", 1_000, 1_000),
        ("cash", 8_000, 0),
    ]
    by_file(counter, outcome.order_key, 8_000)  # and once more, for less
    assert points(counter) == before - 10
    assert is_used(code)
    check_books()
    assert all(unit.is_clean for unit in ledger.audit_units())


def test_of_an_order_that_was_given_back_whole_nothing_stays(counter: Counter) -> None:
    outcome, code = sold(counter)
    assert (points(counter), is_used(code)) == (2_000 - 1_000 + 80, True)
    by_file(counter, outcome.order_key, 9_000, refunded=9_000)
    assert (points(counter), is_used(code)) == (2_000, False)
    check_books()


def test_what_comes_back_is_the_product_that_the_order_tells_now(counter: Counter) -> None:
    """Money was given back for a line before it was told to be another product's: its goods are those sold."""
    first = counter.sell()
    tills.refund(counter.till, [counter.refund_of(first, amount=1_000)])
    by_file(counter, first.order_key, 10_000, sku_code="P2")
    assert (stock("P1"), stock("P2")) == (0, -1)
    (back,) = tills.refund(counter.till, [counter.refund_of(first)])
    assert back.state == "settled", back
    assert (stock("P1"), stock("P2")) == (0, 0)
    check_books()
