from __future__ import annotations

import pytest

from huoshui.core import clock
from huoshui.core.actor import SYSTEM
from huoshui.core.subscribers import registry
from huoshui.engage.campaigns import api as campaigns
from huoshui.engage.campaigns.tests.shop import Shop, claimed, persons, template

pytestmark = pytest.mark.django_db


def test_reached_is_whoever_was_given_one_used_or_not() -> None:
    shop, offered, other = Shop(), template(), template()
    ann, ben, cleo = persons(3)
    shop.sell(claimed(offered, ann), person=ann)
    claimed(offered, ben)
    claimed(other, cleo)
    campaigns.print_codes(template_id=offered, count=2, actor=SYSTEM)  # nobody's yet
    assert sorted(registry.reached["coupon"](offered)) == [ann, ben]
    given = campaigns.given(offered)
    assert given is not None and (given.day, given.people) == (clock.today(), 2)
    assert campaigns.given(template()) is None
    assert campaigns.asks(offered, given.day)["reached"] == f"coupon:{offered}"
