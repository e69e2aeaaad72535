"""Her own page at an address nobody signs in to, and the code that staff show."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import Settings

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.tests.ground import wait_for_readers
from huoshui.intake.river.tests.world import Shop, shop
from huoshui.intake.tills.tests.counter import clean_tables
from huoshui.people import api as people
from huoshui.web.api.limits import Buckets
from huoshui.web.console.views import own_page
from tests.console import desk as desks

__all__ = ["clean_tables", "shop"]

pytestmark = pytest.mark.django_db(transaction=True)

BOSS = Actor("staff", 1, "老板", frozenset({"boss"}))
GUIDE = Actor("staff", 3, "导购", frozenset({"guide"}), frozenset({-1}))
PHONE = "13911112222"
_SAID = sql.Statement("said", "select purpose, channel, is_given, actor from consent_entry order by id")


class Desk(desks.Desk):
    def __init__(self, person: int, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(monkeypatch, BOSS)
        self.person = person

    def shown(self, act: str = "make") -> str:
        response = self.client.post(
            f"/people/{self.person}/own-page/", {"act": act}, headers={"HX-Request": "true"}
        )
        assert response.status_code == 200
        return response.content.decode()

    def address(self) -> str:
        found = re.search(r'value="http://testserver(/my/[^"]+/)"', self.shown())
        assert found is not None
        return found[1]


@pytest.fixture
def desk(clean_tables: None, shop: Shop, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Desk:
    settings.WHITENOISE_USE_FINDERS = False
    for name in ("_reads", "_strangers"):
        monkeypatch.setattr(own_page, name, Buckets())
    shop.tell(shop.member(("card_no", shop.card), ("phone", PHONE), name="林小雨"), shop.order())
    wait_for_readers()
    people.refresh_cards()
    return Desk(shop.person(), monkeypatch)


def test_staff_show_a_code_and_she_says_yes_and_no_by_one_tap_each(desk: Desk) -> None:
    assert (
        "<svg" in desk.shown()
        and "给她一个自助页面" in desk.client.get(f"/people/{desk.person}/consents/").content.decode()
    )
    her, url = Client(), desk.address()
    page = her.get(url)
    assert (
        page.status_code == 200 and page["X-Robots-Tag"] == "noindex" and "no-store" in page["Cache-Control"]
    )
    shown = page.content.decode()
    assert not any(word in shown for word in (PHONE, "2222", "林小雨")), (
        "it tells whoever holds it no name and no number"
    )
    assert "短信" in shown and "邮件" not in shown, "only where there is somewhere to send to"
    done = her.post(url, {"say": "marketing//yes"})
    assert done.status_code == 302 and "记下了您的同意" in her.get(done["Location"]).content.decode()
    assert her.post(url, {"say": "marketing//no"}).status_code == 302
    who = f"person:{desk.person}"
    assert [tuple(r) for r in sql.fetch(_SAID)] == [
        ("marketing", "", True, who),
        ("marketing", "", False, who),
    ]


def test_a_request_becomes_a_case_and_looking_changes_nothing(desk: Desk) -> None:
    her, url = Client(), desk.address()
    her.get(url)
    her.head(url)
    assert sql.fetch(_SAID) == [] and people.rights_reads.cases(BOSS) == []
    assert her.post(url, {"ask": "correct", "said": ""}).status_code == 422
    assert her.post(url, {"ask": "copy"}).status_code == 302
    (case,) = people.rights_reads.cases(BOSS)
    assert (case.kind, case.person_id) == ("copy", desk.person)
    assert "正在办" in her.get(url).content.decode()
    again = her.post(url, {"ask": "copy"})
    assert again.status_code == 422 and len(people.rights_reads.cases(BOSS)) == 1
    assert "顾客本人" in desk.client.get(f"/rights/{case.id}/").content.decode()


def test_what_does_not_open_looks_alike_and_strangers_are_slowed_down(desk: Desk) -> None:
    url = desk.address()
    her = Client()
    desk.shown("revoke")
    answers = [her.get(one) for one in (url, "/my/" + "x" * 32 + "/", "/my/1/", url[:-2] + "/")]
    assert {(a.status_code, a.content) for a in answers} == {(404, answers[0].content)}
    assert her.post(url, {"say": "marketing//yes"}).status_code == 404 and sql.fetch(_SAID) == []
    codes = [her.get("/my/nobody/").status_code for _ in range(12)]
    assert codes[0] == 404 and codes[-1] == 429


def test_nobody_of_the_staff_taps_for_her(desk: Desk) -> None:
    url = desk.address()
    assert desk.client.get(url).status_code == 200
    assert desk.client.post(url, {"say": "marketing//yes"}).status_code == 422
    assert sql.fetch(_SAID) == []
    assert Client(enforce_csrf_checks=True).post(url, {"say": "marketing//yes"}).status_code == 403


def test_who_may_not_see_her_gives_no_address(desk: Desk) -> None:
    desk.actor = GUIDE
    assert desk.client.post(f"/people/{desk.person}/own-page/", {"act": "make"}).status_code == 404
    assert sql.fetch(sql.Statement("links", "select from rights_link")) == []
