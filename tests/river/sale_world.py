"""The shop that the sale machine plays in: its customers, coupons and shelves, and the model beside it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import time_machine
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize

from huoshui.brand import api as brand
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger.api import GoodsLine
from huoshui.core.tests.ground import NOON, number
from huoshui.engage.campaigns import api as campaigns
from huoshui.engage.loyalty import api as loyalty
from huoshui.intake.river.tests.world import check_books
from huoshui.intake.tills import api as tills
from huoshui.intake.tills.api import Outcome, SaleLine
from huoshui.intake.tills.tests.counter import Counter
from huoshui.people import api as people
from huoshui.trade.sales import api as sales
from huoshui.trade.sales.api import OrderState
from tests.river import books
from tests.river.model import COUPON, Book, Order, Part, Row

KEPT = "P3"  # what is not there is not sold: an ask is refused
SKUS = ("P1", "P2", KEPT)
CUSTOMERS = st.integers(0, 3)
MONEY = st.integers(0, 9_999) | st.integers(10_000, 99_999)
LINE = st.tuples(st.sampled_from(SKUS), st.integers(1, 4), MONEY)
LINES = st.lists(LINE, min_size=1, max_size=3)
Line = tuple[str, int, int]  # product, pieces, money
Lines = list[Line]


@dataclass
class Told:
    """A command that was carried out, to be told again."""

    again: Callable[[], list[Outcome]]
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def was_refused(self) -> bool:
        return self.outcomes[0].state == "refused"


class World(RuleBasedStateMachine):
    @initialize(file=st.integers(0, 4))
    def open(self, file: int) -> None:
        self.may_read_a_file = file == 0  # it takes a tenth of a second and more
        self.delivered: list[Any] = []
        self.book = Book()
        self.touched: list[Order] = []
        self.told: list[Told] = []
        self.links: list[int] = []
        self.codes: dict[int, list[str]] = {n: [] for n in range(4)}
        self.tiers_are_fresh = True
        self.clock: Any = None
        self.begins_after = books.last_fact()
        self.go_to(0)
        brand.ensure_headquarters("总部")
        self.store = f"S{number()}"  # with shelves of its own
        (self.store_id,) = brand.unit_ids([self.store]).values()
        skus = brand.find_or_add_skus(dict.fromkeys(SKUS, ""))
        self.sku_ids = [skus[code].id for code in SKUS]
        self.till = Counter().till
        self.source = facts.source_of(self.till.source_id)
        self.counters = [Counter(self.till, self.at) for _ in range(4)]
        self._know_customers()
        self.go_to(1)
        self.template = self._template()
        self.add_funds(9 * COUPON)
        ledger.set_policy(org_unit_id=self.store_id, sku_id=self.sku_ids[-1], policy="strict", actor=SYSTEM)
        self.add_goods(4)

    def _know_customers(self) -> None:
        """Each has bought something a year ago, so that he pays with points of two years."""
        first = [c.sale(SaleLine("P1", 1000, 10_000), store_code=self.store) for c in self.counters]
        self.persons = [one.person_id or 0 for one in tills.sell(self.till, first)]
        for customer, sale in enumerate(first):
            self.book.tell(sale.order_key, Part((Row("1", "P1", 1, 10_000),), customer))

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
        return template_id

    def teardown(self) -> None:
        try:
            # What was found on the way is what is told
            if hasattr(self, "template") and not isinstance(sys.exc_info()[1], Exception):
                self.check_orders(list(self.book.orders.values()))
                assert not (found := books.wrong(self.begins_after)), found
                check_books()
        finally:
            if hasattr(self, "clock"):
                self.clock.stop()

    # ── time ──────────────────────────────────────────────────────────────────────────────────────────────────────

    def instant(self, day: int) -> datetime:
        """The machine's days are a year apart, so that points expire between the first and the third."""
        return self.at if day == self.day else NOON + timedelta(days=365 * day, minutes=1)

    def go_to(self, day: int) -> None:
        self.day = day
        self.at = NOON + timedelta(days=365 * day, minutes=2)
        if self.clock is not None:
            self.clock.stop()
        self.clock = time_machine.travel(self.at - timedelta(minutes=1))
        self.clock.start()

    # ── what is there ─────────────────────────────────────────────────────────────────────────────────────────────

    def add_funds(self, amount: int) -> None:
        with transaction.atomic():
            campaigns.fund(template_id=self.template, amount=amount, key=f"f{number()}", actor=SYSTEM)
        self.book.funded += amount

    def add_goods(self, pieces: int) -> None:
        line = GoodsLine(self.sku_ids[-1], pieces * 1000)
        with transaction.atomic():
            ledger.receive_goods(key=f"g{number()}", org_unit_id=self.store_id, lines=[line], actor=SYSTEM)
        self.book.shelf[KEPT] += pieces

    def pick_code(self, customer: int, pick: int) -> str:
        """One he had before, which may be used or free again, or a new one."""
        known = self.codes[customer]
        return known[pick] if pick < len(known) else self._claim(customer)

    def _claim(self, customer: int) -> str:
        with transaction.atomic():
            claim = campaigns.Claim(self.template, self.persons[customer], f"c{number()}")
            (verdict,) = campaigns.claim([claim], actor=SYSTEM)
        if self.book.budget <= 0:
            assert verdict.refusal == "coupon_budget_spent", verdict
            return ""
        assert verdict.code, verdict
        self.codes[customer].append(verdict.code)
        self.book.holder[verdict.code] = ""
        return verdict.code

    def spendable(self, customer: int) -> int:
        own = self.persons[customer]
        return loyalty.usable([own])[own]

    # ── who is who ────────────────────────────────────────────────────────────────────────────────────────────────

    def join(self, a: int, b: int) -> int:
        heads = [people.canonical_id(self.persons[n]) for n in (a, b)]
        self.tiers_are_fresh = False
        with transaction.atomic():
            return people.merge(person_a=heads[0], person_b=heads[1], reason="同一个人", actor=SYSTEM)

    def unjoin(self, link_id: int) -> None:
        self.tiers_are_fresh = False
        with transaction.atomic():
            people.unmerge(link_id=link_id, reason="弄错了", actor=SYSTEM)

    def cluster(self, customer: int) -> set[int]:
        return self.clusters()[customer]

    def clusters(self) -> list[set[int]]:
        """All ids of the human that each customer is now."""
        if not self.links:
            return [{n} for n in range(4)]
        heads = people.canonical_ids(self.persons)
        own = [heads[person_id] for person_id in self.persons]
        return [{n for n in range(4) if own[n] == head} for head in own]

    # ── orders ────────────────────────────────────────────────────────────────────────────────────────────────────

    def tell(self, work: Callable[[], list[Outcome]]) -> list[Outcome]:
        outcomes = work()
        self.told.append(Told(work, outcomes))
        return outcomes

    def record(self, key: str, part: Part, day: int = 0) -> None:
        order = self.book.tell(key, part, day)
        if order not in self.touched:
            self.touched.append(order)

    def state_of(self, key: str) -> OrderState | None:
        return sales.order_state(self.till.source_id, key)

    def returnable(self) -> list[Order]:
        return [o for o in self.book.orders.values() if not o.is_empty and o.is_plain]

    def draw(self, data: st.DataObject, orders: Sequence[Order]) -> Order:
        """One of these. It is told by its number, for a failure shows what was drawn."""
        return self.book.orders[data.draw(st.sampled_from([order.key for order in orders]))]

    def check_orders(self, orders: list[Order]) -> None:
        """Lines, and what each has earned and was paid with in points."""
        ids: dict[int, Order] = {}
        for order in orders:
            state = self.state_of(order.key)
            assert state is not None
            expected = [(x.key, x.money, x.pieces * 1000) for x in order.lines()]
            assert [(x.line_key, x.left, x.left_milli) for x in state.lines] == expected, order
            ids[state.sale_id] = order
        moved = books.moved(list(ids))
        for sale_id, order in ids.items():
            assert moved.get(sale_id, (0, 0)) == (order.earned, order.paid), order
