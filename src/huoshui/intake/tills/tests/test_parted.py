"""A refund of an order that two ids of one customer paid for, once the two have been parted."""

from __future__ import annotations

import pytest
from django.db import transaction

from huoshui.core.actor import SYSTEM
from huoshui.intake.river.tests.world import check_books
from huoshui.intake.tills import api as tills
from huoshui.intake.tills.api import RefundLine, SaleLine, Tender
from huoshui.intake.tills.tests.counter import Counter, clean_tables, counter
from huoshui.people import api as people

__all__ = ["clean_tables", "counter"]
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_refund_is_had_though_another_had_paid_part_of_the_points(counter: Counter) -> None:
    other = Counter(counter.till, counter.at)
    counter.sell(SaleLine("P1", 1000, 1_000))  # 10 points
    other.sell(SaleLine("P1", 1000, 10_000))  # 100 points
    with transaction.atomic():
        link = people.merge(
            person_a=counter.person(), person_b=other.person(), reason="同一个人", actor=SYSTEM
        )
    sold = counter.sell(SaleLine("P1", 2000, 100), tenders=(Tender("points", 100, 100),))
    assert sold.state == "settled"
    with transaction.atomic():
        people.unmerge(link_id=link, reason="弄错了", actor=SYSTEM)
    (back,) = tills.refund(
        counter.till, [counter.refund_of(sold, RefundLine(line_no=1, quantity_milli=1000))]
    )
    assert back.state == "settled", back
    check_books()
