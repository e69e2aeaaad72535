"""A shop to tell things to the river, and the books to compare with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from msgspec import structs

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import IDENTIFY, ORDER_COMPLETED, ORDER_REFUNDED, Source
from huoshui.core.ledger import api as ledger
from huoshui.core.tests.ground import NOON, a_source, number
from huoshui.intake.river.api import Item, Line, Order, Verdict, submit
from huoshui.people import api as people

MILK, TEA = "P-milk", "P-tea"
STORE, OTHER_STORE = "S-one", "S-two"


def line(amount: int = 10_000, sku: str = MILK, pieces: int = 1, **more: Any) -> Line:
    return Line(sku_code=sku, quantity_milli=pieces * 1000, amount=amount, **more)


def given_back(amount: int, sku: str = MILK, pieces: int = 1, **more: Any) -> Line:
    """A line of a refund."""
    return Line(sku_code=sku, quantity_milli=-pieces * 1000, amount=-amount, **more)


@dataclass
class Shop:
    """A source and a customer's card; each call is one delivery of its own."""

    source: Source = field(default_factory=a_source)
    card: str = field(default_factory=lambda: f"card-{number()}")

    def order(self, *lines: Line, key: str = "O1", **more: Any) -> Item:
        return self._item(ORDER_COMPLETED, key, lines or (line(),), None, **more)

    def refund(self, *lines: Line, key: str = "R1", of: str = "O1", **more: Any) -> Item:
        return self._item(ORDER_REFUNDED, key, lines or (given_back(10_000),), of, **more)

    def member(self, *identifiers: tuple[str, str], at: datetime = NOON, **traits: str) -> Item:
        return Item(IDENTIFY, f"m{number()}", at, identifiers, traits)

    def _item(self, name: str, key: str, lines: tuple[Line, ...], of: str | None, **more: Any) -> Item:
        carried = more.pop("identifiers", (("card_no", self.card),))
        at = more.pop("at", NOON)
        order = Order(order_key=key, store_code=more.pop("store", STORE), lines=lines, parent_key=of, **more)
        return Item(name, key, at, carried, {}, order)

    def tell(self, *items: Item) -> list[Verdict]:
        return submit(items, source=self.source, actor=SYSTEM)

    def person(self) -> int:
        found = people.find("card_no", self.card)
        assert found is not None
        return found

    def sale(self, key: str = "O1") -> sql.Row:
        return sql.fetch_one(_SALE, source_id=self.source.id, order_key=key)

    def points(self) -> int:
        return points_of(self.person())


def anonymous(item: Item) -> Item:
    return structs.replace(item, identifiers=())


def points_of(person_id: int) -> int:
    return ledger.balances(unit="points", owner_kind="person", owner_ids=[person_id]).get(person_id, 0)


def spend_of(person_id: int) -> int:
    row = sql.fetch_one(_SPEND, person_id=person_id)
    return int(row.spend) if row else 0


def stock(sku: str = MILK, store: str = STORE) -> int:
    """Pieces on the shelf, counted from nothing."""
    (unit,), (sku_id,) = (
        brand.unit_ids([store]).values(),
        (s.id for s in brand.find_or_add_skus({sku: ""}).values()),
    )
    return ledger.stock_of(unit, [sku_id]).get(sku_id, 0) // 1000


def moved(fact_ids: Sequence[int | None]) -> list[tuple[str, int]]:
    """(reason, points) of what these facts moved."""
    known = [fact_id for fact_id in fact_ids if fact_id is not None]
    return [(t.reason, t.amount) for t in ledger.transfers_of(known)]


def codes(fact_ids: Sequence[int | None]) -> list[str]:
    return [e.code for e in facts.exceptions_of([f for f in fact_ids if f is not None])]


_SALE = sql.Statement(
    "sale", "select * from sale where source_id = %(source_id)s and order_key = %(order_key)s"
)
_SPEND = sql.Statement("spend", "select spend from tier_progress where person_id = %(person_id)s")

# The effect rule once more, straight from the facts: own money less that of the facts replaced.
_EFFECTS = """
with effect as (
    select coalesce(s.order_id, s.fact_id) as order_id, s.person_id, o.amount - o.refunded as amount
    from settlement s join fact_order o on o.fact_id = s.fact_id where s.state = 'settled'
    union all
    select coalesce(s.order_id, s.fact_id), was.person_id, -(r.amount - r.refunded)
    from settlement s cross join unnest(s.replaces) as replaced
    join fact_order r on r.fact_id = replaced join settlement was on was.fact_id = replaced
    where s.state = 'settled')
"""
_WRONG_SALES = sql.Statement(
    "wrong_sales",
    _EFFECTS
    + "select sale.id from sale left join (select order_id, sum(amount) as net from effect group by 1) e"
    " on e.order_id = sale.id where sale.amount - sale.refunded is distinct from e.net",
)
_WRONG_SPEND = sql.Statement(
    "wrong_spend",
    _EFFECTS
    + "select p.person_id from tier_progress p full join (select person_id, sum(amount) as net from effect"
    " where person_id is not null group by 1) e on e.person_id = p.person_id where coalesce(p.spend, 0) <> coalesce(e.net, 0)",
)
_UNTOLD_ORDERS = sql.Statement(
    "untold",
    "select s.fact_id from settlement s join fact_order o on o.fact_id = s.fact_id where s.state = 'settled'"
    " and not exists (select from sale where sale.id = coalesce(s.order_id, s.fact_id))"
    " and not exists (select from fact_withdrawn w where w.fact_id = s.fact_id)",
)


def check_books() -> None:
    """Everything that can be recomputed, is; and nothing differs."""
    assert all(unit.is_clean for unit in ledger.audit_units())
    assert ledger.audit_stock().is_clean
    transfers, explained = ledger.explained()
    assert transfers == explained
    for statement in (_WRONG_SALES, _WRONG_SPEND, _UNTOLD_ORDERS):
        assert sql.fetch(statement) == [], statement.name


@pytest.fixture
def shop(db: None) -> Shop:
    brand.ensure_headquarters("总部")
    return Shop()
