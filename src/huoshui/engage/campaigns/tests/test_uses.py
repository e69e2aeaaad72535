"""Uses of a coupon by day and store: what was given, who bears it, and that it is what the books owe."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huoshui.core import clock
from huoshui.core.actor import SYSTEM
from huoshui.engage.campaigns import api as campaigns
from huoshui.engage.campaigns.tests.shop import AT, Line, Shop, claimed, person, persons, template
from huoshui.people import api as people

pytestmark = pytest.mark.django_db

DAY = clock.business_day(AT)


@pytest.fixture
def shop() -> Shop:
    return Shop()


def cells(template_id: int, days: int = 3) -> list[tuple[int, int | None, int, int, int, int, int]]:
    """(days ago, store, uses, customers, given, by the dealer, payable)."""
    found = campaigns.uses_by_day(template_id, DAY - timedelta(days=days), DAY + timedelta(days=days))
    return [
        ((DAY - c.day).days, c.org_unit_id, c.uses, len(c.person_ids), c.amount, c.by_dealer, c.payable)
        for c in found
    ]


@pytest.mark.parametrize("has_budget", [False, True])
def test_by_day_and_store_and_who_bears_it(shop: Shop, has_budget: bool) -> None:
    offered = template(bearers={"brand": 700, "dealer": 300}, has_budget=has_budget)
    if has_budget:
        campaigns.fund(template_id=offered, amount=100_00, key="f", actor=SYSTEM)
    ann, ben = persons(2)
    for who in (ann, ben):
        shop.sell(claimed(offered, who), person=who)
    shop.sell(claimed(offered, ann), person=ann, is_own_store=True, at=AT + timedelta(days=1))
    assert cells(offered) == [
        (0, shop.store_id, 2, 2, 20_00, 6_00, 14_00),
        (-1, shop.own_store_id, 1, 1, 10_00, 0, 0),
    ]
    assert shop.payable() == 14_00
    assert campaigns.last_used(offered) == DAY + timedelta(days=1)


def test_what_came_back_is_owed_no_more(shop: Shop) -> None:
    offered = template(bearers={"brand": 700, "dealer": 300})
    who = person()
    shop.sell(claimed(offered, who), person=who, key="O1", lines=[Line(90_00, 10_00, pieces=2)])
    shop.refund("O1", Line(-45_00, pieces=-1))
    assert cells(offered) == [(0, shop.store_id, 1, 1, 10_00, 3_00, 3_50)]
    assert shop.payable() == 3_50
    shop.refund("O1", Line(-45_00, pieces=-1))
    assert cells(offered) == [] and campaigns.last_used(offered) is None and shop.payable() == 0


def test_each_number_opens_into_what_is_behind_it(shop: Shop) -> None:
    offered = template(bearers={"brand": 700, "dealer": 300})
    ann, ben = persons(2)
    shop.sell(claimed(offered, ann), person=ann, key="O1")
    shop.sell(claimed(offered, ben), person=ben, key="O2", is_own_store=True)
    dealer = shop.branch()[1]
    asked = (offered, DAY, DAY)
    assert [(u.order_key, u.person_id, u.payable) for u in campaigns.uses_behind(*asked)] == [
        ("O2", ben, 0),
        ("O1", ann, 7_00),
    ]
    assert [u.order_key for u in campaigns.uses_behind(*asked, dealer_id=dealer)] == ["O1"]
    assert [u.order_key for u in campaigns.uses_behind(*asked, dealer_id=0)] == ["O2"]
    assert [u.order_key for u in campaigns.uses_behind(*asked, org_unit_id=shop.store_id)] == ["O1"]
    assert len(campaigns.uses_behind(*asked, limit=1)) == 1
    assert campaigns.uses_behind(*asked, org_unit_ids=[shop.own_store_id])[0].order_key == "O2"
    assert campaigns.uses_by_day(*asked, org_unit_ids=[]) == []


def test_two_ids_of_one_human_are_one_customer(shop: Shop) -> None:
    offered = template()
    ann, also = persons(2)
    for who in (ann, also):
        shop.sell(claimed(offered, who), person=who)
    assert cells(offered)[0][3] == 2
    people.merge(person_a=ann, person_b=also, reason="同一个人", actor=SYSTEM)
    assert cells(offered)[0][3] == 1


def test_other_days_and_other_coupons_are_left_out(shop: Shop) -> None:
    offered, other, who = template(), template(), person()
    shop.sell(claimed(offered, who), person=who)
    shop.sell(claimed(other, who), person=who)
    before = DAY - timedelta(days=1)
    assert campaigns.uses_by_day(offered, before, before) == []
    assert len(campaigns.uses_behind(offered, DAY, DAY)) == 1


def test_2n_uses_cost_no_more_queries_than_n(shop: Shop) -> None:
    offered = template()
    counts = []
    for _ in range(2):
        for who in persons(5):
            shop.sell(claimed(offered, who), person=who)
        with CaptureQueriesContext(connection) as seen:
            campaigns.uses_by_day(offered, DAY, DAY)
        counts.append(len(seen))
    assert counts[0] == counts[1]
