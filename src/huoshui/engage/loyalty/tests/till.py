"""A till that settles what it is told as the river does: spend, earn, post, announce."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import time_machine

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.core.facts.derived import derive
from huoshui.core.facts.types import IDENTIFY, Source
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger.types import ISSUER, Movement, Party
from huoshui.core.tests import ground
from huoshui.core.tests.ground import Line, Told, a_source, batch, number
from huoshui.core.unmet import Unmet
from huoshui.engage.loyalty import api as loyalty
from huoshui.people import api as people

POINTS_OF = sql.Statement(
    "points_of",
    "select bucket, balance from account where unit = %(unit)s and owner_kind = 'person' and owner_id = %(id)s"
    " and balance <> 0 order by bucket",
)


@dataclass
class Settled:
    fact_ids: list[int]
    unmet: list[Unmet] = field(default_factory=list)
    refused: set[int] = field(default_factory=set)
    movements: list[Movement] = field(default_factory=list)


@dataclass
class Till:
    source: Source = field(default_factory=a_source)
    orders: dict[str, list[int]] = field(default_factory=dict)  # key → facts of the order so far
    last: dict[str, list[int]] = field(default_factory=dict)  # key → facts of its present picture

    def sell(
        self, key: str, person: int | None, *lines: Line, points: tuple[int, int] | None = None, **more: Any
    ) -> Settled:
        """`points` are how many, and the money they stood for."""
        return self.settle([(ground.sale(key, *lines, **more), person, points)])

    def refund(
        self, key: str, person: int | None, *lines: Line, points: tuple[int, int] | None = None, **more: Any
    ) -> Settled:
        told = ground.refund(f"R{number()}", key, *lines, **more)
        return self.settle([(told, person, points)])

    def settle(
        self,
        sales: Sequence[tuple[Told, int | None, tuple[int, int] | None]],
        *,
        are_asks: bool = False,
        is_pay_only: bool = False,
    ) -> Settled:
        fact_ids = self.receive(sales)
        if is_pay_only:
            return self.pay(fact_ids, are_asks=are_asks)
        told = loyalty.look(fact_ids)
        spent = loyalty.spend(told, asks=set(fact_ids) if are_asks else set())
        earned = loyalty.earn(told, history=set(fact_ids) if self.source.is_history else set())
        movements = [*spent.movements, *earned.movements]
        posted = ledger.post(movements)
        derive(earned.derived)
        return Settled(fact_ids, spent.unmet, set(posted.refused), movements)

    def pay(self, fact_ids: Sequence[int], *, are_asks: bool) -> Settled:
        spent = loyalty.spend(loyalty.look(fact_ids), asks=set(fact_ids) if are_asks else set())
        posted = ledger.post(spent.movements)
        return Settled(list(fact_ids), spent.unmet, set(posted.refused), spent.movements)

    def receive(self, told: Sequence[tuple[Told, int | None, tuple[int, int] | None]]) -> list[int]:
        """Received and settled, without any consequence of points."""
        rows = [
            {"ref": ref, "tender_no": 1, "kind": "points", "points": points[0], "amount": points[1]}
            for ref, (_, _, points) in enumerate(told)
            if points
        ]
        whole = batch([replace(t, key=f"{t.key}#{number()}", order_key=t.key) for t, _, _ in told])
        if rows:
            whole = replace(whole, tenders=pa.Table.from_pylist(rows))
        fact_ids = facts.receive(whole, source=self.source, actor=SYSTEM).fact_ids
        persons = {f: p for f, (_, p, _) in zip(fact_ids, told, strict=True) if p is not None}
        facts.mark_settled(fact_ids, persons)
        later = []
        for fact_id, (t, _, _) in zip(fact_ids, told, strict=True):
            key = t.parent_key or t.key
            if before := self.orders.setdefault(key, []):
                later.append((fact_id, before[0], [] if t.parent_key else self.last[key]))
            before.append(fact_id)
            if not t.parent_key:
                self.last[key] = [fact_id]
        if later:
            facts.take_back(later)
        return fact_ids


def persons(count: int = 1, *, traits: tuple[tuple[str, str], ...] = ()) -> list[int]:
    """People nobody has met before."""
    told = [
        Told(f"k{number()}", name=IDENTIFY, identifiers=(("card_no", f"loyal-{number()}"),), traits=traits)
        for _ in range(count)
    ]
    fact_ids = ground.receive(told, a_source()).fact_ids
    found = people.resolve(fact_ids, actor=SYSTEM)
    facts.mark_settled(fact_ids, found)
    return [found[f] for f in fact_ids]


def person(**more: Any) -> int:
    return persons(1, **more)[0]


def give(person_id: int, points: int, bucket: str = "2027-12") -> None:
    ledger.post(
        [Movement("points", ISSUER, Party("person", person_id, bucket), points, number() + 10**9, "gift")]
    )


def held(person_id: int, unit: str = "points") -> dict[str, int]:
    return {r.bucket: r.balance for r in sql.fetch(POINTS_OF, unit=unit, id=person_id)}


def total(person_id: int) -> int:
    return sum(held(person_id).values())


def money(amount: int, sku: int = ground.SKU) -> Line:
    return Line(sku_id=sku, amount=amount)


def back(amount: int, sku: int = ground.SKU) -> Line:
    return Line(sku_id=sku, amount=-amount, quantity_milli=-1000)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


def by_reason(fact_ids: Sequence[int]) -> Counter[str]:
    out: Counter[str] = Counter()
    for t in ledger.transfers_of(fact_ids):
        out[t.reason] += t.amount
    return out


def audit() -> None:
    assert all(unit.is_clean for unit in ledger.audit_units())


@contextmanager
def today(day: date) -> Iterator[None]:
    """The clock stands at noon of this day."""
    with time_machine.travel(noon(day), tick=False):
        yield
