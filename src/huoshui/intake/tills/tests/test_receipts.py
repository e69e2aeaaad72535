"""A receipt claims its sale for whoever holds it: once, in time, and with all that follows."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pyarrow as pa
import pytest
import time_machine
from msgspec import structs

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.tests.ground import number
from huoshui.core.tests.racing import race
from huoshui.intake.river.tests.world import check_books, points_of, stock
from huoshui.intake.tills import api as tills
from huoshui.intake.tills.api import Outcome, ReceiptClaim, RefundLine, SaleLine, Tender
from huoshui.intake.tills.tests.counter import STORE, Counter, clean_tables, counter

__all__ = ["clean_tables", "counter"]

pytestmark = pytest.mark.django_db(transaction=True)


def claim(counter: Counter, sold: Outcome, card: str | None = None) -> ReceiptClaim:
    identifiers = (("card_no", card or counter.card),)
    return ReceiptClaim(f"c{number()}", sold.order_key, sold.bind_code, counter.at, identifiers)


def anonymous(counter: Counter) -> Outcome:
    lines = (SaleLine("P1", 2_000, 10_000), SaleLine("P1", 1_000, 5_000))
    return counter.sell(*lines, identifiers=(), tenders=(Tender("cash", 15_000),))


def test_points_follow_and_goods_do_not_move_again(counter: Counter) -> None:
    sold = anonymous(counter)
    before = stock("P1")
    asked = claim(counter, sold)
    outcome = tills.claim_receipt(counter.till, asked)
    assert (outcome.state, outcome.bind_code) == ("settled", "")
    assert points_of(counter.person()) == 150
    assert stock("P1") == before
    assert counter.state(sold.order_key).person_id == counter.person()
    assert tills.claim_receipt(counter.till, asked) == structs.replace(outcome, is_repeat=True)
    check_books()


def test_its_guide_keeps_the_sale(counter: Counter) -> None:
    staff = pa.table({"number": ["G1"], "name": ["小林"], "store_code": [STORE]})
    brand.upsert_staff(staff, actor=SYSTEM)
    sold = counter.sell(identifiers=(), staff_code="G1")
    claimed = tills.claim_receipt(counter.till, claim(counter, sold))
    assert sql.fetch_one(_SERVED, fact_id=claimed.fact_id).staff_id == brand.find_staff(["G1"])["G1"]


_SERVED = sql.Statement("served", "select staff_id from fact_order where fact_id = %(fact_id)s")


def test_what_was_given_back_before_earns_nothing(counter: Counter) -> None:
    sold = anonymous(counter)
    tills.refund(counter.till, [counter.refund_of(sold, RefundLine(line_no=1))])
    assert tills.claim_receipt(counter.till, claim(counter, sold)).state == "settled"
    assert points_of(counter.person()) == 50
    (rest,) = tills.refund(counter.till, [counter.refund_of(sold)])
    assert rest.amount == -5_000
    assert points_of(counter.person()) == 0
    check_books()


def test_only_with_the_right_code_in_time_and_once(counter: Counter) -> None:
    sold = anonymous(counter)
    good = claim(counter, sold)

    def why(asked: ReceiptClaim) -> list[str]:
        return [r.code for r in tills.claim_receipt(counter.till, asked).refusals]

    assert why(replace(good, bind_code="A" * 16)) == ["receipt_wrong"]
    assert why(replace(good, bind_code="没有")) == ["receipt_wrong"]
    assert why(replace(good, order_key="nobody knows")) == ["receipt_wrong"]
    late = counter.at + timedelta(days=30, minutes=1)
    with time_machine.travel(late):
        assert why(good) == ["at_not_now"]
        assert why(replace(good, at=late - timedelta(hours=23))) == ["receipt_too_old"], "by the clock"
    assert tills.claim_receipt(counter.till, good).state == "settled"
    assert why(claim(counter, sold, card="another")) == ["receipt_claimed"]
    check_books()


def test_of_many_who_claim_at_once_one_gets_it(counter: Counter) -> None:
    for _ in range(3):
        sold = anonymous(counter)
        asked = [claim(counter, sold, card=f"card {number()}") for _ in range(5)]
        found = race(*[lambda one=one: tills.claim_receipt(counter.till, one) for one in asked])
        assert not found.errors
        assert sorted(o.state for o in found.results) == ["refused"] * 4 + ["settled"]
    check_books()
