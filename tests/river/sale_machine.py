"""The sale chain beside a plain model of it: whatever is sold, paid with points, refunded, exchanged, voided, imported, told
again in other words or the same, in any order, by customers who are merged and parted and whose points expire: orders,
points, coupons, budgets, shelves and tiers are what the model says, and the books are exact.

Run for 2,000 steps by `test_sale_machine`, for 200,000 by `make proof LAW=sale_chain`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from huoshui.core.ledger import api as ledger
from huoshui.core.subscribers import registry
from huoshui.core.tests.ground import number
from huoshui.engage.loyalty.jobs import expire_points
from huoshui.intake.tills import api as tills
from huoshui.intake.tills.api import CouponUse, Exchange, RefundLine, Sale, SaleLine, Tender
from huoshui.people import api as people
from tests.river import books
from tests.river.model import COUPON, Order, Part, Row, share_of, spread
from tests.river.sale_imports import Imports
from tests.river.sale_world import CUSTOMERS, KEPT, LINE, LINES, SKUS, Line, Lines


class Tills(Imports):
    """What tills ask and report."""

    @rule(
        customer=CUSTOMERS,
        lines=LINES,
        share=st.integers(0, 120),
        offline=st.booleans(),
        ago=st.sampled_from([0, 0, 0, 1]),
    )
    def sell(self, customer: int, lines: Lines, share: int, offline: bool, ago: int) -> None:
        """An offline till's sale may come on a later day."""
        self._sell(customer, lines, share, offline, ago)

    @rule(
        customer=CUSTOMERS,
        line=st.tuples(st.sampled_from(SKUS), st.integers(1, 4), st.integers(COUPON, 9_999)),
        lines=st.lists(LINE, max_size=2),
        share=st.integers(-20, 120),
        offline=st.booleans(),
        pick=st.integers(0, 2),
        more=st.sampled_from([0, 0, COUPON]),
    )
    def sell_with_a_coupon(
        self, customer: int, line: Line, lines: Lines, share: int, offline: bool, pick: int, more: int
    ) -> None:
        """`more`: what the till takes off beyond what the coupon gives, as far as there is something to take it off."""
        code = self.pick_code(customer, pick)
        off = min(COUPON + more, sum(m for *_, m in [line, *lines]))
        self._sell(customer, [line, *lines], max(share, 0), offline, 0, code, off)

    def _sell(
        self,
        customer: int,
        lines: Lines,
        share: int,
        offline: bool,
        ago: int,
        code: str = "",
        off: int = COUPON,
    ) -> None:
        day = max(self.day - ago, 0) if offline else self.day
        sale, part = self.sale(customer, lines, code, day, off)
        total = sum(x.amount for x in sale.lines)
        has = max(self.spendable(customer), 0)
        # A point pays a cent. Now and then more than he has
        paid = min(total * share // 100, has + 50 * (share > 100), total)
        if paid:
            tenders = (Tender("points", paid, paid), Tender("cash", total - paid))
            sale, part = replace(sale, tenders=tenders), replace(part, points=paid)
        lacks = self.lacks(part, has) | ({"coupon_amount_differs"} if code and off != COUPON else set())
        sale = replace(sale, is_offline=offline)
        (outcome,) = self.tell(lambda: tills.sell(self.till, [sale]))
        if lacks and not offline:
            assert outcome.state == "refused", (outcome, lacks)
            assert {r.code for r in outcome.refusals} <= lacks, (outcome, lacks)
            assert self.state_of(sale.order_key) is None
            return
        assert outcome.state == "settled", (outcome, lacks)
        self.record(sale.order_key, part, day)

    @rule(customer=CUSTOMERS, money=st.integers(1, 99_999), share=st.integers(50, 100))
    def think_better_of_it(self, customer: int, money: int, share: int) -> None:
        """What is bought with points and brought back at once leaves each point where it was: of its year, and of its owner."""
        self.expire()
        before = books.buckets(self.persons)
        if any(balance < 0 for *_, balance in before):
            return  # what is owed is repaid on the way
        paid = min(money * share // 100, self.spendable(customer))
        sale, part = self.sale(customer, [("P1", 1, money)], "", self.day)
        if paid:
            tenders = (Tender("points", paid, paid), Tender("cash", money - paid))
            sale, part = replace(sale, tenders=tenders), replace(part, points=paid)
        (outcome,) = self.tell(lambda: tills.sell(self.till, [sale]))
        assert outcome.state == "settled", outcome
        self.record(sale.order_key, part, self.day)
        self.give_back(self.book.orders[sale.order_key], (), [Row("1", "P1", 1, money)])
        assert books.buckets(self.persons) == before

    @precondition(lambda self: self.returnable())
    @rule(data=st.data(), whole=st.booleans())
    def refund(self, data: st.DataObject, whole: bool) -> None:
        order = self.draw(data, self.returnable())
        lines = order.lines()
        if whole:
            self.give_back(order, (), [Row(x.key, x.sku, x.pieces, x.money) for x in lines])
            return
        some = [x for x in lines if x.pieces]
        if not some:
            return
        line = data.draw(st.sampled_from(some))
        pieces = data.draw(st.integers(1, line.pieces))
        asked = (RefundLine(line_key=line.key, quantity_milli=pieces * 1000),)
        self.give_back(order, asked, [Row(line.key, line.sku, pieces, line.share(pieces))])

    @precondition(lambda self: any(o.left for o in self.returnable()))
    @rule(data=st.data(), amount=st.integers(1, 5_000))
    def refund_money(self, data: st.DataObject, amount: int) -> None:
        order = self.draw(data, [o for o in self.returnable() if o.left])
        command = replace(self.counters[0].refund_of(order.key, amount=amount), at=self.at)
        (outcome,) = self.tell(lambda: tills.refund(self.till, [command]))
        if amount > order.left:
            assert {r.code for r in outcome.refusals} == {"refund_exceeds"}, outcome
            return
        assert -outcome.amount == amount
        lines = order.lines()
        shares = spread([x.money for x in lines], amount)
        rows = [Row(x.key, x.sku, 0, s) for x, s in zip(lines, shares, strict=True) if s]
        self.record(order.key, self.back_part(order, rows))

    @precondition(lambda self: any(x.pieces for o in self.returnable() for x in o.lines()))
    @rule(data=st.data(), lines=LINES)
    def exchange(self, data: st.DataObject, lines: Lines) -> None:
        order = self.draw(data, [o for o in self.returnable() if any(x.pieces for x in o.lines())])
        line = next(x for x in order.lines() if x.pieces)
        sale, part = self.sale(order.customer, lines, "", self.day)
        asked = (RefundLine(line_key=line.key, quantity_milli=1000),)
        swap = Exchange(f"x {sale.order_key}", order.key, self.at, asked, sale)
        given_back, back = line.share(1), Row(line.key, line.sku, 1, line.share(1))
        wanted = sum(r.pieces for r in part.rows if r.sku == KEPT)
        is_short = wanted > max(self.book.shelf[KEPT] + (line.sku == KEPT), 0)
        in_, out = self.tell(lambda: tills.exchange(self.till, swap))
        if wanted and is_short:
            assert {r.code for r in out.refusals} == {"stock_short"}, (in_, out)
            return
        assert (in_.amount, out.state) == (-given_back, "settled"), (in_, out)
        self.record(order.key, self.back_part(order, [back]))
        self.record(sale.order_key, part, self.day)

    @precondition(lambda self: any(o.is_plain for o in self.book.orders.values()))
    @rule(data=st.data())
    def void(self, data: st.DataObject) -> None:
        order = self.draw(data, [o for o in self.book.orders.values() if o.is_plain])
        key = f"v{number()}"
        at = self.at
        (outcome,) = self.tell(lambda: [tills.void(self.till, key=key, order_key=order.key, at=at)])
        if order.returned or order.is_empty or order.day != self.day:
            assert outcome.state == "refused", outcome
            return
        assert outcome.state == "settled", outcome
        rows = [Row(x.key, x.sku, x.pieces, x.money) for x in order.lines()]
        self.record(order.key, self.back_part(order, [r for r in rows if r.pieces or r.money]))

    @precondition(lambda self: any(not t.was_refused for t in self.told))
    @rule(data=st.data())
    def tell_again(self, data: st.DataObject) -> None:
        """What was carried out is answered alike and changes nothing; what was refused may be had now, and is left."""
        known = [t for t in self.told if not t.was_refused]
        told = known[data.draw(st.integers(0, len(known) - 1))]
        before = books.digest(self.begins_after)
        again = told.again()
        for once, now in zip(told.outcomes, again, strict=True):
            assert now.is_repeat, now
            assert (now.fact_id, now.amount) == (once.fact_id, once.amount)
        assert books.digest(self.begins_after) == before

    @rule()
    def expire(self) -> None:
        self.at += timedelta(minutes=1)  # the job says each time once
        lost = books.expired(self.persons, self.at)
        expire_points(int(self.at.timestamp()))
        self.book.points -= lost
        assert books.expired(self.persons, self.at) == 0

    def give_back(self, order: Order, asked: tuple[RefundLine, ...], rows: list[Row]) -> None:
        command = replace(self.counters[0].refund_of(order.key, *asked), at=self.at)
        (outcome,) = self.tell(lambda: tills.refund(self.till, [command]))
        rows = [r for r in rows if r.pieces or r.money]
        assert outcome.state == "settled", outcome
        assert -outcome.amount == sum(r.money for r in rows)
        self.record(order.key, self.back_part(order, rows))

    def back_part(self, order: Order, rows: list[Row]) -> Part:
        """As a till gives back: of the points that paid, what is still missing of their share."""
        paid = order.points_tendered
        more = sum(r.money for r in rows)
        points = share_of(paid, order.total, order.returned + more) - (paid - order.points)
        return Part(tuple(rows), order.customer, f"refund {number()}", -min(max(points, 0), more))

    def sale(self, customer: int, lines: Lines, code: str, day: int, off: int = COUPON) -> tuple[Sale, Part]:
        """Of what lines cost, the coupon takes its part by the same running shares as the rule."""
        amounts = [m for *_, m in lines]
        offs = spread(amounts, off) if code else [0] * len(lines)
        told = [
            SaleLine(sku, pieces * 1000, m - less, less, less)
            for (sku, pieces, m), less in zip(lines, offs, strict=True)
        ]
        use = (CouponUse(code, off),) if code else ()
        sale = replace(
            self.counters[customer].sale(*told, at=self.instant(day), store_code=self.store), coupons=use
        )
        rows = tuple(
            Row(str(n), sku, pieces, x.amount)
            for n, ((sku, pieces, _), x) in enumerate(zip(lines, told, strict=True), 1)
        )
        return sale, Part(rows, customer, code=code, off=off if code else 0)

    def lacks(self, part: Part, has: int) -> set[str]:
        """What an ask is refused for."""
        out = set()
        if part.points > has:
            out.add("points_short")
        if part.code and self.book.holder[part.code]:
            out.add("coupon_used")
        elif part.code and self.book.budget < COUPON:
            out |= {"budget_short", "coupon_budget_spent"}
        if (wanted := -part.goods()[KEPT]) and wanted > max(self.book.shelf[KEPT], 0):
            out.add("stock_short")
        return out


class SaleChain(Tills):
    """And what happens beside: days pass, points expire, ids are merged and parted, readers read."""

    @precondition(lambda self: self.day < 3)
    @rule()
    def a_year_passes(self) -> None:
        self.go_to(self.day + 1)

    @rule(a=CUSTOMERS, b=CUSTOMERS)
    def merge(self, a: int, b: int) -> None:
        if b not in self.cluster(a):
            self.links.append(self.join(a, b))

    @precondition(lambda self: self.links)
    @rule(data=st.data())
    def part(self, data: st.DataObject) -> None:
        self.unjoin(self.links.pop(data.draw(st.integers(0, len(self.links) - 1))))

    @rule(a=CUSTOMERS, b=CUSTOMERS)
    def merge_by_mistake(self, a: int, b: int) -> None:
        """Merged and parted again, everybody has what he had."""
        if b in self.cluster(a):
            return
        self.write_cards()
        before = books.persons(self.persons)
        link_id = self.join(a, b)
        self.write_cards()
        self.unjoin(link_id)
        self.write_cards()
        assert (after := books.persons(self.persons)) == before, [
            p for p in zip(before, after, strict=True) if p[0] != p[1]
        ]

    @rule()
    def readers_read(self) -> None:
        """Shelves are folded, cards written; who was merged or parted gets the tier that his money is worth."""
        ledger.fold_goods()
        self.write_cards()

    def write_cards(self) -> None:
        """Of everybody: whom a reader would reach hangs on who else uses the server."""
        with transaction.atomic():
            for part in registry.card.values():
                part(sorted({*people.canonical_ids(self.persons).values()}))
        self.tiers_are_fresh = True

    @rule(coupons=st.integers(0, 4), pieces=st.integers(0, 9))
    def fill_up(self, coupons: int, pieces: int) -> None:
        if coupons:
            self.add_funds(coupons * COUPON)
        if pieces:
            self.add_goods(pieces)

    # ── what must be ──────────────────────────────────────────────────────────────────────────────────────────────

    @invariant()
    def sums_are_what_the_model_says(self) -> None:
        """Points together: of two who were one for a while, one may have spent what the other earned. And nobody holds points
        while he owes some: the next earning repays what is owed."""
        found = books.sums(self.persons, self.template, self.store_id, self.sku_ids)
        assert found.points == self.book.points
        assert found.holders_who_owe == 0
        assert found.budget == self.book.budget
        assert dict(zip(SKUS, found.shelf, strict=True)) == {s: 1000 * self.book.shelf[s] for s in SKUS}
        assert found.spend == [self.book.spend_of([n]) for n in range(4)]
        if self.tiers_are_fresh:
            assert found.ranks == [self.book.tier_of(ids) for ids in self.clusters()]

    @invariant()
    def orders_are_what_the_model_says(self) -> None:
        """Those this step had to do with; the others are looked at when all is over."""
        self.check_orders(self.touched)
        self.touched.clear()
