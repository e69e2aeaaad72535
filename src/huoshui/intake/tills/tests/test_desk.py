"""Money given back at a desk: by whom, why, and told to the cent before it is done."""

from __future__ import annotations

import json

import pytest

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.core.ledger import api as ledger
from huoshui.core.tests.ground import a_source
from huoshui.intake.river.tests.world import check_books
from huoshui.intake.tills import api as tills
from huoshui.intake.tills.api import Refund, RefundLine, SaleLine, Tender, Till
from huoshui.intake.tills.tests.counter import Counter, clean_tables, counter
from huoshui.intake.tills.tests.test_coupons import Cart, cart, claimed, template

__all__ = ["cart", "clean_tables", "counter"]

pytestmark = pytest.mark.django_db(transaction=True)

LIN = Actor("staff", 2, "Lin Qing", frozenset({"operator"}), frozenset({1}))
_TRACES = sql.Statement(
    "traces", "select actor, object_id, detail from audit_entry where action = 'refund.made'"
)
_ACTOR = sql.Statement("fact_actor", "select actor from fact where id = %(fact_id)s")
REASON = {"reason": "面料起球"}


def traces() -> list[sql.Row]:
    return list(sql.fetch(_TRACES))


class TestAtADesk:
    def test_a_refund_is_its_member_of_staff_s_and_leaves_one_trace(self, counter: Counter) -> None:
        sold = counter.sell()
        before = len(traces())
        command = counter.refund_of(sold, body=REASON)
        (back,) = tills.refund(counter.till, [command], by=LIN)
        (again,) = tills.refund(counter.till, [command], by=LIN)
        assert (back.amount, again.fact_id, again.is_repeat) == (-10_000, back.fact_id, True)
        assert sql.fetch_one(_ACTOR, fact_id=back.fact_id).actor == "staff:2"
        *_, trace = traces()
        assert len(traces()) == before + 1 and (trace.actor, trace.object_id) == ("staff:2", back.fact_id)
        told = json.loads(trace.detail)
        assert (told["reason"], told["amount"], told["by"]) == (REASON["reason"], 10_000, "Lin Qing")
        check_books()

    def test_a_till_s_own_leaves_none_and_neither_does_a_refused_one(self, counter: Counter) -> None:
        sold = counter.sell()
        before = len(traces())
        too_many = counter.refund_of(sold, RefundLine(line_no=1, quantity_milli=9_000))
        (refused,) = tills.refund(counter.till, [too_many], by=LIN)
        assert [r.code for r in refused.refusals] == ["refund_exceeds"]
        tills.refund(counter.till, [counter.refund_of(sold)])
        assert len(traces()) == before


class TestARehearsal:
    def test_says_what_then_happens_and_leaves_nothing(self, cart: Cart) -> None:
        counter = cart.counter
        code = claimed(template(), counter.person())
        sold = cart.buy(cart.quote(points=50), tenders=(Tender("points", 50, 50), Tender("cash", 7_950)))
        facts_, balances = counter.facts(), points_of(counter)
        command = counter.refund_of(sold, body=REASON)
        said = tills.rehearse(counter.till, command, by=LIN)
        assert (counter.facts(), points_of(counter), traces()) == (facts_, balances, [])
        assert cart.quote(code).not_usable[0].reason == "coupon_used"
        (done,) = tills.refund(counter.till, [command], by=LIN)
        assert said.outcome.points == done.points and said.outcome.points is not None
        assert (said.outcome.amount, said.outcome.lines) == (done.amount, done.lines)
        assert [x.quantity_milli for x in said.lines] == [2_000, 1_000]
        assert sum(x.amount or 0 for x in said.lines) == -done.amount
        assert {t.kind: (t.amount, t.points) for t in said.tenders} == {
            "points": (50, 50),
            "cash": (7_950, 0),
        }
        assert [(c.code, c.is_given_back) for c in said.coupons] == [(code, True)]
        assert [a.code for a in cart.quote(code).applied] == [code]
        check_books()

    def test_of_a_part_keeps_the_coupon_and_of_a_whole_one_its_rule_decides(self, cart: Cart) -> None:
        code = claimed(template(refund={"policy": "keep"}), cart.counter.person())
        sold = cart.buy(cart.quote())
        part = cart.counter.refund_of(sold, RefundLine(line_no=2))
        assert tills.rehearse(cart.counter.till, part, by=LIN).coupons == ()
        whole = tills.rehearse(cart.counter.till, cart.counter.refund_of(sold), by=LIN)
        assert [(c.code, c.is_given_back) for c in whole.coupons] == [(code, False)]

    def test_tells_why_not(self, counter: Counter) -> None:
        sold = counter.sell()
        too_much = counter.refund_of(sold, RefundLine(line_no=1, amount=10_001))
        said = tills.rehearse(counter.till, too_much, by=LIN)
        assert [(r.code, r.pointer) for r in said.outcome.refusals] == [("refund_exceeds", "/lines/0")]
        unknown = Refund("r-x", "nowhere", counter.at)
        (why,) = tills.rehearse(counter.till, unknown, by=LIN).outcome.refusals
        assert why.code == "order_unknown"

    def test_of_what_has_been_done_is_what_was_done(self, counter: Counter) -> None:
        command = counter.refund_of(counter.sell(), body=REASON)
        (done,) = tills.refund(counter.till, [command], by=LIN)
        said = tills.rehearse(counter.till, command, by=LIN).outcome
        assert (said.fact_id, said.amount, said.is_repeat) == (done.fact_id, -10_000, True)

    def test_another_s_store_is_not_there(self, counter: Counter) -> None:
        sold = counter.sell()
        elsewhere = Till(counter.till.source_id, "总部", frozenset({"S-two"}))
        with pytest.raises(NotFound):
            tills.rehearse(elsewhere, counter.refund_of(sold), by=LIN)

    def test_goes_by_the_source_of_the_order(self, counter: Counter) -> None:
        sold = counter.sell(SaleLine("P1", 1000, 500))
        elsewhere = Till(a_source().id, "总部")
        (why,) = tills.rehearse(elsewhere, counter.refund_of(sold), by=LIN).outcome.refusals
        assert why.code == "order_unknown"


def points_of(counter: Counter) -> dict[int, int]:
    return ledger.balances(unit="points", owner_kind="person", owner_ids=[counter.person()])
