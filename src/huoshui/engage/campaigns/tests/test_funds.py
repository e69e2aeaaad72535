"""Purses for prizes and red packets: filled once for each key, by whoever may, and exact in the books."""

from __future__ import annotations

from typing import Any

import pytest

from huoshui.core import sql
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


def draw(amount: int, key: str, **said: Any) -> campaigns.Drawn:
    given = {"unit": PRIZE, "actor": SYSTEM, "reason": "周年抽奖", **said}
    return campaigns.draw_from_fund(amount=amount, key=key, **given)


def facts() -> int:
    return int(sql.fetch_one(_FACTS).facts)


_FACTS = sql.Statement("facts", "select count(*) as facts from settlement")


def test_what_is_there_is_drawn_once_and_no_more() -> None:
    campaigns.add_to_fund(unit=PRIZE, amount=100_00, key="a", actor=SYSTEM)
    first = draw(60_00, "one")
    assert draw(60_00, "one") == campaigns.Drawn(first.fact_id, is_repeat=True)
    assert campaigns.left_in_funds()[PRIZE] == 40_00
    before = facts()
    with pytest.raises(campaigns.FundShort):
        draw(40_01, "two")
    with pytest.raises(campaigns.FundShort):
        draw(1, "three", unit=RED_PACKET)
    assert (facts(), campaigns.left_in_funds()) == (before, {PRIZE: 40_00, RED_PACKET: 0}), (
        "nothing stays of it"
    )
    assert draw(40_00, "two").is_repeat is False
    assert campaigns.left_in_funds()[PRIZE] == 0
    audit()


def test_a_key_is_of_one_draw() -> None:
    campaigns.add_to_fund(unit=PRIZE, amount=100_00, key="a", actor=SYSTEM)
    draw(1_00, "one")
    for said in ({"amount": 2_00}, {"amount": 1_00, "reason": "别的"}):
        with pytest.raises(campaigns.DrawKeyReused):
            draw(key="one", **said)
    assert campaigns.left_in_funds()[PRIZE] == 99_00


def test_what_reached_nobody_comes_back_once() -> None:
    campaigns.add_to_fund(unit=PRIZE, amount=100_00, key="a", actor=SYSTEM)
    draw(30_00, "one")
    back = campaigns.put_back(unit=PRIZE, key="one", actor=SYSTEM)
    assert campaigns.put_back(unit=PRIZE, key="one", actor=SYSTEM) == campaigns.Drawn(
        back.fact_id, is_repeat=True
    )
    assert campaigns.left_in_funds()[PRIZE] == 100_00
    with pytest.raises(NotFound):
        campaigns.put_back(unit=RED_PACKET, key="one", actor=SYSTEM)
    audit()


@pytest.mark.parametrize(
    ("said", "error"),
    [({"unit": "points"}, NotFound), ({"amount": 0}, Refused), ({"reason": " "}, Refused)],
)
def test_what_is_no_draw(said: dict[str, Any], error: type[Exception]) -> None:
    campaigns.add_to_fund(unit=PRIZE, amount=100_00, key="a", actor=SYSTEM)
    with pytest.raises(error):
        draw(**{"amount": 1, "key": "x", **said})
    assert campaigns.left_in_funds()[PRIZE] == 100_00
