"""What is handed over to a person says why: of each tag, segment, role, the tier and every movement of points."""

from __future__ import annotations

import pytest
from django.db import transaction

from huoshui.core.tests.ground import clean_tables
from huoshui.intake.river.tests.world import Shop, line
from huoshui.people import api as people
from huoshui.people.roles import jobs as roles
from tests.insight.test_memberships import BOSS, buy, saved, shop
from tests.insight.test_tags import defined, give, keep

__all__ = ["clean_tables", "shop"]

pytestmark = pytest.mark.django_db(transaction=True)


def handed_over(who: Shop) -> dict[str, list[dict[str, object]]]:
    people.refresh_cards()
    with transaction.atomic():
        case_id = people.rights.ask(BOSS, who.person(), "explain", said="为什么给我打标签")
        return people.rights.hand_over(BOSS, case_id).parts


def test_each_has_its_reason(shop: Shop) -> None:
    shop.tell(shop.member(("card_no", shop.card), name="周"))
    buy(shop, "first", ago=9)
    shop.tell(shop.order(line(100_00), key="second"))
    saved("bought", 1, name="买过的")
    give(shop, defined("gift", name="送礼"), reason="她自己说的")
    keep()
    roles.follow()
    told = handed_over(shop)
    reasons = {
        title: {(str(row[name]), str(row["依据"])) for row in told[title]}
        for title, name in (("标签", "标签"), ("所在的人群", "人群"), ("身份", "身份"))
    }
    assert reasons["标签"] == {("送礼", "她自己说的")}
    ((segment, rule),) = reasons["所在的人群"]
    assert segment == "买过的" and "1" in rule
    assert ("回头客", "已经在 2 天买过") in reasons["身份"] and all(why for _, why in reasons["身份"])
    (tier,) = told["会员等级怎么来的"]
    assert str(tier["依据"]).startswith("累计消费 ¥110，现在是")
    moved = told["积分怎么来的"]
    assert (
        sum(int(str(row["积分"])) for row in moved)
        == sum(int(str(r["余额"])) for r in told["积分与余额"])
        == 110
    )
    assert all(row["依据"] for row in moved) and len(moved) == 2


def test_nothing_is_explained_where_nothing_is(shop: Shop) -> None:
    shop.tell(shop.member(("card_no", shop.card), name="周"))
    told = handed_over(shop)
    assert not {"标签", "所在的人群", "会员等级怎么来的", "积分怎么来的"} & told.keys()


def test_a_tag_of_another_is_not_told(shop: Shop) -> None:
    other = Shop(source=shop.source)
    for one in (shop, other):
        buy(one, f"o-{one.card}")
    give(other, defined("gift"), reason="别人的")
    assert "标签" not in handed_over(shop)
