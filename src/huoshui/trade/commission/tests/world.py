"""Two dealers' stores with guides, rules of each, and sales that settle as the river settles them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import Source
from huoshui.core.ledger import api as ledger
from huoshui.core.tests.ground import Line, Told, a_source, number, receive, refund, sale
from huoshui.people import api as people
from huoshui.trade.bonds import api as bonds
from huoshui.trade.bonds.tests.world import Shops, day, open_shops
from huoshui.trade.codes import api as codes
from huoshui.trade.commission import api as commission
from huoshui.trade.sales import api as sales

_SERVED = sql.Statement("served", "update fact_order set staff_id = %(staff_id)s where fact_id = %(fact_id)s")
_BODY = sql.Statement("body", "update fact set body = %(body)s::jsonb where id = %(fact_id)s")
_SUMS = sql.Statement(
    "sums",
    "select p.payee_kind, p.payee_id, p.payer_id, e.kind, sum(e.amount)::bigint as amount from commission_entry e"
    " join commission_party p on p.id = e.party_id group by 1, 2, 3, 4 having sum(e.amount) <> 0 order by 1, 2, 3, 4",
)
_PARTIES = sql.Statement(
    "party_sums",
    "select p.id, coalesce(sum(e.amount), 0)::bigint as amount,"
    " coalesce(sum(e.amount) filter (where e.is_frozen), 0)::bigint as frozen"
    " from commission_party p left join commission_entry e on e.party_id = p.id group by 1",
)
_HELD = sql.Statement(
    "held",
    "select owner_id, sum(balance)::bigint as balance, coalesce(sum(balance) filter (where bucket = 'held'), 0)::bigint as held"
    " from account where unit = 'payable' and owner_kind = 'payee' group by 1",
)


class World:
    def __init__(self, shops: Shops) -> None:
        self.shops, self.source = shops, a_source()
        self.today = 0.0

    def buy(
        self,
        card: str | None,
        dealer: int,
        guide: int | None,
        amount: int = 10_000,
        *,
        at: float | None = None,
        **more: Any,
    ) -> int:
        store = self.shops.own if dealer < 0 else self.shops.stores[dealer][0]
        told = sale(
            more.pop("key", f"o{number()}"),
            *more.pop("lines", (Line(amount=amount),)),
            at=day(self.today if at is None else at),
            identifiers=(("card_no", card),) if card else (),
            store=store,
            **more,
        )
        return self.settle(told, guide)

    def give_back(self, of: str, *amounts: int) -> int:
        lines = [Line(amount=-a, quantity_milli=0) for a in amounts]
        return self.settle(refund(f"r{number()}", of, *lines, at=day(self.today)), None)

    def settle(self, told: Told, guide: int | None, source: Source | None = None) -> int:
        with transaction.atomic():
            (fact_id,) = receive([told], source or self.source).fact_ids
            if guide is not None:
                sql.run(_SERVED, staff_id=self.shops.guides[guide], fact_id=fact_id)
            claimed = facts.claimed_by(facts.ask_to_claim([fact_id]))
            facts.mark_settled(claimed.fact_ids, people.resolve(claimed.fact_ids, actor=SYSTEM))
            sales.record(claimed.orders, with_kin=claimed.orders_with_kin)
        return int(fact_id)

    def scan(self, code: codes.Code, card: str, *, at: float | None = None) -> int:
        told = Told(
            f"s{number()}",
            name="Code Scanned",
            at=day(self.today if at is None else at),
            identifiers=(("card_no", card),),
        )
        body = {"code": code.handle, "store_id": code.store_id, "guide_id": code.guide_id}
        with transaction.atomic():
            # Only our own door names places by our ids
            own = facts.ensure_source(name="codes", label="扫码入会", mode="live")
            (fact_id,) = receive([told], own).fact_ids
            sql.run(_BODY, fact_id=fact_id, body=json.dumps({k: v for k, v in body.items() if v}))
            facts.mark_settled([fact_id], people.resolve([fact_id], actor=SYSTEM))
        return int(fact_id)

    def code(self, guide: int) -> codes.Code:
        store = self.shops.stores[guide // 2][guide % 2]
        with transaction.atomic():
            made = codes.make(codes.Draft("guide", "码", store, self.shops.guides[guide]), actor=SYSTEM)
        return codes.of(SYSTEM, made).code

    def recommends(self, card: str) -> codes.Code:
        person = people.find("card_no", card)
        assert person is not None
        people.refresh_cards()
        with transaction.atomic():
            made = codes.make(codes.Draft("recommender", "推荐", person_id=person), actor=SYSTEM)
        return codes.of(SYSTEM, made).code

    def employer(self, dealer: int, **params: Any) -> int:
        with transaction.atomic():
            return commission.set_employer_rules(
                self.shops.dealers[dealer], params, reason="定", actor=self.shops.owner(dealer)
            )

    def brand(self, **params: Any) -> int:
        with transaction.atomic():
            return commission.set_brand_rules(params, reason="定", actor=BOSS)

    def read(self) -> int:
        codes.read()
        bonds.read(now=day(self.today))
        return commission.read()

    def guide(self, number: int) -> Actor:
        store = self.shops.stores[number // 2][number % 2]
        return Actor("staff", self.shops.guides[number], "导购", frozenset({"guide"}), frozenset({store}))


BOSS = Actor("staff", 901, "老板", frozenset({"boss"}))


@pytest.fixture
def world(clean_tables: None, no_waiting: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    with transaction.atomic():
        made = World(open_shops())
    monkeypatch.setattr(clock, "now", lambda: day(made.today) + timedelta(hours=1))
    yield made


def owed() -> dict[tuple[str, int, int, str], int]:
    """(payee's kind and id, payer, kind of money) → what was written, where it is not nothing."""
    return {(r.payee_kind, r.payee_id, r.payer_id, r.kind): r.amount for r in sql.fetch(_SUMS)}


def check_books() -> None:
    """What is written and what the ledger holds are the same, frozen and posted."""
    held = {r.owner_id: (r.balance, r.held) for r in sql.fetch(_HELD)}
    for r in sql.fetch(_PARTIES):
        assert held.get(r.id, (0, 0)) == (r.amount, r.frozen)
    assert all(unit.is_clean for unit in ledger.audit_units())
    transfers, explained = ledger.explained()
    assert transfers == explained
