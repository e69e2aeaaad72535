"""The sale chain beside a plain model of it: whatever is sold, refunded, exchanged, voided, told again, merged and parted,
in any order, points, orders and coupons are what the model says and the books are exact.

Run for 2,000 steps by `test_sale_machine`, for 200,000 by `make proof LAW=sale_chain`.
"""

from __future__ import annotations

from collections import Counter as Count
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.tests.ground import number
from huoshui.engage.campaigns import api as campaigns
from huoshui.engage.loyalty import api as loyalty
from huoshui.intake.river.tests.world import check_books
from huoshui.intake.tills import api as tills
from huoshui.intake.tills.api import CouponUse, Exchange, Outcome, RefundLine, Sale, SaleLine, Tender
from huoshui.intake.tills.tests.counter import STORE, Counter
from huoshui.people import api as people
from huoshui.trade.sales import api as sales

CUSTOMERS = st.integers(0, 3)
LINES = st.lists(
    st.tuples(st.sampled_from(["P1", "P2", "P3"]), st.integers(1, 4), st.integers(0, 9_999)),
    min_size=1,
    max_size=3,
)
COUPON = 300  # what each coupon takes off


@dataclass
class Order:
    """An order as the model knows it: what is left of each line, in pieces and money."""

    customer: int
    key: str
    pieces: list[int]
    money: list[int]
    points_paid: int
    total: int
    sold: list[int]
    sold_money: list[int]
    coupon: str = ""
    points: int = 0  # as granted so far
    points_back: int = 0
    returned: int = 0

    @property
    def left(self) -> int:
        return sum(self.money)

    @property
    def is_empty(self) -> bool:
        return not any(self.pieces) and not any(self.money)

    @property
    def keeps_its_coupon(self) -> bool:
        """Until all its money is given back; of an order that cost nothing, all its goods."""
        return bool(self.left if self.total else any(self.pieces))


@dataclass
class Told:
    """A command that was carried out, to be told again."""

    again: Callable[[], list[Outcome]]
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def was_refused(self) -> bool:
        return self.outcomes[0].state == "refused"


