"""Points that somebody spends while they expire: the job takes what is left then, and does not fall over."""

from __future__ import annotations

import time

import pytest
from django.db import transaction

from huoshui.core import clock
from huoshui.core.ledger import actions as ledger_actions
from huoshui.core.ledger.types import ISSUER, POINTS, Movement, Party
from huoshui.core.tests.ground import clean_tables, number
from huoshui.core.tests.racing import race
from huoshui.engage.loyalty import api as loyalty

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
