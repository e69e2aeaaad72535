"""What a sale asks for is had whole or not at all, and what a report lacks is shown."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from django.db import transaction

from huoshui.brand import api as brand
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger.api import GoodsLine
from huoshui.core.tests.racing import race
from huoshui.intake.river.tests.world import check_books, points_of
from huoshui.intake.tills import api as tills
from huoshui.intake.tills.api import Outcome, RefundLine, SaleLine, Tender
from huoshui.intake.tills.tests.counter import STORE, Counter, clean_tables, counter

__all__ = ["clean_tables", "counter"]

pytestmark = pytest.mark.django_db(transaction=True)


def pay_with(counter: Counter, points: int, **more: Any) -> Outcome:
    """A sale of ¥20 of which points pay a part, at a cent a point."""
    tenders = (Tender("points", points, points), Tender("cash", 2_000 - points))
    return counter.sell(SaleLine("P1", 2000, 2_000), tenders=tenders, **more)


class TestPoints:
    @pytest.fixture(autouse=True)
    def five_hundred_points(self, counter: Counter) -> None:
        counter.sell(SaleLine("P1", 1000, 50_000))

    def test_pay_and_earn_on_the_money_only(self, counter: Counter) -> None:
        outcome = pay_with(counter, 300)
        assert outcome.points is not None
        assert (outcome.points.spent, outcome.points.earned, outcome.points.balance) == (300, 17, 217)
        check_books()

    def test_more_than_there_are_refuse_the_sale_and_leave_nothing(self, counter: Counter) -> None:
        before = counter.facts()
        outcome = pay_with(counter, 501)
        assert [r.code for r in outcome.refusals] == ["points_short"]
        assert outcome.refusals[0].message == "积分不够：要 501 积分，只有 500 积分。"
        assert counter.facts() == before
        assert points_of(counter.person()) == 500
        check_books()

    def test_of_a_report_become_a_debt_that_the_next_sale_repays(self, counter: Counter) -> None:
        outcome = pay_with(counter, 600, is_offline=True)
        assert outcome.state == "settled"
        assert [e.code for e in outcome.exceptions] == ["points_owed"]
        assert outcome.exceptions[0].detail == {"owed": 100}
        assert points_of(counter.person()) == 500 - 600 + 14
        counter.sell(SaleLine("P1", 1000, 20_000))
        assert points_of(counter.person()) == 114
        assert all(a.broken_floors == 0 for a in ledger.audit_units())
        check_books()

    def test_come_back_with_a_refund_by_the_share_that_they_paid(self, counter: Counter) -> None:
        sold = pay_with(counter, 300)
        half = RefundLine(line_no=1, quantity_milli=1000)
        backs = [tills.refund(counter.till, [counter.refund_of(sold, half)])[0] for _ in range(2)]
        assert [b.points.given_back for b in backs if b.points] == [150, 150]
        assert [(t.kind, t.amount) for t in facts.tenders_of([backs[0].fact_id or 0])] == [
            ("points", -150),
            ("cash", -850),
        ]
        assert points_of(counter.person()) == 500
        check_books()

    def test_of_nobody_cannot_pay(self, counter: Counter) -> None:
        outcome = pay_with(counter, 300, identifiers=())
        assert [r.code for r in outcome.refusals] == ["points_need_member"]

    def test_one_refused_among_many_leaves_the_others(self, counter: Counter) -> None:
        sales = [
            counter.sale(SaleLine("P1", 1000, 400), tenders=(Tender("points", 400, 400),)) for _ in range(2)
        ]
        outcomes = tills.sell(counter.till, [*sales, counter.sale()])
        assert [o.state for o in outcomes] == ["settled", "refused", "settled"]
        check_books()


class TestGoods:
    """At a store that must not sell what it has not."""

    @pytest.fixture(autouse=True)
    def two_on_the_shelf(self, counter: Counter) -> None:
        (unit,) = brand.find_units([STORE]).values()
        (sku,) = brand.find_or_add_skus({"P1": "牛奶"}).values()
        with transaction.atomic():
            brand.set_stock_policy(org_unit_id=unit, policy="strict", actor=SYSTEM)
            brand.receive_stock(
                org_unit_id=unit,
                key="first",
                lines=[GoodsLine(sku.id, 2_000)],
                occurred_at=counter.at,
                actor=SYSTEM,
            )

    def test_what_is_not_there_is_refused_by_name(self, counter: Counter) -> None:
        before = counter.facts()
        outcome = counter.sell(SaleLine("P1", 3_000, 100))
        assert [(r.code, r.pointer) for r in outcome.refusals] == [("stock_short", "/lines/0")]
        assert "牛奶" in outcome.refusals[0].message and "2" in outcome.refusals[0].message
        assert counter.facts() == before
        assert counter.sell(SaleLine("P1", 2_000, 100)).state == "settled"
        assert ledger.audit_stock().is_clean

    def test_a_report_is_kept_and_shown(self, counter: Counter) -> None:
        outcome = counter.sell(SaleLine("P1", 3_000, 100), is_offline=True)
        assert (outcome.state, [e.code for e in outcome.exceptions]) == ("settled", ["stock_short"])
        assert ledger.audit_stock().is_clean

    def test_the_last_ones_are_sold_once(self, counter: Counter) -> None:
        sales = [counter.sale(SaleLine("P1", 1_000, 100)) for _ in range(5)]
        found = race(*[partial(tills.sell, counter.till, [sale]) for sale in sales])
        assert not found.errors
        states = sorted(o.state for outcomes in found.results for o in outcomes)
        assert states == ["refused"] * 3 + ["settled"] * 2
        assert ledger.audit_stock().is_clean
