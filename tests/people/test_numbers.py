"""A number that changed hands, said on her page: orders and points of the time since go to whoever has it now, and come back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.engage.loyalty import api as loyalty
from huoshui.intake.river.api import part_shared
from huoshui.intake.river.tests.world import Shop, check_books, line, points_of, spend_of
from huoshui.people import api as people
from tests.console.desk import Desk

pytestmark = pytest.mark.django_db

BOSS = Actor("staff", 1, "老板", frozenset({"boss"}))
GUIDE = Actor("staff", 3, "导购", frozenset({"guide"}), frozenset({-1}))
NUMBER = "15912340001"
_NUMBERS = sql.Statement(
    "numbers", "select id, scope, person_id from identifier where kind = 'phone' order by scope"
)
_AUDIT = sql.Statement(
    "audit",
    "select action, actor, detail->>'reason' as reason from audit_entry where action like 'identifier.%%retired' order by id",
)


def test_orders_since_go_to_the_new_holder_and_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch, BOSS)
    brand.ensure_headquarters("总部")
    shop, now = Shop(), clock.now()
    shop.tell(shop.member(("card_no", shop.card), ("phone", NUMBER), name="王芳"))
    both = (("card_no", shop.card), ("phone", NUMBER))
    shop.tell(shop.order(line(100_00), key="O1", identifiers=both, at=now - timedelta(days=300)))
    told = (("phone", NUMBER),)
    shop.tell(shop.order(line(70_00), key="O2", identifiers=told, at=now - timedelta(days=10)))
    old = shop.person()
    assert spend_of(old) == 170_00
    (number,) = sql.fetch(_NUMBERS)
    at = f"/people/{old}/contacts/{number.id}/retire/"
    since = (now - timedelta(days=30)).date().isoformat()
    desk.actor = GUIDE
    assert desk.client.post(at, {"act": "retired", "on": since, "reason": "x"}).status_code == 404
    desk.actor = BOSS
    for sent in ({"on": "去年", "reason": "换了"}, {"on": since, "reason": ""}):
        assert desk.client.post(at, {"act": "retired", **sent}).status_code == 422
    assert spend_of(old) == 170_00 and sql.fetch(_AUDIT) == []
    said = desk.client.post(at, {"act": "retired", "on": since, "reason": "新机主接的电话"})
    assert said.status_code == 302
    part_shared()
    today, before = sql.fetch(_NUMBERS)
    assert before.person_id == old and today.person_id != old
    assert (spend_of(old), spend_of(today.person_id)) == (100_00, 70_00)
    assert (points_of(old), points_of(today.person_id)) == (100, 70)
    page = desk.client.get(said["Location"]).content.decode()
    assert f"{since} 起换了人用" in page and "其实没有换人" in page
    assert desk.client.post(at, {"act": "retired", "on": since, "reason": "再来"}).status_code == 404
    assert desk.client.post(at, {"act": "not_retired", "reason": "本人一直在用"}).status_code == 302
    part_shared()
    assert people.canonical_ids([today.person_id]) == {today.person_id: old}, (
        "one with her, or told again of her"
    )
    assert people.card_for(BOSS, old).person_id == old
    assert loyalty.balance_of(old).usable == 170
    assert [tuple(r) for r in sql.fetch(_AUDIT)] == [
        ("identifier.retired", str(BOSS), "新机主接的电话"),
        ("identifier.not_retired", str(BOSS), "本人一直在用"),
    ]
    told_her = people.rights_reads.copy_of(old).parts["谁查看过"]
    assert any(r["做了什么"] == "说明这个号码从某天起换了人用" for r in told_her)
    check_books()
