"""Whatever happens in whichever order: a lead has one holder at most, none is lost, the table is its replay, closing again changes
nothing, and what is owed is what the bills that entered say of the orders as they stand."""

from __future__ import annotations

from collections import Counter
from typing import Any

import hypothesis.strategies as st
import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.errors import Refused
from huoshui.core.tests.ground import clean_tables, number
from huoshui.trade.bonds.tests.world import no_waiting
from huoshui.trade.commission import api as commission
from huoshui.trade.commission.tests.world import BOSS, check_books
from huoshui.trade.leads import api as leads
from huoshui.trade.leads import rules
from huoshui.trade.leads.tests.world import Leads, every, world

__all__ = ["clean_tables", "no_waiting", "world"]

_few = st.integers(0, 5)
_verbs = [
    "make",
    "make",
    "take",
    "take",
    "take",
    "buy",
    "buy",
    "bounce",
    "move",
    "lose",
    "recall",
    "offer",
    "wait",
    "long",
]
_verbs += ["back", "object", "bad", "decide", "rules", "follow", "follow"]
_steps = st.lists(st.tuples(st.sampled_from(_verbs), _few, _few), min_size=10, max_size=18)
_RULES: tuple[dict[str, Any], ...] = (
    {"fee_permille": 37, "fee_cap": 300, "object_days": 1, "accept_minutes": 30},
    {"fee_permille": 91, "lead_price": 77, "free_leads": 1, "object_days": 2, "most_tries": 1},
    {"lead_price": 50, "capacity": 2, "object_days": 0, "window_days": 3},
)
_EVENTS = sql.Statement("events_all", "select count(*) as n from lead_event")
_BILLS = sql.Statement(
    "bills_all", "select dealer_id, order_id, amount, permille, cap from lead_bill where state = 'entered'"
)


class Story:
    def __init__(self, world: Leads) -> None:
        self.world, self.tag = world, number()
        self.made: list[int] = []
        self.orders: list[str] = []
        self.cards: dict[int, str] = {}

    def one(self) -> list[leads.Lead]:
        return [lead for lead in every() if lead.id in self.made]

    def step(self, verb: str, a: int, b: int) -> None:
        world = self.world
        there = self.one()
        lead = there[a % len(there)] if there else None
        dealer = world.shops.owner(b % 2)
        if lead is not None and lead.dealer_id is not None and b != 5:
            dealer = world.holder(lead.id)
        match verb:
            case "make":
                card = f"p{self.tag}-{a}"
                self.cards[made := world.lead(card)] = card
                self.made.append(made)
            case "wait":
                world.minutes += 25
            case "long":
                world.today += 1 + a
            case "rules":
                world.rules(**_RULES[a % len(_RULES)])
            case "follow":
                world.follow()
            case "buy" if lead is not None:
                self.orders.append(key := f"k{number()}")
                place = world.shops.dealers.index(next(iter(dealer.org_unit_ids)))
                world.buy(self.cards[lead.id], place, None, key=key, amount=3_333)
            case "back" if self.orders:
                world.give_back(self.orders[a % len(self.orders)], 700)
            case "decide":
                self.decide(stands=bool(a % 2))
            case _ if lead is not None:
                # By a dealer that may have nothing to do with it: then it must be refused
                before = world.said(lead.id)
                try:
                    with transaction.atomic():
                        self.say(verb, lead, dealer)
                except Refused:
                    assert world.said(lead.id) == before

    def say(self, verb: str, lead: leads.Lead, dealer: Any) -> None:
        match verb:
            case "take":
                leads.accept(lead.id, actor=dealer)
            case "bounce":
                leads.bounce(lead.id, reason="忙", actor=dealer)
            case "move":
                leads.move(lead.id, stage="报价", actor=dealer)
            case "lose":
                leads.lose(lead.id, reason="不要了", actor=dealer)
            case "recall":
                leads.recall([lead.id], reason="收回", actor=BOSS)
            case "offer":
                leads.offer([lead.id], dealer_id=next(iter(dealer.org_unit_ids)), reason="给", actor=BOSS)
            case "bad":
                leads.claim_bad(lead.id, kind="duplicate", said="有了", actor=dealer)
            case "object":
                for bill in leads.bills(SYSTEM):
                    if bill.lead_id == lead.id:
                        leads.object_to(bill.id, said="不对", actor=dealer)

    def decide(self, *, stands: bool) -> None:
        for claim in leads.claims(SYSTEM, states=["open"])[:1]:
            with transaction.atomic():
                leads.decide_claim(claim.id, granted=stands, reason="查过", actor=BOSS)
        for bill in leads.bills(SYSTEM, states=["objected"])[:1]:
            with transaction.atomic():
                leads.decide_bill(bill.id, stands=stands, reason="查过", actor=BOSS)

    def holds(self) -> None:
        there = self.one()
        assert sorted(lead.id for lead in there) == sorted(self.made), "no lead is lost"
        for lead in there:
            events = leads.events(SYSTEM, lead.id)
            assert rules.replay(events) == lead.now
            assert all(e.actor and e.at for e in events)
        # Of one human at most one lead is in somebody's hands, but where one was called back to life
        last = Counter(lead.person_id for lead in there if lead.state in ("new", "offered", "held"))
        revived = any(e.kind == "recalled" for lead in there for e in leads.events(SYSTEM, lead.id))
        assert revived or all(n == 1 for n in last.values())

    def owed(self) -> dict[int, int]:
        rows = sql.fetch(_BILLS)
        nets = commission.nets([r.order_id for r in rows if r.order_id is not None])
        found: Counter[int] = Counter()
        for r in rows:
            if r.order_id is None:
                found[r.dealer_id] += r.amount
            else:
                found[r.dealer_id] += rules.fee(nets.get(r.order_id, 0), permille=r.permille, cap=r.cap)
        return {dealer: amount for dealer, amount in found.items() if amount}


@pytest.mark.django_db(transaction=True)
@given(steps=_steps)
@settings(
    max_examples=8,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_whatever_happens(world: Leads, steps: list[tuple[str, int, int]]) -> None:
    world.rules(**_RULES[0])
    story = Story(world)
    for step in [("make", 0, 0), ("make", 1, 0), ("follow", 0, 0), ("take", 0, 0), *steps]:
        story.step(*step)
    story.holds()
    world.follow()
    before = every(), sql.fetch_one(_EVENTS).n, world.fees()
    world.follow()
    assert (every(), sql.fetch_one(_EVENTS).n, world.fees()) == before, "a second look changes nothing"
    story.holds()
    assert world.fees() == story.owed()
    check_books()
