"""One coupon at many tills at once, with the control that takes its lock out."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from pytest import MonkeyPatch

from huoshui.core import sql
from huoshui.core.tests.racing import race, take_out
from huoshui.engage.campaigns import redeem as redeeming
from huoshui.engage.loyalty import api as loyalty
from huoshui.intake.river.tests.world import check_books
from huoshui.intake.tills import api as tills
from huoshui.intake.tills.api import CouponUse, Quote, Sale, SaleLine
from huoshui.intake.tills.tests.test_coupons import Cart, cart, claimed, clean_tables, counter, template

__all__ = ["cart", "clean_tables", "counter"]

pytestmark = pytest.mark.django_db(transaction=True)


class TestRace:
    TILLS = 6

    def sales(self, cart: Cart, quote: Quote) -> list[Sale]:
        off = {s.line_no: s.amount for s in quote.applied[0].lines}
        lines = tuple(
            SaleLine(x.sku_code, x.quantity_milli, x.amount - off.get(n, 0), off.get(n, 0), off.get(n, 0))
            for n, x in enumerate(cart.lines, 1)
        )
        use = (CouponUse(quote.applied[0].code, quote.applied[0].amount),)
        return [replace(cart.counter.sale(*lines), coupons=use) for _ in range(self.TILLS)]

    def test_one_coupon_at_many_tills_is_used_once(self, cart: Cart) -> None:
        for _ in range(5):
            claimed(template(), cart.counter.person())
            sales = self.sales(cart, cart.quote())
            found = race(*[partial(tills.sell, cart.counter.till, [one]) for one in sales])
            assert not found.errors
            states = sorted(o.state for outcomes in found.results for o in outcomes)
            assert states == ["refused"] * (self.TILLS - 1) + ["settled"]
        check_books()

    def test_without_its_lock_it_is_used_more_than_once(self, cart: Cart, monkeypatch: MonkeyPatch) -> None:
        take_out(monkeypatch, redeeming.Q, "lock_used", "for update of c")
        monkeypatch.setattr(loyalty, "earn", lambda *_, **__: loyalty.Earned([], []))
        used = sql.Statement("used", "select count(*) as n from coupon_redemption")
        for _ in range(20):
            claimed(template(), cart.counter.person())
            sales = self.sales(cart, cart.quote())
            before = sql.fetch_one(used).n
            race(*[partial(tills.sell, cart.counter.till, [one]) for one in sales])
            if sql.fetch_one(used).n > before + 1:
                return
        raise AssertionError("the lock is not needed")
