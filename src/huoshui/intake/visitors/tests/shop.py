"""Two dealers' stores, a web shop, and people who look and do not buy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
from django.db import transaction

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.facts import api as facts
from huoshui.core.tests.ground import a_source, clean_tables, number, wait_for_readers
from huoshui.intake.river import api as river
from huoshui.intake.tills import api as tills
from huoshui.intake.visitors import api as visitors
from huoshui.intake.visitors.types import BASKET_LEFT, BOUGHT_AFTER_ALL, SCAN_LEFT

__all__ = ["Shop", "clean_tables", "shop"]

HOUR = timedelta(hours=1)
DERIVED = (BASKET_LEFT, SCAN_LEFT, BOUGHT_AFTER_ALL)

_NAMED = sql.Statement(
    "named",
    "select f.id, f.name, f.body, f.occurred_at, s.person_id, s.state from fact f join settlement s on s.fact_id = f.id"
    " where f.name = any(%(names)s::text[]) order by f.id",
)


@dataclass
class Shop:
    units: dict[str, int]
    now: datetime = field(default_factory=clock.now)

    def person(self) -> tuple[int, str]:
        """Somebody known by a card: the id, and the card."""
        card = f"card-{number()}"
        item = river.Item("Identify", f"i{number()}", self.now, (("card_no", card),))
        source = facts.ensure_source(name="list", label="名单", mode="live")
        [verdict] = river.submit([item], source=source, actor=SYSTEM)
        row = sql.Statement("person", "select person_id from settlement where fact_id = %(fact_id)s")
        return int(sql.fetch_one(row, fact_id=verdict.fact_id).person_id), card

    def track(
        self, person_id: int | None, event: str, hours_ago: float, *, source: Any = None, **values: Any
    ) -> int:
        """A tracked event, as its door leaves it: settled, and committed."""
        n = number()
        told = facts.Told(
            names=[event], keys=[f"t{n}"], hashes=[f"{n:032x}"], times=[self.now - hours_ago * HOUR],
            person_ids=[person_id], settled=[True],
            bodies=[json.dumps({"type": "track", "properties": values}).encode()],
        )  # fmt: skip
        with transaction.atomic():
            source = source or facts.ensure_source(name="track:web", label="商城", mode="live")
            [fact_id] = facts.take_in(told, source=source, received_at=clock.now(), actor=SYSTEM)
        return fact_id

    def count(self, store: str, hours_ago: float, came: int, **more: Any) -> int:
        began = self.now.replace(minute=0, second=0, microsecond=0) - hours_ago * HOUR
        said = {"store": store, "from": began.isoformat(), "to": (began + HOUR).isoformat(), "in": came}
        return self.fact("Visitors Counted", said | more)

    def fact(self, name: str, body: dict[str, Any]) -> int:
        n = number()
        told = facts.Told([name], [f"c{n}"], [f"{n:032x}"], [self.now], [None], [True])
        told.bodies.append(json.dumps(body).encode())
        with transaction.atomic():
            source = facts.ensure_source(name="devices", label="设备", mode="live")
            [fact_id] = facts.take_in(told, source=source, received_at=clock.now(), actor=SYSTEM)
        return fact_id

    def buys(self, card: str, hours_ago: float, store: str = "S1") -> None:
        till = tills.Till(a_source().id, "收银台")
        n = number()
        sale = tills.Sale(
            f"k{n}", f"O{n}", store, self.now - hours_ago * HOUR, (tills.SaleLine("P1", 1000, 900),),
            identifiers=(("card_no", card),), is_offline=True,
        )  # fmt: skip
        (outcome,) = tills.sell(till, [sale])
        assert outcome.state == "settled", outcome

    def read(self) -> int:
        wait_for_readers()
        return visitors.read()

    def follow(self) -> None:
        self.read()
        visitors.judge_due()

    def said(self, *names: str) -> list[Any]:
        """Facts of these names, their bodies read; without names those that are concluded here."""
        rows = sql.fetch(_NAMED, names=list(names or DERIVED))
        return [row._replace(body=json.loads(row.body)) for row in rows]

    def guide(self, store: str, staff_id: int = 4, role: str = "guide") -> Actor:
        return Actor("staff", staff_id, "陈雪", frozenset({role}), frozenset({self.units[store]}))

    def tell(self, actor: Actor, store: str = "S1", reason: str = "price", **more: Any) -> visitors.Told:
        given: dict[str, Any] = {"key": f"tap-{number()}", "ended_at": self.now} | more
        visit = visitors.Visit(org_unit_id=self.units[store], reason=reason, **given)
        with transaction.atomic():
            return visitors.tell(visit, source=visitors.guide_source(), actor=actor)


@pytest.fixture
def shop(clean_tables: None) -> Iterator[Shop]:
    brand.ensure_headquarters("总部")
    table = {"store_code": ["S1", "S2", "S3"], "name": ["一店", "二店", "三店"], "dealer": ["甲", "乙", "甲"]}
    brand.upsert_stores(pa.table(table), actor=SYSTEM)
    brand.upsert_products(pa.table({"sku_code": ["P1", "P2"], "name": ["雪花酥", "坚果"]}), actor=SYSTEM)
    yield Shop(brand.find_units(["S1", "S2", "S3", "dealer:甲"]))
