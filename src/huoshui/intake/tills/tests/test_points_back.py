"""The points an order was paid with come back once and all, though it was told anew between two refunds."""

from __future__ import annotations

import pytest

from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import ORDER_COMPLETED
from huoshui.intake.river import api as river
from huoshui.intake.river.api import Item, Line, Order
from huoshui.intake.river.tests.world import check_books, points_of
from huoshui.intake.tills import api as tills
from huoshui.intake.tills.api import Outcome, RefundLine, SaleLine, Tender
from huoshui.intake.tills.tests.counter import STORE, Counter, clean_tables, counter

__all__ = ["clean_tables", "counter"]
pytestmark = pytest.mark.django_db(transaction=True)


def paid_with_points(counter: Counter) -> Outcome:
    """Of 100 points he has, all."""
    counter.sell(SaleLine("P1", 1000, 10_000))
    sold = counter.sell(
        SaleLine("P1", 2000, 1_000), tenders=(Tender("points", 100, 100), Tender("cash", 900))
    )
    assert (sold.state, points_of(counter.person())) == ("settled", 9)
    return sold


def told_anew(counter: Counter, sold: Outcome, *lines: Line, tenders: tuple[Tender, ...] = ()) -> None:
    order = Order(sold.order_key, STORE, lines, tenders=tenders)
    item = Item(ORDER_COMPLETED, sold.order_key, counter.at, (("card_no", counter.card),), order=order)
    (verdict,) = river.submit([item], source=facts.source_of(counter.till.source_id), actor=SYSTEM)
    assert verdict.state == "settled"


def one_piece(counter: Counter, sold: Outcome) -> Outcome:
    (back,) = tills.refund(
        counter.till, [counter.refund_of(sold, RefundLine(line_no=1, quantity_milli=1000))]
    )
    return back


def test_an_order_that_grew_since_its_refund_gives_back_no_more_than_was_paid(counter: Counter) -> None:
    sold = paid_with_points(counter)
    assert one_piece(counter, sold).state == "settled"
    assert points_of(counter.person()) == 50 + 4  # what the other half earns
    told_anew(counter, sold, Line("P2", 1000, 1_000, line_key="rest"))
    (back,) = tills.refund(counter.till, [counter.refund_of(sold)])
    assert back.state == "settled", back
    assert points_of(counter.person()) == 100
    check_books()


def test_an_order_that_shrank_since_its_refund_leaves_no_points_behind(counter: Counter) -> None:
    sold = paid_with_points(counter)
    one_piece(counter, sold)
    cheaper = (Tender("points", 100, 100), Tender("cash", 500))
    told_anew(counter, sold, Line("P1", 2000, 600, line_key="1"), tenders=cheaper)
    (back,) = tills.refund(counter.till, [counter.refund_of(sold)])
    assert (back.state, back.amount) == ("settled", -100)
    assert points_of(counter.person()) == 100
    check_books()
