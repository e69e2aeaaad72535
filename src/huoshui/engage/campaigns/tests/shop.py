"""A shop that sells with coupons: facts as a till tells them, settled, redeemed and posted as the river does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any

import pyarrow as pa

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import IDENTIFY, ORDER_REFUNDED, Source
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger.types import BUDGET, PAYABLE
from huoshui.core.tests import ground
from huoshui.core.tests.ground import Told, a_source, number
from huoshui.core.unmet import Unmet
from huoshui.engage.campaigns import api as campaigns
from huoshui.people import api as people

# Noon of tomorrow in Shanghai: after anything here is issued, whatever the hour
AT = clock.from_local(datetime.combine(clock.today() + timedelta(days=1), time(12)))
RULE: Mapping[str, Any] = {
    "benefit": {"kind": "amount_off", "amount": 10_00},
    "validity": {"first": "2020-01-01", "last": "2099-12-31"},
}


def template(**rule: Any) -> int:
    """A live one."""
    template_id = campaigns.create_template(title=f"券{number()}", rule={**RULE, **rule}, actor=SYSTEM)
    campaigns.publish_template(template_id=template_id, actor=SYSTEM)
    return template_id


def view(template_id: int) -> campaigns.TemplateView:
    return campaigns.template_for(SYSTEM, template_id)


def persons(count: int) -> list[int]:
    told = [
        Told(f"k{number()}", name=IDENTIFY, identifiers=(("card_no", f"held-{number()}"),))
        for _ in range(count)
    ]
    fact_ids = ground.receive(told, a_source()).fact_ids
    found = people.resolve(fact_ids, actor=SYSTEM)
    facts.mark_settled(fact_ids, found)
    return [found[f] for f in fact_ids]


def person() -> int:
    return persons(1)[0]


def claimed(template_id: int, person_id: int) -> str:
    (verdict,) = campaigns.claim([campaigns.Claim(template_id, person_id, f"c{number()}")], actor=SYSTEM)
    assert verdict.code, verdict
    return verdict.code


@dataclass(frozen=True)
class Line:
    """`amount` is paid, after `off` by coupons."""

    amount: int
    off: int = 0
    pieces: int = 1
    sku: int = ground.SKU
    refunded: int = 0


@dataclass
class Sale:
    key: str
    lines: Sequence[Line]
    coupons: Sequence[tuple[str, int]] = ()
    person: int | None = None
    at: datetime = AT
    of: str = ""  # of a refund: the order
    is_own_store: bool = False
    replaces_refund: bool = False


@dataclass
class Done:
    fact_ids: list[int]
    unmet: list[Unmet]
    refused: Mapping[int, object]
    movements: Sequence[Any]

    @property
    def codes(self) -> list[str]:
        return [u.code for u in self.unmet]


@dataclass
class Shop:
    """Stores of a dealer and of our own."""

    source: Source = field(default_factory=a_source)
    store_id: int = 0
    own_store_id: int = 0
    orders: dict[str, list[int]] = field(default_factory=dict)
    last: dict[str, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        brand.ensure_headquarters("总部")
        stores = {"store_code": ["S-甲", "S-own"], "region": ["华东", "华东"], "dealer": ["甲商贸", ""]}
        brand.upsert_stores(pa.table(stores), actor=SYSTEM)
        units = brand.find_units(["S-甲", "S-own"])
        self.store_id, self.own_store_id = units["S-甲"], units["S-own"]

    def branch(self) -> tuple[int, ...]:
        """The dealer's store, the dealer, the region …"""
        return brand.branches_of([self.store_id])[self.store_id].path

    def payable(self) -> int:
        dealer_id = self.branch()[1]
        held = ledger.balances(unit=PAYABLE, owner_kind="dealer", owner_ids=[dealer_id])
        return held.get(dealer_id, 0)

    def sell(self, code: str, amount: int = 10_00, **more: Any) -> Done:
        """An order of 100 with one coupon; told by an ask unless `report`."""
        lines = more.pop("lines", [Line(100_00 - amount, off=amount)])
        report = more.pop("report", False)
        sale = Sale(more.pop("key", f"O{number()}"), lines, [(code, amount)], **more)
        return self.settle([sale], are_asks=not report)

    def refund(self, of: str, *lines: Line, **more: Any) -> Done:
        return self.settle([Sale(f"R{number()}", lines, of=of, **more)])

    def settle(self, sales: Sequence[Sale], *, are_asks: bool = False) -> Done:
        return self.step(self.receive(sales), are_asks=are_asks)

    def step(self, fact_ids: Sequence[int], *, are_asks: bool = False) -> Done:
        done = campaigns.redeem(campaigns.look(fact_ids), asks=set(fact_ids) if are_asks else set())
        posted = ledger.post(done.movements) if not (are_asks and done.unmet) else None
        return Done(list(fact_ids), list(done.unmet), posted.refused if posted else {}, done.movements)

    def receive(self, sales: Sequence[Sale]) -> list[int]:
        told = [
            Told(
                f"{s.key}#{number()}",
                name=ORDER_REFUNDED if s.of else "Order Completed",
                at=s.at,
                lines=tuple(ground.Line(x.sku, x.amount, x.pieces * 1000, x.refunded) for x in s.lines),
                order_key=s.key,
                parent_key=s.of or None,
                store=self.own_store_id if s.is_own_store else self.store_id,
            )
            for s in sales
        ]
        whole = ground.batch(told)
        assert whole.lines is not None
        offs = pa.array([x.off for s in sales for x in s.lines], pa.int64())
        whole = replace(whole, lines=whole.lines.append_column("coupon_discount", offs))
        if any(s.coupons for s in sales):
            whole = replace(whole, coupons=_coupons(sales))
        fact_ids = facts.receive(whole, source=self.source, actor=SYSTEM).fact_ids
        found = {f: s.person for f, s in zip(fact_ids, sales, strict=True) if s.person is not None}
        facts.mark_settled(fact_ids, found)
        self._relate(fact_ids, sales)
        return fact_ids

    def _relate(self, fact_ids: Sequence[int], sales: Sequence[Sale]) -> None:
        later = []
        for fact_id, s in zip(fact_ids, sales, strict=True):
            key = s.of or s.key
            if before := self.orders.setdefault(key, []):
                replaced = self.last.get(f"refund of {key}", []) if s.replaces_refund else []
                later.append((fact_id, before[0], replaced if s.of else self.last[key]))
            before.append(fact_id)
            self.last[f"refund of {key}" if s.of else key] = [fact_id]
        if later:
            facts.take_back(later)


def _coupons(sales: Sequence[Sale]) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {"ref": ref, "coupon_no": n, "code": code, "amount": amount}
            for ref, s in enumerate(sales)
            for n, (code, amount) in enumerate(s.coupons, 1)
        ]
    )


_COUPON = sql.Statement("coupon", "select * from coupon where code = %(code)s")


def coupon(code: str) -> sql.Row:
    return sql.fetch_one(_COUPON, code=code)


def budget(template_id: int) -> int:
    return ledger.balances(unit=BUDGET, owner_kind="template", owner_ids=[template_id]).get(template_id, 0)


def audit() -> None:
    assert all(unit.is_clean for unit in ledger.audit_units())
