"""What was to be seen of an order is dealt with when its till tells it right, and stays while it does not."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.core.facts import desk
from huoshui.intake.river.tests.world import check_books
from huoshui.intake.tills import api as tills
from huoshui.intake.tills.api import CouponUse, Outcome, ReceiptClaim, Sale, SaleLine, Tender
from huoshui.intake.tills.tests.counter import Counter, clean_tables, counter

__all__ = ["clean_tables", "counter"]

pytestmark = pytest.mark.django_db(transaction=True)

_ALL = sql.Statement("exceptions", "select id, fact_id, code, state from fact_exception order by id")
_TRACES = sql.Statement(
    "traces", "select object_id, detail from audit_entry where action = 'exception.retold' order by id"
)


def told(counter: Counter, sale: Sale, **changes: Any) -> Outcome:
    (outcome,) = tills.sell(counter.till, [replace(sale, key=f"{sale.key}'", **changes)])
    return outcome


def report(counter: Counter, **more: Any) -> Sale:
    return counter.sale(SaleLine("P1", 1000, 2_000), is_offline=True, **more)


def open_codes() -> list[str]:
    return [x.code for x in sql.fetch(_ALL) if x.state == "open"]


def test_told_right_it_is_dealt_with_by_the_fact_that_did(counter: Counter) -> None:
    wrong = report(counter, amount=1_999, tenders=(Tender("cash", 1_999),))
    (first,) = tills.sell(counter.till, [wrong])
    assert sorted(open_codes()) == ["tenders_differ", "total_differs"]
    right = told(counter, wrong, amount=2_000, tenders=(Tender("cash", 2_000),))
    assert open_codes() == []
    rows = sql.fetch(_ALL)
    assert {(x.fact_id, x.state) for x in rows} == {(first.fact_id, "mended")}
    traces = sql.fetch(_TRACES)
    assert [t.object_id for t in traces] == [x.id for x in rows]
    assert {json.loads(t.detail)["by_fact_id"] for t in traces} == {right.fact_id}
    assert [s.by_fact_id for s in desk.trail(SYSTEM, rows[0].id)] == [right.fact_id]
    check_books()


def test_told_wrong_again_it_is_the_new_fact_s(counter: Counter) -> None:
    wrong = report(counter, amount=1_999, coupons=(CouponUse("nobody-knows", 0),), staff_code="nobody")
    tills.sell(counter.till, [wrong])
    before = sorted(open_codes())
    assert "total_differs" in before and "coupon_unknown" in before and "staff_unknown" in before
    again = told(counter, wrong, amount=1_998)
    assert sorted(open_codes()) == before
    assert {x.fact_id for x in sql.fetch(_ALL) if x.state == "open"} == {again.fact_id}


def test_points_that_are_not_there_are_shown_of_the_new_fact(counter: Counter) -> None:
    wrong = report(counter, tenders=(Tender("points", 2_000, 2_000),))
    tills.sell(counter.till, [wrong])
    assert "points_owed" in open_codes()
    told(counter, wrong, tenders=(Tender("cash", 2_000),))
    assert "points_owed" in open_codes(), "a debt is the customer's, whatever the till says later"
    check_books()


def test_a_refund_beside_it_and_another_order_close_nothing(counter: Counter) -> None:
    wrong = report(counter, amount=1_999)
    tills.sell(counter.till, [wrong])
    tills.refund(counter.till, [counter.refund_of(wrong.order_key)])
    counter.sell()
    assert open_codes() == ["total_differs"]


def test_a_claimed_receipt_answers_only_whose_it_is(counter: Counter) -> None:
    wrong = report(counter, amount=1_999, identifiers=(), doubts=(("phone_unreadable", {}),))
    (sold,) = tills.sell(counter.till, [wrong])
    assert sorted(open_codes()) == ["phone_unreadable", "total_differs"]
    claim = ReceiptClaim("claim-1", wrong.order_key, sold.bind_code, counter.at, (("card_no", counter.card),))
    assert tills.claim_receipt(counter.till, claim).state == "settled"
    assert open_codes() == ["total_differs"]
    assert facts.open_exceptions() == {"total_differs": 1}
