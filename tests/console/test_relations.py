"""Roles and relations on the customer's page, and who brings most: what is shown, who may, what a refusal leaves alone."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from huoshui.core import sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.tests.ground import statements
from huoshui.people import api as people
from huoshui.people.identity.tests.meeting import meet, new
from huoshui.web.console.contexts import person_roles
from tests.console import desk as desks

pytestmark = pytest.mark.django_db

BOSS = Actor("staff", 1, "老板", frozenset({"boss"}))
GUIDE = Actor("staff", 3, "导购", frozenset({"guide"}), frozenset({-1}))
_NAME = sql.Statement(
    "name",
    "insert into person_card (person_id, display_name, card_no, orders, spend)"
    " values (%(id)s, %(name)s, %(card)s, 2, 12300)",
)


class Desk(desks.Desk):
    def panel(self, person: int) -> str:
        response = self.client.get(f"/people/{person}/roles/")
        assert response.status_code == 200
        return response.content.decode()

    def say(self, person: int, **said: str) -> tuple[int, str]:
        response = self.client.post(f"/people/{person}/roles/say/", said, headers={"HX-Request": "true"})
        return response.status_code, response.content.decode()


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(monkeypatch, BOSS)


def somebody(name: str) -> tuple[int, str]:
    card = new()
    person = meet(card)
    sql.run(_NAME, id=person, name=name, card=card[1])
    return person, card[1]


def bring(bringer: int, newcomer: int, **more: Any) -> int:
    with transaction.atomic():
        return people.relations.declare(
            kind="brought",
            from_person_id=bringer,
            to_person_id=newcomer,
            reason="她说的",
            actor=SYSTEM,
            **more,
        )


def test_a_relation_is_recorded_shown_from_both_ends_and_ended(desk: Desk) -> None:
    (one, _), (other, card) = somebody("林小雨"), somebody("<欧阳>上官诸葛")
    assert "还没有登记过家人" in desk.panel(one)
    status, page = desk.say(one, act="add", kind="brought/out", other=card, reason="当面说的")
    assert status == 200 and "&lt;欧阳&gt;上官诸葛" in page and f'href="/people/{other}/"' in page
    assert "推荐她来的" in desk.panel(other) and "林小雨" in desk.panel(other)
    (edge,) = people.relations.edges_of(one)
    status, page = desk.say(one, act="end", id=str(edge.id), reason="")
    assert status == 422 and "请写明依据" in page and people.relations.edges_of(one) == [edge]
    status, page = desk.say(one, act="end", id=str(edge.id), reason="说错了")
    assert status == 200 and "结束：说错了" in page and "<svg" not in page


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ({"kind": "enemy/out", "other": "x"}, "请选一种关系"),
        ({"kind": "household/out", "other": ""}, "请写对方的手机号"),
        ({"kind": "household/out", "other": "nobody-at-all"}, "没有找到这位顾客"),
    ],
)
def test_what_cannot_be_recorded_says_why_and_keeps_what_was_typed(
    desk: Desk, said: dict[str, str], words: str
) -> None:
    one, _ = somebody("林小雨")
    status, page = desk.say(one, act="add", reason="当面说的", **said)
    assert status == 422 and words in page and 'value="当面说的"' in page
    assert people.relations.edges_of(one) == []


def test_a_stranger_to_the_actor_is_not_found(desk: Desk) -> None:
    one, _ = somebody("林小雨")
    desk.actor = GUIDE
    assert desk.client.get(f"/people/{one}/roles/").status_code == 404
    assert desk.say(one, act="pro", detail="设计师", reason="名片")[0] == 404
    assert desk.client.get("/relations/").status_code == 404
    assert people.roles.roles_of(one) == []


def test_forty_neighbours_are_eight_in_the_picture_and_all_in_the_list(desk: Desk) -> None:
    one, _ = somebody("林小雨")
    few = statements(lambda: person_roles.panel(BOSS, one))
    for place in range(40):
        bring(one, somebody(f"顾客{place}")[0])
    page = desk.panel(one)
    assert page.count("<circle") == 1 + 8 + 1 and "还有 32 位" in page
    assert page.count('value="end"') == 40
    many = statements(lambda: person_roles.panel(BOSS, one))
    bring(one, somebody("再一位")[0])
    assert statements(lambda: person_roles.panel(BOSS, one)) == many, f"{few} of one alone"


def test_a_professional_wears_her_role_with_its_reason(desk: Desk) -> None:
    one, _ = somebody("林小雨")
    bring(one, somebody("王芳")[0])
    status, page = desk.say(one, act="pro", detail="室内设计师", reason="名片")
    assert status == 200 and "有人登记的职业：室内设计师" in page and "长期价值" in page
    assert "带来了 1 位顾客" in page
    status, page = desk.say(one, act="staff", detail="没有", reason="本人说")
    assert status == 422 and "员工名单里没有这个工号" in page
    (role,) = (r for r in people.roles.roles_of(one) if r.name == "pro")
    status, page = desk.say(one, act="role-end", id=str(role.why["declared"]), reason="转行了")
    assert status == 200 and "以前的角色" in page


def test_who_brings_most(desk: Desk) -> None:
    assert "还没有谁带来过别人" in desk.client.get("/relations/").content.decode()
    (one, _), (other, _) = somebody("林小雨"), somebody("王芳")
    for place in range(3):
        bring(one, somebody(f"顾客{place}")[0])
    bring(other, somebody("再一位")[0])
    page = desk.client.get("/relations/").content.decode()
    assert page.index("林小雨") < page.index("王芳") and "¥369.0" in page