class SaleChain(RuleBasedStateMachine):
    @initialize()
    def open(self) -> None:
        brand.ensure_headquarters("总部")
        brand.unit_ids([STORE])
        self.till = Counter().till
        self.at = clock.now() + timedelta(minutes=1)
        self.counters = [Counter(self.till, self.at) for _ in range(4)]
        known = tills.sell(self.till, [c.sale(SaleLine("P1", 1000, 0)) for c in self.counters])
        self.persons = [one.person_id or 0 for one in known]
        self.points: Count[int] = Count()  # customer → points he should have, debts counted
        self.orders: list[Order] = []
        self.touched: list[Order] = []
        self.told: list[Told] = []
        self.link: dict[tuple[int, int], int] = {}
        self.coupons: dict[str, str] = {}  # code → 'held' | 'used'
        self.template = self._template()

    def _template(self) -> int:
        offer = {
            "benefit": {"kind": "amount_off", "amount": COUPON},
            "threshold": {"amount": COUPON},
            "validity": {"first": "2020-01-01", "last": "2099-12-31"},
            "has_budget": True,
        }
        with transaction.atomic():
            template_id = campaigns.create_template(title=f"券{number()}", rule=offer, actor=SYSTEM)
            campaigns.publish_template(template_id=template_id, actor=SYSTEM)
            campaigns.fund(template_id=template_id, amount=10**9, key="all", actor=SYSTEM)
        return template_id

    # ── what happens ──────────────────────────────────────────────────────────────────────────────────────────────

    @rule(
        customer=CUSTOMERS,
        lines=LINES,
        share=st.integers(0, 120),
        offline=st.booleans(),
        coupon=st.booleans(),
    )
    def sell(
        self, customer: int, lines: list[tuple[str, int, int]], share: int, offline: bool, coupon: bool
    ) -> None:
        code = self._claim(customer) if coupon and sum(m for _, _, m in lines) >= COUPON else ""
        sale = self._sale(customer, lines, code)
        total = sum(x.amount for x in sale.lines)
        has = max(self._spendable(customer), 0)
        # A point pays a cent. Now and then more than he has
        paid = min(total * share // 100, has + 50, total)
        sale = self._tendered(replace(sale, is_offline=offline), total, paid)
        (outcome,) = self._tell(lambda: tills.sell(self.till, [sale]))
        if paid > has and not offline:
            assert [r.code for r in outcome.refusals] == ["points_short"], outcome
            assert sales.order_state(self.till.source_id, sale.order_key) is None
            return
        assert outcome.state == "settled", outcome
        self._record(customer, sale, paid, code)

    @precondition(lambda self: any(not o.is_empty for o in self.orders))
    @rule(data=st.data(), whole=st.booleans())
    def refund(self, data: st.DataObject, whole: bool) -> None:
        order = data.draw(st.sampled_from([o for o in self.orders if not o.is_empty]))
        if whole:
            self._back(
                order, (), [(n, p, m) for n, (p, m) in enumerate(zip(order.pieces, order.money, strict=True))]
            )
            return
        line = data.draw(st.sampled_from([n for n, p in enumerate(order.pieces) if p] or [0]))
        if not order.pieces[line]:
            return
        pieces = data.draw(st.integers(1, order.pieces[line]))
        asked = (RefundLine(line_no=line + 1, quantity_milli=pieces * 1000),)
        self._back(order, asked, [(line, pieces, self._share(order, line, pieces))])

    @precondition(lambda self: any(o.left for o in self.orders))
    @rule(data=st.data(), amount=st.integers(1, 5_000))
    def refund_money(self, data: st.DataObject, amount: int) -> None:
        order = data.draw(st.sampled_from([o for o in self.orders if o.left]))
        command = self.counters[0].refund_of(order.key, amount=amount)
        (outcome,) = self._tell(lambda: tills.refund(self.till, [command]))
        if amount > order.left:
            assert {r.code for r in outcome.refusals} == {"refund_exceeds"}, outcome
            return
        assert -outcome.amount == amount
        self._take(order, [(n, 0, m) for n, m in _spread(order.money, amount)])

    @precondition(lambda self: any(any(o.pieces) for o in self.orders))
    @rule(data=st.data(), lines=LINES)
    def exchange(self, data: st.DataObject, lines: list[tuple[str, int, int]]) -> None:
        order = data.draw(st.sampled_from([o for o in self.orders if any(o.pieces)]))
        line = next(n for n, p in enumerate(order.pieces) if p)
        new = self._sale(order.customer, lines, "")
        swap = Exchange(
            f"x{number()}", order.key, self.at, (RefundLine(line_no=line + 1, quantity_milli=1000),), new
        )
        back, out = self._tell(lambda: tills.exchange(self.till, swap))
        given_back = self._share(order, line, 1)
        assert (back.amount, out.state) == (-given_back, "settled"), (back, out)
        self._take(order, [(line, 1, given_back)])
        self._record(order.customer, new, 0, "")

    @precondition(lambda self: self.orders)
    @rule(data=st.data())
    def void(self, data: st.DataObject) -> None:
        order = data.draw(st.sampled_from(self.orders))
        key = f"v{number()}"
        (outcome,) = self._tell(lambda: [tills.void(self.till, key=key, order_key=order.key, at=self.at)])
        is_touched = order.returned or order.pieces != order.sold or order.money != order.sold_money
        if order.returned:
            assert outcome.state == "refused", outcome
        if not is_touched:
            assert outcome.state == "settled", outcome
        if outcome.state == "refused":
            return
        self._take(order, [(n, p, m) for n, (p, m) in enumerate(zip(order.pieces, order.money, strict=True))])

    @precondition(lambda self: any(not t.was_refused for t in self.told))
    @rule(data=st.data())
    def tell_again(self, data: st.DataObject) -> None:
        """What was carried out is answered alike; what was refused may be had now, and is left."""
        told = data.draw(st.sampled_from([t for t in self.told if not t.was_refused]))
        again = told.again()
        for before, now in zip(told.outcomes, again, strict=True):
            assert now.is_repeat, now
            assert (now.fact_id, now.amount) == (before.fact_id, before.amount)

    @rule(a=CUSTOMERS, b=CUSTOMERS)
    def merge(self, a: int, b: int) -> None:
        low, high = sorted((a, b))
        if low == high or (low, high) in self.link or self._cluster(low) & {high}:
            return
        with transaction.atomic():
            self.link[low, high] = people.merge(
                person_a=self._person(low), person_b=self._person(high), reason="同一个人", actor=SYSTEM
            )

    @precondition(lambda self: self.link)
    @rule(data=st.data())
    def part(self, data: st.DataObject) -> None:
        pair = data.draw(st.sampled_from(sorted(self.link)))
        with transaction.atomic():
            people.unmerge(link_id=self.link.pop(pair), reason="弄错了", actor=SYSTEM)

    # ── what must be ──────────────────────────────────────────────────────────────────────────────────────────────

    @invariant()
    def points_are_what_the_model_says(self) -> None:
        """Together: of two who were one for a while, one may have spent what the other earned. And nobody holds points
        while he owes some: the next earning repays what is owed."""
        rows = sql.fetch(_HELD, person_ids=self.persons)
        assert sum(r.balance for r in rows) == self.points.total()
        assert not {r.owner_id for r in rows if r.balance < 0} & {r.owner_id for r in rows if r.balance > 0}

    @invariant()
    def orders_are_what_the_model_says(self) -> None:
        """Those this step had to do with; the others are looked at when all is over."""
        self._check_orders(self.touched)
        self.touched.clear()

    def _check_orders(self, orders: list[Order]) -> None:
        for order in orders:
            state = sales.order_state(self.till.source_id, order.key)
            assert state is not None
            assert [x.left for x in state.lines] == order.money
            assert [x.left_milli for x in state.lines] == [p * 1000 for p in order.pieces]

    @invariant()
    def coupons_are_used_by_one_order_each(self) -> None:
        used = [o.coupon for o in self.orders if o.coupon and o.keeps_its_coupon]
        assert len(used) == len(set(used))
        left = sql.fetch_one(_BUDGET, template_id=self.template).balance
        assert 10**9 - left == COUPON * len(used)

    def teardown(self) -> None:
        if hasattr(self, "template"):
            self._check_orders(self.orders)
            check_books()

    # ── the model ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _record(self, customer: int, sale: Sale, paid: int, code: str) -> None:
        order = Order(
            customer=customer,
            key=sale.order_key,
            pieces=[x.quantity_milli // 1000 for x in sale.lines],
            money=[x.amount for x in sale.lines],
            points_paid=paid,
            total=sum(x.amount for x in sale.lines),
            sold=[x.quantity_milli // 1000 for x in sale.lines],
            sold_money=[x.amount for x in sale.lines],
            coupon=code,
        )
        self.orders.append(order)
        self.touched.append(order)
        self.points[customer] -= paid
        self._regrant(order)

    def _regrant(self, order: Order) -> None:
        """An order is worth a point for each whole yuan of money that stays, points tendered apart."""
        worth = (order.left - (order.points_paid - order.points_back)) // 100
        self.points[order.customer] += worth - order.points
        order.points = worth

    def _take(self, order: Order, backs: list[tuple[int, int, int]]) -> None:
        self.touched.append(order)
        for line, pieces, money in backs:
            order.pieces[line] -= pieces
            order.money[line] -= money
            order.returned += money
        back = order.points_paid * order.returned // order.total if order.total else 0
        self.points[order.customer] += back - order.points_back
        order.points_back = back
        self._regrant(order)

    def _share(self, order: Order, line: int, pieces: int) -> int:
        if pieces == order.pieces[line]:
            return order.money[line]
        gone = order.sold[line] - order.pieces[line]
        whole, sold = order.sold_money[line], order.sold[line]
        return min(whole * (gone + pieces) // sold - whole * gone // sold, order.money[line])

    def _back(self, order: Order, asked: tuple[RefundLine, ...], backs: list[tuple[int, int, int]]) -> None:
        command = self.counters[0].refund_of(order.key, *asked)
        (outcome,) = self._tell(lambda: tills.refund(self.till, [command]))
        assert outcome.state == "settled", outcome
        assert -outcome.amount == sum(m for _, _, m in backs)
        self._take(order, backs)

    # ── the world ─────────────────────────────────────────────────────────────────────────────────────────────────

    def _tell(self, work: Callable[[], list[Outcome]]) -> list[Outcome]:
        outcomes = work()
        self.told.append(Told(work, outcomes))
        return outcomes

    def _sale(self, customer: int, lines: list[tuple[str, int, int]], code: str) -> Sale:
        """Of what lines cost, the coupon takes its part by the same running shares as the rule."""
        amounts = [m for _, _, m in lines]
        off = dict(_spread(amounts, COUPON)) if code else {}
        told = [
            SaleLine(sku, pieces * 1000, m - off.get(n, 0), off.get(n, 0), off.get(n, 0))
            for n, (sku, pieces, m) in enumerate(lines)
        ]
        use = (CouponUse(code, COUPON),) if code else ()
        return replace(self.counters[customer].sale(*told), coupons=use)

    def _tendered(self, sale: Sale, total: int, paid: int) -> Sale:
        if not paid:
            return sale
        return replace(sale, tenders=(Tender("points", paid, paid), Tender("cash", total - paid)))

    def _spendable(self, customer: int) -> int:
        own = self._own(customer)
        return loyalty.usable([own])[own]

    def _claim(self, customer: int) -> str:
        with transaction.atomic():
            claim = campaigns.Claim(self.template, self._own(customer), f"c{number()}")
            (verdict,) = campaigns.claim([claim], actor=SYSTEM)
        return verdict.code

    def _own(self, customer: int) -> int:
        return self.persons[customer]

    def _person(self, customer: int) -> int:
        return people.canonical_id(self._own(customer))

    def _cluster(self, customer: int) -> set[int]:
        canonical = people.canonical_ids(self.persons)
        own = canonical[self._own(customer)]
        return {n for n in range(4) if canonical[self._own(n)] == own}


def _spread(amounts: list[int], amount: int) -> list[tuple[int, int]]:
    total, before, out = sum(amounts), 0, []
    for n, each in enumerate(amounts):
        upto = before + each
        out.append((n, amount * upto // total - amount * before // total if total else 0))
        before = upto
    return out


_HELD = sql.Statement(
    "held",
    "select owner_id, balance from account where unit = 'points' and owner_kind = 'person'"
    " and owner_id = any(%(person_ids)s::bigint[])",
)
_BUDGET = sql.Statement(
    "budget",
    "select coalesce(sum(balance), 0) as balance from account"
    " where unit = 'budget' and owner_kind = 'template' and owner_id = %(template_id)s",
)
