"""Many tills and the last item; tills and whoever sets a floor. Each with its control."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

import pytest
from django.db import transaction
from pytest import MonkeyPatch

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger import goods, goods_rules
from huoshui.core.retry import retrying
from huoshui.core.tests.ground import (
    SKU,
    STORE,
    Line,
    a_source,
    clean_tables,
    number,
    receive,
    sale,
    settle,
    wait_for_readers,
)
from huoshui.core.tests.racing import Outcome, race, take_out

__all__ = ["clean_tables"]

pytestmark = pytest.mark.usefixtures("clean_tables")

TILLS, ASKS, THERE = 8, 6, 5
BOOK = sql.Statement("book", "select on_hand_milli - shortage_milli as book from stock")


@pytest.fixture(autouse=True)
def slow_decisions(monkeypatch: MonkeyPatch) -> None:
    """Between reading a shelf and writing it lies long enough for others to come between."""

    def decide(*args: Any, **more: Any) -> Any:
        decided = goods_rules.decide(*args, **more)
        time.sleep(0.003)
        return decided

    slow = {"decide": staticmethod(decide), "Decided": goods_rules.Decided}
    monkeypatch.setattr(goods, "rules", type("Slow", (), slow))


class _Refused(Exception):
    pass


def ask(fact_id: int, *, pause: float = 0.0) -> bool:
    """One sale that must be had, or leaves nothing behind."""

    def once() -> None:
        with transaction.atomic(durable=True):
            settle([fact_id])
            if ledger.move_goods([fact_id], asks={fact_id}).unmet:
                raise _Refused
            time.sleep(pause)

    try:
        retrying(once)
    except _Refused:
        return False
    return True


def facts_of(count: int, quantity_milli: int = 1000) -> list[int]:
    told = [sale(f"k{number()}", Line(quantity_milli=quantity_milli)) for _ in range(count)]
    return receive(told, a_source()).fact_ids


def stocked(count: int) -> None:
    for fact_id in facts_of(1, -1000 * count):
        assert ask(fact_id)


def strict() -> None:
    ledger.set_policy(org_unit_id=STORE, policy="strict", actor=SYSTEM)


def run() -> Outcome:
    stocked(THERE)
    strict()
    fact_ids = facts_of(TILLS * ASKS)
    return race(*[lambda n=n: sum(ask(f) for f in fact_ids[n::TILLS]) for n in range(TILLS)])


def test_the_last_item_is_sold_once() -> None:
    outcome = run()
    assert outcome.errors == []
    assert sum(outcome.results) == THERE
    assert ledger.stock_of(STORE, [SKU]) == {SKU: 0}
    assert ledger.audit_stock().is_clean


def test_control_without_the_lock_it_is_oversold(monkeypatch: MonkeyPatch) -> None:
    take_out(monkeypatch, goods.Q, "lock_shelves", "for no key update")
    outcome = run()
    assert sum(outcome.results) > THERE
    assert not ledger.audit_stock().is_clean or ledger.stock_of(STORE, [SKU])[SKU] < 0


class Floored(NamedTuple):
    book: int


def set_floor_between() -> Floored:
    """Set the floor while tills sell, and say what was there at that moment."""
    time.sleep(0.03)
    with transaction.atomic(durable=True):
        strict()
        return Floored(sql.fetch_one(BOOK).book)


def run_with_floor() -> tuple[Outcome, int]:
    """Sales that take long to commit; what was on the shelf when the floor was set."""
    stocked(3)
    fact_ids = facts_of(24)
    works = [lambda n=n: [ask(f, pause=0.02) for f in fact_ids[n::4]] for n in range(4)]
    outcome = race(*works, set_floor_between, ledger.fold_goods)
    (then,) = [result.book for result in outcome.results if isinstance(result, Floored)]
    wait_for_readers()
    ledger.fold_goods()
    return outcome, then


def test_nothing_slips_past_a_floor_while_it_is_set() -> None:
    outcome, then = run_with_floor()
    assert outcome.errors == []
    had = sum(sum(result) for result in outcome.results if isinstance(result, list))
    assert ledger.stock_of(STORE, [SKU]) == {SKU: 3000 - 1000 * had}, "no line lost, none doubled"
    assert ledger.stock_of(STORE, [SKU])[SKU] >= min(then, 0)
    assert ledger.audit_stock().is_clean


def test_control_without_the_shared_lock_sales_slip_past_the_floor(monkeypatch: MonkeyPatch) -> None:
    take_out(monkeypatch, goods.Q, "lock_policies", "pg_advisory_xact_lock")
    outcome, then = run_with_floor()
    assert outcome.errors == []
    assert ledger.stock_of(STORE, [SKU])[SKU] < min(then, 0)
