"""Purses for prizes and red packets: filled once for each key, by whoever may, and exact in the books."""

from __future__ import annotations

import pytest

from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger.types import ISSUER, PRIZE, RED_PACKET, IfShort, Movement
from huoshui.core.tests.ground import number
from huoshui.engage.campaigns import api as campaigns
from huoshui.engage.campaigns.funds import PURSE
from huoshui.engage.campaigns.tests.shop import audit

pytestmark = pytest.mark.django_db


def test_a_fund_is_filled_once_for_each_key_and_pays_what_it_owes_first() -> None:
    assert campaigns.left_in_funds() == {PRIZE: 0, RED_PACKET: 0}
    assert campaigns.add_to_fund(unit=PRIZE, amount=500_00, key="a", actor=SYSTEM)
    assert campaigns.add_to_fund(unit=PRIZE, amount=500_00, key="a", actor=SYSTEM) == 0
    fact_id = campaigns.add_to_fund(unit=RED_PACKET, amount=20_00, key="a", actor=SYSTEM)
    drawn = Movement(RED_PACKET, PURSE, ISSUER, 50_00, fact_id, f"drawn {number()}", IfShort.DEBT)
    ledger.post([drawn])
    assert campaigns.left_in_funds() == {PRIZE: 500_00, RED_PACKET: -30_00}
    campaigns.add_to_fund(unit=RED_PACKET, amount=100_00, key="b", actor=SYSTEM)
    assert campaigns.left_in_funds() == {PRIZE: 500_00, RED_PACKET: 70_00}
    audit()


def test_who_may_not_fill_it_and_what_is_none() -> None:
    guide = Actor("staff", 3, "导购", frozenset({"guide"}))
    for said, error in (
        ({"unit": PRIZE, "amount": 1, "actor": guide}, Refused),
        ({"unit": PRIZE, "amount": 0, "actor": SYSTEM}, Refused),
        ({"unit": "points", "amount": 1, "actor": SYSTEM}, NotFound),
    ):
        with pytest.raises(error):
            campaigns.add_to_fund(**said, key="x")  # type: ignore[arg-type]  # three calls as rows of a table
    assert campaigns.left_in_funds() == {PRIZE: 0, RED_PACKET: 0}
