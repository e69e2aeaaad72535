"""A stateful test: whatever is asked, told, kept, counted and ruled, the shelves agree with a plain dictionary."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from pytest import MonkeyPatch

from huoshui.core import clock
from huoshui.core.actor import SYSTEM
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger import goods_rules
from huoshui.core.ledger.api import GoodsLine, StockShort
from huoshui.core.tests.ground import Line, number, rolled_back, sale
from huoshui.core.tests.playing import play

from .test_goods import CAP, HAT, tell

STORES = st.sampled_from([1, 2])
SKUS = st.sampled_from([CAP, HAT])
BASKETS = st.dictionaries(SKUS, st.integers(1, 4), min_size=1)
ORDERS = st.sampled_from(["a", "b", "c"])
STEPS_EACH = 14


class Shelves(RuleBasedStateMachine):
    """Each run has two stores of its own; an order's number is its name and the run's."""

    def __init__(self) -> None:
        super().__init__()
        self._example = rolled_back()
        self._example.__enter__()

    def teardown(self) -> None:
        self._example.__exit__(None, None, None)

    @initialize()
    def open(self) -> None:
        self.run = 1000 + 2 * number()
        self.book: dict[tuple[int, int], int] = defaultdict(int)
        self.kept: dict[tuple[str, int, int], int] = {}
        self.strict: set[int] = set()

    def unit(self, store: int) -> int:
        return self.run + store

    def lines(self, basket: dict[int, int]) -> list[GoodsLine]:
        return [GoodsLine(sku_id, n * 1000) for sku_id, n in basket.items()]

    def free(self, store: int, sku_id: int, order: str = "") -> int:
        others = sum(n for (o, s, k), n in self.kept.items() if (s, k) == (store, sku_id) and o != order)
        return max(self.book[store, sku_id], 0) - others

    @rule(store=STORES, basket=BASKETS)
    def receive(self, store: int, basket: dict[int, int]) -> None:
        unit = self.unit(store)
        ledger.receive_goods(key=f"R{number()}", org_unit_id=unit, lines=self.lines(basket), actor=SYSTEM)
        for sku_id, n in basket.items():
            self.book[store, sku_id] += n

    @rule(store=STORES, basket=BASKETS)
    def count(self, store: int, basket: dict[int, int]) -> None:
        unit = self.unit(store)
        ledger.count_goods(key=f"C{number()}", org_unit_id=unit, lines=self.lines(basket), actor=SYSTEM)
        self.book.update({(store, sku_id): n for sku_id, n in basket.items()})

    @rule(store=STORES, basket=BASKETS, is_ask=st.booleans(), order=ORDERS)
    def sell(self, store: int, basket: dict[int, int], is_ask: bool, order: str) -> None:
        told = [Line(sku_id=sku_id, quantity_milli=n * 1000) for sku_id, n in basket.items()]
        _, posted = tell(sale(f"{order}{self.run}", *told, store=self.unit(store)), asks=is_ask)
        short = {s for s, n in basket.items() if store in self.strict and n > self.free(store, s, order)}
        assert len(posted.unmet) == len(short)
        if short and is_ask:
            return
        for sku_id, n in basket.items():
            self.book[store, sku_id] -= n
            key = order, store, sku_id
            if key in self.kept:
                self.kept[key] -= min(n, self.kept[key])

    @rule(store=STORES, basket=BASKETS, order=ORDERS)
    def reserve(self, store: int, basket: dict[int, int], order: str) -> None:
        if any(key[:2] == (order, store) for key in self.kept):
            return  # an order keeps once at a store
        can = all(n <= self.free(store, sku_id) for sku_id, n in basket.items())
        try:
            with transaction.atomic():
                ledger.reserve_goods(
                    order_key=f"{order}{self.run}",
                    org_unit_id=self.unit(store),
                    lines=self.lines(basket),
                    until=clock.now() + timedelta(hours=1),
                    actor=SYSTEM,
                )
        except StockShort:
            assert not can
        else:
            assert can
            self.kept |= {(order, store, sku_id): n for sku_id, n in basket.items()}

    @rule(order=ORDERS)
    def release(self, order: str) -> None:
        ledger.release_goods(order_key=f"{order}{self.run}", actor=SYSTEM)
        # What a sale has used up stays so; its order keeps nothing more at that store
        self.kept = {k: n for k, n in self.kept.items() if k[0] != order or not n}

    @rule(store=STORES, is_strict=st.booleans())
    def rule_store(self, store: int, is_strict: bool) -> None:
        ledger.set_policy(
            org_unit_id=self.unit(store), policy="strict" if is_strict else "open", actor=SYSTEM
        )
        self.strict = self.strict | {store} if is_strict else self.strict - {store}

    @rule()
    def fold(self) -> None:
        ledger.fold_goods()

    @invariant()
    def shelves_agree(self) -> None:
        for store in (1, 2):
            rows = ledger.goods_places([CAP, HAT], [self.unit(store)])
            found = {r.sku_id: (r.on_hand_milli - r.shortage_milli, r.reserved_milli) for r in rows}
            for sku_id in (CAP, HAT):
                kept = sum(n for (_, s, k), n in self.kept.items() if (s, k) == (store, sku_id))
                expected = self.book[store, sku_id] * 1000, kept * 1000
                assert found.get(sku_id, (0, 0)) == expected
            assert all(r.on_hand_milli >= 0 for r in rows if store in self.strict)

    @invariant()
    def the_audit_is_clean(self) -> None:
        assert ledger.audit_stock().is_clean


@pytest.mark.django_db
def test_whatever_happens_to_goods_the_shelves_agree() -> None:
    play(Shelves, examples=40, steps=STEPS_EACH, from_seed=random.randrange(2**32))


@pytest.mark.django_db
def test_a_shortage_that_is_forgiven_is_found_out(monkeypatch: MonkeyPatch) -> None:
    real = goods_rules.moved
    monkeypatch.setattr(goods_rules, "moved", lambda shelf, by: real(shelf, by)._replace(shortage_milli=0))
    with pytest.raises(AssertionError):
        play(Shelves, examples=400, steps=STEPS_EACH, from_seed=1)
