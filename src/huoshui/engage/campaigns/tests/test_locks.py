"""Coupons kept for an order that is being paid."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huoshui.core import clock
from huoshui.core.tests.ground import a_source
from huoshui.engage.campaigns import api as campaigns
from huoshui.engage.campaigns.tests.shop import Shop, claimed, coupon, person, template

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(db: None) -> Shop:
    return Shop()


def lock(shop: Shop, code: str, order: str, minutes: int = 10) -> list[campaigns.LockFailure]:
    until = clock.now() + timedelta(minutes=minutes)
    return campaigns.lock([code], source_id=shop.source.id, order_key=order, until=until)


def test_a_lock_keeps_a_coupon_for_its_order(shop: Shop) -> None:
    code = claimed(template(), who := person())
    assert lock(shop, code, "O1") == []
    assert lock(shop, code, "O1") == []  # again
    assert lock(shop, code, "O2") == [(code, "coupon_locked")]
    assert shop.sell(code, person=who, key="O2").codes == ["coupon_locked"]
    assert Shop(a_source()).sell(code, person=who, key="O1").codes == ["coupon_locked"]  # another's O1
    assert shop.sell(code, person=who, key="O1").unmet == []
    assert (coupon(code).state, coupon(code).locked_for) == ("redeemed", None)


def test_a_lock_is_all_or_nothing_and_runs_out(shop: Shop) -> None:
    one, two = (claimed(template(), person()) for _ in range(2))
    lock(shop, two, "O9")
    until = clock.now() + timedelta(minutes=5)
    both = campaigns.lock([one, two], source_id=shop.source.id, order_key="O1", until=until)
    assert both == [(two, "coupon_locked")]
    assert coupon(one).state == "issued"
    assert campaigns.unlock(source_id=shop.source.id, order_key="O9") == 1
    lock(shop, two, "O9", minutes=-1)
    assert lock(shop, two, "O1") == []
    assert lock(shop, "NOSUCH", "O1") == [("NOSUCH", "coupon_unknown")]
