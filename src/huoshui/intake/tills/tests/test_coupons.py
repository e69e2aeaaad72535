"""From a quote to a sale to its refund: what a coupon gives is one number all the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from huoshui.core import clock
from huoshui.core.actor import SYSTEM
from huoshui.core.errors import NotFound
from huoshui.core.ledger import api as ledger
from huoshui.core.tests.ground import NOON, number
from huoshui.engage.campaigns import api as campaigns
from huoshui.intake.river.tests.world import check_books
from huoshui.intake.tills import api as tills
from huoshui.intake.tills.api import (
    Basket,
    BasketLine,
    CouponUse,
    Outcome,
    Quote,
    RefundLine,
    SaleLine,
    Tender,
)
from huoshui.intake.tills.tests.counter import STORE, Counter, clean_tables, counter

__all__ = ["clean_tables", "counter"]

pytestmark = pytest.mark.django_db(transaction=True)

TEN_OFF = {"kind": "amount_off", "amount": 1_000}


def template(**rule: Any) -> int:
    whole = {"benefit": TEN_OFF, "validity": {"first": "2020-01-01", "last": "2099-12-31"}, **rule}
    with transaction.atomic():
        template_id = campaigns.create_template(title=f"券{number()}", rule=whole, actor=SYSTEM)
        campaigns.publish_template(template_id=template_id, actor=SYSTEM)
        if rule.get("has_budget"):
            campaigns.fund(template_id=template_id, amount=1_500, key="first", actor=SYSTEM)
    return template_id


def claimed(template_id: int, person_id: int) -> str:
    with transaction.atomic():
        (verdict,) = campaigns.claim([campaigns.Claim(template_id, person_id, f"c{number()}")], actor=SYSTEM)
    assert verdict.code, verdict
    return verdict.code


@dataclass
class Cart:
    counter: Counter
    lines: tuple[BasketLine, ...]

    def quote(self, *coupons: str, **more: Any) -> Quote:
        at = more.pop("at", self.counter.at)
        wanted = more.pop("points", 0)
        card = (("card_no", self.counter.card),)
        basket = Basket(STORE, at, self.lines, card, coupons=coupons, points=wanted)
        return tills.quote(self.counter.till, basket, **more)

    def buy(self, quote: Quote, **more: Any) -> Outcome:
        """As a till does it: each line at what the quote left of it."""
        off = [0] * len(self.lines)
        for applied in quote.applied:
            for share in applied.lines:
                off[share.line_no - 1] += share.amount
        lines = [
            SaleLine(x.sku_code, x.quantity_milli, x.amount - o, o, o)
            for x, o in zip(self.lines, off, strict=True)
        ]
        used = tuple(CouponUse(a.code, a.amount) for a in quote.applied)
        return self.counter.sell(*lines, coupons=used, **more)


@pytest.fixture
def cart(counter: Counter) -> Cart:
    counter.at = clock.now() + timedelta(minutes=1)  # coupons are valid from when they were claimed
    counter.sell(SaleLine("P1", 1000, 10_000))
    return Cart(counter, (BasketLine("P1", 2000, 6_000), BasketLine("P2", 1000, 3_000)))


class TestQuote:
    def test_proposes_the_best_of_what_is_held_and_says_why_not_the_rest(self, cart: Cart) -> None:
        person = cart.counter.person()
        ten, fifth = template(), template(benefit={"kind": "percent_off", "permille": 200})
        high = template(threshold={"amount": 20_000})
        codes = [claimed(t, person) for t in (ten, fifth, high)]
        quote = cart.quote()
        assert {a.code for a in quote.applied} == set(codes[:2])
        assert quote.payable == quote.total - quote.discount
        (not_usable,) = quote.not_usable
        assert (not_usable.code, not_usable.reason) == (codes[2], "coupon_threshold")
        assert "110" in not_usable.message  # what is still missing
        sold = cart.buy(quote)
        assert (sold.state, sold.amount) == ("settled", quote.payable)
        check_books()

    def test_tells_what_points_would_pay_and_what_would_be_earned(self, cart: Cart) -> None:
        quote = cart.quote(points=50)
        assert (quote.points_balance, quote.points_usable, quote.points_value) == (100, 100, 100)
        assert (quote.payable, quote.points_earned) == (8_950, 89)

    def test_promises_what_the_sale_then_earns(self, cart: Cart) -> None:
        claimed(template(benefit={"kind": "percent_off", "permille": 333}), cart.counter.person())
        quote = cart.quote()
        sold = cart.buy(quote)
        assert sold.points is not None and sold.points.earned == quote.points_earned

    def test_writes_nothing_and_makes_nobody(self, counter: Counter) -> None:
        before = counter.facts()
        cart = Cart(counter, (BasketLine("P-new", 1000, 500),))
        quote = cart.quote()
        assert (quote.person_id, quote.payable, counter.facts()) == (None, 500, before)

    def test_of_no_goods_or_no_store(self, counter: Counter) -> None:
        with pytest.raises(tills.NothingToQuote):
            Cart(counter, ()).quote()
        with pytest.raises(NotFound):
            tills.quote(counter.till, Basket("nowhere", NOON, (BasketLine("P1", 1000, 1),)))

    def test_locks_what_it_proposes_for_its_order(self, cart: Cart) -> None:
        code = claimed(template(), cart.counter.person())
        quote = cart.quote(lock_for="O-mine")
        assert quote.locked_until is not None and [a.code for a in quote.applied] == [code]
        again = cart.quote(lock_for="O-mine")
        assert [a.code for a in again.applied] == [code]
        other = cart.quote(lock_for="O-other")
        assert [(n.code, n.reason) for n in other.not_usable] == [(code, "coupon_locked")]
        refused = cart.buy(quote, order_key="O-other")
        assert [r.code for r in refused.refusals] == ["coupon_locked"]
        assert cart.buy(quote, order_key="O-mine").state == "settled"


class TestSale:
    def test_a_coupon_is_used_once(self, cart: Cart) -> None:
        claimed(template(), cart.counter.person())
        quote = cart.quote()
        assert cart.buy(quote).state == "settled"
        before = cart.counter.facts()
        assert [r.code for r in cart.buy(quote).refusals] == ["coupon_used"]
        assert cart.counter.facts() == before
        check_books()

    def test_another_amount_than_the_rule_gives_is_refused_with_the_right_one(self, cart: Cart) -> None:
        code = claimed(template(), cart.counter.person())
        sold = cart.counter.sell(SaleLine("P1", 1000, 4_000, 2_000, 2_000), coupons=(CouponUse(code, 2_000),))
        assert [r.code for r in sold.refusals] == ["coupon_amount_differs"]
        assert "10" in sold.refusals[0].message

    def test_a_report_uses_it_whatever_is_wrong_and_shows_it(self, cart: Cart) -> None:
        code = claimed(template(), cart.counter.person())
        quote = cart.quote()
        cart.buy(quote)
        late = cart.buy(quote, is_offline=True)
        assert late.state == "settled"
        assert [e.code for e in late.exceptions] == ["coupon_used"]
        assert cart.quote(code).not_usable[0].reason == "coupon_used"
        check_books()

    def test_a_budget_is_never_overspent(self, cart: Cart) -> None:
        limited = template(has_budget=True)
        for _ in range(2):
            claimed(limited, cart.counter.person())
        assert cart.buy(cart.quote()).state == "settled"
        quote = cart.quote()
        assert quote.discount == 0 and quote.not_usable[0].reason == "coupon_budget_spent"
        assert ledger.balances(unit="budget", owner_kind="template", owner_ids=[limited]) == {limited: 500}

    def test_money_back_follows_the_split_and_a_whole_refund_gives_the_coupon_back(self, cart: Cart) -> None:
        code = claimed(template(), cart.counter.person())
        quote = cart.quote()
        sold = cart.buy(quote)
        one = RefundLine(line_no=1, quantity_milli=1000)
        (back,) = tills.refund(cart.counter.till, [cart.counter.refund_of(sold, one)])
        paid = quote.total - quote.discount
        first_line = 6_000 - sum(s.amount for s in quote.applied[0].lines if s.line_no == 1)
        assert back.amount == -(first_line // 2)
        assert cart.quote(code).not_usable[0].reason == "coupon_used"
        (rest,) = tills.refund(cart.counter.till, [cart.counter.refund_of(sold)])
        assert back.amount + rest.amount == -paid
        assert [a.code for a in cart.quote(code).applied] == [code]
        check_books()

    def test_what_a_refused_one_had_taken_is_there_for_the_next_of_its_batch(self, cart: Cart) -> None:
        code = claimed(template(), cart.counter.person())
        line = SaleLine("P1", 1000, 5_000, 1_000, 1_000)
        use = (CouponUse(code, 1_000),)
        first = cart.counter.sale(line, coupons=use, tenders=(Tender("points", 5_000, 5_000),))
        second = cart.counter.sale(line, coupons=use)
        outcomes = tills.sell(cart.counter.till, [first, second])
        assert [r.code for r in outcomes[0].refusals] == ["points_short"]
        assert outcomes[1].state == "settled"
        check_books()
