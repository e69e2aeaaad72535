"""Tills at once over the same points, the same order, the same key. Each lock has its control: without it, it fails."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from django.db import transaction
from pytest import MonkeyPatch

from huoshui.core import sql
from huoshui.core.facts import actions as facts_actions
from huoshui.core.ledger import actions as ledger_actions
from huoshui.core.ledger.types import ISSUER, POINTS, Movement, Party
from huoshui.core.tests.ground import number
from huoshui.core.tests.racing import Outcome, race, take_out
from huoshui.engage.loyalty import api as loyalty
from huoshui.intake.river.tests.world import check_books, points_of
from huoshui.intake.tills import api as tills
from huoshui.intake.tills.api import RefundLine, SaleLine, Tender
from huoshui.intake.tills.tests.counter import Counter, clean_tables, counter

__all__ = ["clean_tables", "counter"]

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS, TILLS = 5, 6


def states(outcome: Outcome) -> list[str]:
    assert not outcome.errors, outcome.errors
    return sorted(o.state for outcomes in outcome.results for o in outcomes)


def spending(counter: Counter, points: int) -> Callable[[], list[tills.Outcome]]:
    tenders = (Tender("points", points, points),)
    sale = counter.sale(SaleLine("P1", 1000, points), tenders=tenders)
    return lambda: tills.sell(counter.till, [sale])


def give_points(counter: Counter, points: int) -> None:
    target = Party("person", counter.person(), "2027-12")
    with transaction.atomic():
        ledger_actions.post([Movement(POINTS, ISSUER, target, points, 10**9 + number(), "earn")])


def test_the_same_points_pay_once(counter: Counter) -> None:
    for _ in range(ROUNDS):
        counter.sell(SaleLine("P1", 1000, 10_000))
        found = race(*(spending(counter, 100) for _ in range(TILLS)))
        assert states(found) == ["refused"] * (TILLS - 1) + ["settled"]
        assert points_of(counter.person()) == 0
    check_books()


def test_without_the_lock_of_accounts_they_pay_twice(counter: Counter, monkeypatch: MonkeyPatch) -> None:
    """The floor in the table is the last line of defence, and it holds: taken out too, points go below nothing."""
    counter.sell(SaleLine("P1", 1000, 10_000))
    take_out(monkeypatch, ledger_actions.Q, "lock_accounts", "for no key update")
    # A customer's progress to the next tier is written before, and makes his sales go one by one
    monkeypatch.setattr(loyalty, "earn", lambda *_, **__: loyalty.Earned([], []))
    sql.run(sql.Statement("floor", "alter table account drop constraint account_check"))
    try:
        seen = {0}
        for _ in range(4 * ROUNDS):
            give_points(counter, 100)
            race(*(spending(counter, 100) for _ in range(TILLS)))
            seen.add(points_of(counter.person()))
            if min(seen) < 0:
                break
        assert min(seen) < 0
    finally:
        sql.run(sql.Statement("repair", "delete from transfer"))
        sql.run(sql.Statement("repair", "update account set balance = 0 where balance is not null"))
        sql.run(sql.Statement("floor", "alter table account add check (floor is null or balance >= floor)"))


def refunding(counter: Counter, sold: tills.Outcome) -> Callable[[], list[tills.Outcome]]:
    command = counter.refund_of(sold, RefundLine(line_no=1, quantity_milli=1000))
    return lambda: tills.refund(counter.till, [command])


def test_the_same_piece_comes_back_once(counter: Counter) -> None:
    for _ in range(ROUNDS):
        sold = counter.sell(SaleLine("P1", 3000, 10_000))
        found = race(*(refunding(counter, sold) for _ in range(TILLS)))
        assert states(found) == ["refused"] * (TILLS - 3) + ["settled"] * 3
        amounts = sorted(o.amount for outcomes in found.results for o in outcomes if o.state == "settled")
        assert amounts == [-3334, -3333, -3333]
        assert points_of(counter.person()) == 0
    check_books()


def test_without_the_lock_of_orders_their_shares_are_wrong(
    counter: Counter, monkeypatch: MonkeyPatch
) -> None:
    """What is left is then read before the one before has settled: each takes the first piece's share."""
    monkeypatch.setattr(facts_actions, "lock_orders", lambda *_: None)
    monkeypatch.setattr("huoshui.core.facts.api.lock_orders", lambda *_: None)
    seen: set[int] = set()
    for _ in range(4 * ROUNDS):
        sold = counter.sell(SaleLine("P1", 3000, 10_000))
        found = race(*(refunding(counter, sold) for _ in range(3)))
        seen.add(sum(o.amount for outcomes in found.results for o in outcomes if o.state == "settled"))
        if seen != {-10_000}:
            return
    raise AssertionError("the lock is not needed")


def test_one_key_is_one_sale_however_many_say_it(counter: Counter) -> None:
    for _ in range(ROUNDS):
        sale = counter.sale()
        before = counter.facts()
        found = race(*[partial(tills.sell, counter.till, [sale])] * TILLS)
        assert states(found) == ["settled"] * TILLS
        repeats = [o.is_repeat for outcomes in found.results for o in outcomes]
        assert sorted(repeats) == [False] + [True] * (TILLS - 1)
        assert counter.facts() == before + 1
    check_books()


def test_one_order_number_is_one_order(counter: Counter) -> None:
    for _ in range(ROUNDS):
        order_key = counter.sale().order_key
        works = [partial(tills.sell, counter.till, [counter.sale(order_key=order_key)]) for _ in range(TILLS)]
        assert states(race(*works)) == ["refused"] * (TILLS - 1) + ["settled"]
    check_books()
