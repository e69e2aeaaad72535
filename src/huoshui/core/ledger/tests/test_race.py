"""Many writers on the same accounts, with a control: without the lock the test must find out."""

from __future__ import annotations

import time
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from django.db import transaction
from pytest import MonkeyPatch

from huoshui.core.ledger import actions, rules
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger.types import ISSUER, POOL, IfShort, Movement, Party, Posted
from huoshui.core.tests.ground import clean_tables, number
from huoshui.core.tests.racing import Outcome, race, take_out

__all__ = ["clean_tables"]

WRITERS, POSTS, PEOPLE = 8, 12, 4
OPENING = 30


@pytest.fixture(autouse=True)
def slow_decisions(monkeypatch: MonkeyPatch) -> None:
    """Between reading a balance and writing it lies long enough for others to come between."""

    def decide(*args: Any) -> Any:
        time.sleep(0.002)
        return rules.decide(*args)

    monkeypatch.setattr(actions, "rules", type("Slow", (), {"decide": staticmethod(decide)}))


def movement(fact_id: int, person: int, amount: int, what: str) -> Movement:
    if what == "earn":
        return Movement("points", ISSUER, Party("person", person, "2026-12"), amount, fact_id, what)
    if_short = IfShort.DEBT if what == "take_back" else IfShort.REFUSE
    return Movement("points", Party("person", person, POOL), ISSUER, amount, fact_id, what, if_short)


def post(movements: Sequence[Movement]) -> Posted:
    with transaction.atomic(durable=True):
        return ledger.post(movements)


def writer(seed: int) -> list[tuple[Sequence[Movement], Posted]]:
    """Batches over all the people in another order each time."""
    random = Random(seed)
    done: list[tuple[Sequence[Movement], Posted]] = []
    for _ in range(POSTS):
        people = random.sample(range(1, PEOPLE + 1), PEOPLE)
        what = random.choice(["earn", "spend", "spend", "take_back"])
        batch = [movement(number() + 10**6, p, random.randint(1, 12), what) for p in people]
        done.append((batch, post(batch)))
    return done


def run() -> Outcome:
    for person in range(1, PEOPLE + 1):
        post([movement(number() + 10**6, person, OPENING, "earn")])
    return race(*[lambda n=n: writer(n) for n in range(WRITERS)])


def books(outcome: Outcome) -> dict[int, int]:
    """What each person should hold, by what the writers were told."""
    held = dict.fromkeys(range(1, PEOPLE + 1), OPENING)
    for batch, posted in (pair for done in outcome.results for pair in done):
        for m in batch:
            if m.fact_id not in posted.refused:
                person = m.target.owner_id if m.reason == "earn" else m.source.owner_id
                held[person] += m.amount if m.reason == "earn" else -m.amount
    return held


def is_exact(outcome: Outcome) -> bool:
    found = ledger.balances(unit="points", owner_kind="person", owner_ids=range(1, PEOPLE + 1))
    return (
        not outcome.errors and found == books(outcome) and all(unit.is_clean for unit in ledger.audit_units())
    )


@pytest.mark.usefixtures("clean_tables")
def test_eight_writers_leave_exact_books() -> None:
    outcome = run()
    assert outcome.errors == []
    assert is_exact(outcome)


@pytest.mark.usefixtures("clean_tables")
def test_control_without_the_lock_the_race_is_seen(monkeypatch: MonkeyPatch) -> None:
    take_out(monkeypatch, actions.Q, "lock_accounts", "for no key update")
    assert not is_exact(run())
