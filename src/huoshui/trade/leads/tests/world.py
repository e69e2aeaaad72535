"""Two dealers and head office, people who want something, and what they buy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.facts import api as facts
from huoshui.core.tests.ground import Told, number, receive
from huoshui.people import api as people
from huoshui.trade.bonds.tests.world import day, open_shops
from huoshui.trade.commission import api as commission
from huoshui.trade.commission.tests.world import BOSS, World
from huoshui.trade.leads import api as leads

_EVERY = sql.Statement(
    "every",
    "select id, source, person_id, wants, district, org_unit_id, brought_kind, brought_by, batch_id, fact_id, same_as_id,"
    " made_at, state, dealer_id, store_id, desk_id, stage, until, held_at, tries, order_id, no from lead order by id",
)
FEES = sql.Statement(
    "fees",
    "select p.payer_id, coalesce(sum(e.amount), 0)::bigint as amount from commission_entry e"
    " join commission_party p on p.id = e.party_id where e.kind = 'lead_fee' and p.payee_id = 0 group by 1 order by 1",
)


class Leads(World):
    """With a clock in minutes beside the days of the sales."""

    minutes = 0

    def now(self) -> datetime:
        return day(self.today) + timedelta(minutes=self.minutes)

    def rules(self, **params: Any) -> int:
        with transaction.atomic():
            return leads.set_rules(params, reason="定", actor=BOSS)

    def person(self, card: str) -> int:
        told = Told(f"w{number()}", name="Viewed", at=self.now(), identifiers=(("card_no", card),))
        with transaction.atomic():
            (fact_id,) = receive([told], self.source).fact_ids
            facts.mark_settled([fact_id], people.resolve([fact_id], actor=SYSTEM))
        found = people.find("card_no", card)
        assert found is not None
        people.refresh_cards()
        return found

    def lead(self, card: str, **more: Any) -> int:
        key = more.pop("key", f"l{number()}")
        draft = leads.Draft(key, more.pop("source", "form"), self.person(card), self.now(), **more)
        with transaction.atomic():
            return leads.make([draft], actor=SYSTEM)[key]

    def give_out(self) -> int:
        return leads.tend()

    def said(self, lead_id: int) -> leads.Lead:
        with transaction.atomic():
            return leads.find(SYSTEM, lead_id)

    def holder(self, lead_id: int) -> Actor:
        dealer = self.said(lead_id).dealer_id
        assert dealer is not None
        return self.shops.owner(self.shops.dealers.index(dealer))

    def take(self, lead_id: int) -> Actor:
        who = self.holder(lead_id)
        with transaction.atomic():
            leads.accept(lead_id, actor=who)
        return who

    def follow(self) -> None:
        self.read()
        leads.follow()
        commission.work_off()

    def fees(self) -> dict[int, int]:
        return {r.payer_id: r.amount for r in sql.fetch(FEES) if r.amount}


def every() -> list[leads.Lead]:
    return sql.fetch_as(leads.Lead, _EVERY)


@pytest.fixture
def world(clean_tables: None, no_waiting: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Leads]:
    with transaction.atomic():
        made = Leads(open_shops())
    monkeypatch.setattr(clock, "now", made.now)
    yield made
