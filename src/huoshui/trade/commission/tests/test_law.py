"""Whatever happens in whichever order, what is owed is what replaying says, the books agree, and a closed month stays closed."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, example, given, settings

from huoshui.core import clock, sql
from huoshui.core.tests.ground import clean_tables, number
from huoshui.trade.bonds.tests.world import no_waiting
from huoshui.trade.commission import api as commission
from huoshui.trade.commission import crediting, fold
from huoshui.trade.commission.tests.world import BOSS, World, check_books, world
from huoshui.trade.commission.types import Party
from huoshui.trade.commission.versions import Versions

__all__ = ["clean_tables", "no_waiting", "world"]

_few = st.integers(0, 3)
_steps = st.lists(
    st.one_of(
        st.tuples(st.just("buy"), _few, _few),
        st.tuples(st.just("buy"), _few, _few),
        st.tuples(st.just("scan"), _few, _few),
        st.tuples(st.just("give_back"), _few, st.sampled_from([100, 777, 3_333])),
        st.tuples(st.just("give_back"), _few, st.sampled_from([100, 777, 3_333])),
        st.tuples(st.just("rules"), st.integers(0, 1), _few),
        st.tuples(st.just("decide"), _few, _few),
        st.tuples(st.just("wait"), st.sampled_from([1, 4, 33]), _few),
        st.tuples(st.just("release"), _few, _few),
        st.tuples(st.just("close"), _few, _few),
        st.tuples(st.just("read"), _few, _few),
    ),
    min_size=8,
    max_size=18,
)
_RULES: tuple[dict[str, Any], ...] = (
    {"rates": [{"permille": 37}], "return_days": 2},
    {"rates": [{"permille": 91, "customer": "new"}, {"permille": 13}], "bringer_permille": 333},
    {"rates": [{"permille": 55}], "bringer_permille": 500, "ladder": [[2_000, 20]], "return_days": 0},
    {"rates": []},
)

_ORDERS = sql.Statement("orders", "select order_id from commission_order order by position")
_WRITTEN = sql.Statement(
    "written",
    "select e.order_id, p.payee_kind, p.payee_id, p.payer_id, e.kind, sum(e.amount)::bigint as amount from commission_entry e"
    " join commission_party p on p.id = e.party_id where e.order_id is not null group by 1, 2, 3, 4, 5 having sum(e.amount) <> 0",
)
_CLOSED = sql.Statement(
    "closed",
    "select s.id, s.party_id, s.period, s.amount, s.lines, sum(e.amount)::bigint as summed, count(e.id)::int as counted"
    " from commission_statement s left join commission_entry e on e.statement_id = s.id group by 1 order by 1",
)


def replayed() -> dict[tuple[int, Party, str], int]:
    """From facts, rules and decisions alone, order by order as they settled; nothing of what was written of money is looked at."""
    ids = [r.order_id for r in sql.fetch(_ORDERS)]
    orders = crediting.orders(ids)
    versions, sold = Versions.known(), fold.sold_of(ids)
    told = crediting.credits(orders, versions, anew=set())
    found: dict[tuple[int, Party, str], int] = {}
    for order_id in ids:
        due = fold.worth(orders[order_id], told.get(order_id, ()), sold.get(order_id, ()), versions)
        found |= {(order_id, *place): one.amount for place, one in due.items() if one.amount}
    return found


def written() -> dict[tuple[int, Party, str], int]:
    return {
        (r.order_id, Party(r.payee_kind, r.payee_id, r.payer_id), r.kind): r.amount
        for r in sql.fetch(_WRITTEN)
    }


class Machine:
    def __init__(self, world: World) -> None:
        self.world = world
        self.cards = [f"law-{number()}" for _ in range(4)]
        self.codes = [world.code(n) for n in range(4)]
        self.left: list[tuple[str, int, int]] = []  # key, fact, what may still come back
        self.closed: dict[int, tuple[Any, ...]] = {}

    def step(self, what: str, one: int, other: int) -> None:
        getattr(self, what)(one, other)

    def buy(self, card: int, guide: int) -> None:
        key = f"law{number()}"
        dealer = guide // 2 if card else -1
        fact = self.world.buy(self.cards[card], dealer, guide if card else None, 9_999, key=key)
        self.left.append((key, fact, 9_999))

    def scan(self, card: int, guide: int) -> None:
        self.world.scan(self.codes[guide], self.cards[card])

    def give_back(self, which: int, amount: int) -> None:
        if self.left:
            key, fact, left = self.left.pop(which % len(self.left))
            back = min(amount, left)
            if back:
                self.world.give_back(key, back)
                self.left.append((key, fact, left - back))

    def rules(self, dealer: int, which: int) -> None:
        self.world.employer(dealer, **_RULES[which])

    def decide(self, which: int, guide: int) -> None:
        self.world.read()
        if self.left:
            _, order, _ = self.left[which % len(self.left)]
            shops = self.world.shops
            own = guide // 2
            shares = [(shops.guides[own * 2], 301), (shops.guides[own * 2 + 1], 699)]
            with transaction.atomic():
                commission.decide(
                    order,
                    employer_id=shops.dealers[own],
                    shares=shares,
                    reason="试",
                    actor=shops.owner(own),
                )

    def wait(self, days: int, _: int) -> None:
        self.world.today += days

    def release(self, _: int, __: int) -> None:
        commission.release(clock.today())

    def close(self, _: int, __: int) -> None:
        self.world.read()
        for period in ("2026-03", "2026-04", "2026-05"):
            try:
                with transaction.atomic():
                    commission.close(period, actor=BOSS)
                with transaction.atomic():
                    assert commission.close(period, actor=BOSS) == 0
            except commission.PeriodOpen:
                break
        for r in sql.fetch(_CLOSED):
            self.closed.setdefault(r.id, tuple(r))

    def read(self, _: int, __: int) -> None:
        self.world.read()

    def check(self) -> None:
        self.world.read()
        assert written() == replayed()
        check_books()
        now = {r.id: tuple(r) for r in sql.fetch(_CLOSED)}
        for statement_id, was in self.closed.items():
            assert now[statement_id] == was, "a closed month has changed"
        for r in now.values():
            assert (r[3], r[4]) == (r[5], r[6]), "a statement is not its lines"


@example(
    steps=[
        ("rules", 0, 1),
        ("scan", 1, 1),
        ("buy", 1, 0),
        ("wait", 4, 0),
        ("release", 0, 0),
        ("decide", 0, 0),
        ("give_back", 0, 3_333),
        ("wait", 33, 0),
        ("close", 0, 0),
        ("give_back", 0, 3_333),
        ("buy", 1, 1),
    ]
)
@settings(
    max_examples=6,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=_steps)
def test_what_is_owed_is_what_replaying_says(world: World, steps: list[tuple[str, int, int]]) -> None:
    machine = Machine(world)
    for one in steps:
        machine.step(*one)
    machine.check()


def test_without_the_difference_the_law_would_fail(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: an engine that takes a refund for nothing is found out."""
    machine = Machine(world)
    machine.step("rules", 0, 0)
    machine.step("buy", 1, 0)
    world.read()
    machine.step("give_back", 0, 3_333)
    monkeypatch.setattr(fold, "_write", lambda changes, causes: None)
    with pytest.raises(AssertionError):
        machine.check()
