"""Points that somebody spends while they expire: the job takes what is left then, and does not fall over. Everything of this
room locks in one order: partner, standings by person, accounts by id."""

from __future__ import annotations

import time
from dataclasses import replace
from random import Random
from threading import Event

import pytest
from django.db import transaction
from psycopg.errors import DeadlockDetected
from pytest import MonkeyPatch

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.ledger import actions as ledger_actions
from huoshui.core.ledger.types import ISSUER, POINTS, Movement, Party
from huoshui.core.tests import ground
from huoshui.core.tests.ground import clean_tables, number
from huoshui.core.tests.racing import Outcome, is_anybody_waiting, race
from huoshui.engage.loyalty import api as loyalty
from huoshui.engage.loyalty import expiry
from huoshui.engage.loyalty.tests.till import Till, money, persons

__all__ = ["clean_tables"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("clean_tables")]


def test_points_spent_while_they_expire() -> None:
    person = Party("person", 77, "2020-01")
    with transaction.atomic():
        ledger_actions.post([Movement(POINTS, ISSUER, person, 100, 10**9 + number(), "earn")])

    def spend() -> None:
        with transaction.atomic():
            ledger_actions.post([Movement(POINTS, person, ISSUER, 100, 10**9 + number(), "spend")])
            time.sleep(1.0)

    def expire() -> int:
        time.sleep(0.3)
        with transaction.atomic():
            return loyalty.expire_due(clock.now())

    outcome = race(spend, expire)
    assert outcome.errors == []


def mixed() -> Outcome:
    """Selling, spending, expiring and tending at once."""
    with transaction.atomic():
        people = persons(12)
        silver = loyalty.all_tiers()[1]
        loyalty.set_tier(replace(silver, counts="rolling"), actor=SYSTEM)

    def sells(seed: int) -> None:
        chance, till = Random(seed), Till()
        for _ in range(12):
            buyers = chance.sample(people, 8)
            with transaction.atomic():
                told = [(ground.sale(f"O{number()}", money(40_000)), p, (5, 5)) for p in buyers]
                sql.by_index()
                till.settle(told)

    def fills() -> None:
        for n in range(12):
            with transaction.atomic():  # one post, as everybody's
                ledger_actions.post(
                    [
                        Movement(POINTS, ISSUER, Party("person", p, "2020-01"), 9, 10**9 + number(), "earn")
                        for p in (people if n % 2 else reversed(people))
                    ]
                )
            with transaction.atomic():
                loyalty.expire_due(clock.now())

    def tends() -> None:
        for n in range(8):
            with transaction.atomic():
                loyalty.set_tier(replace(silver, counts="rolling", grace_days=n), actor=SYSTEM)
            with transaction.atomic():
                loyalty.tend(clock.now())

    outcome = race(lambda: sells(1), lambda: sells(2), fills, tends)
    with transaction.atomic():
        loyalty.set_tier(silver, actor=SYSTEM)  # which is not wiped
    return outcome


def test_nobody_waits_in_a_ring() -> None:
    assert mixed().errors == []


def ring() -> Outcome:
    """Somebody holds the first account, expiry comes, and then the holder goes on to the second, as everybody does."""
    with transaction.atomic():
        both = [Party("person", p, "2020-01") for p in (77, 78)]
        ledger_actions.post([Movement(POINTS, ISSUER, party, 9, 10**9 + number(), "earn") for party in both])
        ids = {r.owner_id: r.id for r in sql.fetch(_ACCOUNTS)}
        first, second = sorted(both, key=lambda party: ids[party.owner_id])
    is_held = Event()

    def hold() -> None:
        with transaction.atomic():
            ledger_actions.post([Movement(POINTS, first, ISSUER, 1, 10**9 + number(), "spend")])
            is_held.set()
            for _ in range(400):
                if is_anybody_waiting():
                    break
                time.sleep(0.02)
            ledger_actions.post([Movement(POINTS, second, ISSUER, 1, 10**9 + number(), "spend")])

    def expire() -> None:
        assert is_held.wait(8)
        with transaction.atomic():
            loyalty.expire_due(clock.now())

    return race(hold, expire)


_ACCOUNTS = sql.Statement(
    "accounts", "select id, owner_id from account where owner_kind = 'person' and unit = 'points'"
)


def test_one_who_expires_waits_with_empty_hands() -> None:
    assert ring().errors == []


def test_control_one_who_locks_from_the_other_end_does(monkeypatch: MonkeyPatch) -> None:
    locking = expiry.Q.expired
    backwards = replace(locking, text=locking.text.replace("order by id for", "order by id desc for"))
    assert backwards != locking
    monkeypatch.setitem(expiry.Q._by_name, "expired", backwards)
    assert [type(e) for e in ring().errors] == [DeadlockDetected]
