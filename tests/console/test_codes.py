"""A scanned code: nobody signs in, her phone is proven, and she is member, bonded and has her coupon, once."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from pytest_django import Settings

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.tests.ground import wait_for_readers
from huoshui.engage.campaigns import api as campaigns
from huoshui.intake.tills.tests.counter import clean_tables
from huoshui.people import api as people
from huoshui.trade.bonds import api as bonds
from huoshui.trade.bonds.tests.world import Shops, open_shops
from huoshui.trade.codes import api as codes
from huoshui.trade.codes.api import Code, Draft
from huoshui.web.api.limits import Buckets
from huoshui.web.console.views import join
from tests.console.desk import Desk

__all__ = ["clean_tables"]

pytestmark = pytest.mark.django_db(transaction=True)

BOSS = Actor("staff", 1, "老板", frozenset({"boss"}))
PHONE = "13911112222"
RULE = {"benefit": {"kind": "amount_off", "amount": 1000}, "validity": {"days": 30}, "per_person": 1}
_FACTS = sql.Statement(
    "told", "select name, count(*) as n from settlement where person_id is not null group by 1 order by 1"
)
_SAID = sql.Statement(
    "said", "select purpose, channel, is_given, notice_version from consent_entry order by id"
)


class Place:
    def __init__(self, shops: Shops, code: Code) -> None:
        self.shops, self.code = shops, code
        self.url = f"/c/{codes.links.token(code.handle)}/"

    def of(self, page: str, name: str) -> str:
        found = re.search(rf'name="{name}" value="([^"]*)"', page)
        assert found is not None
        return found[1]


@pytest.fixture
def place(clean_tables: None, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Place:
    settings.WHITENOISE_USE_FINDERS = False
    settings.HUOSHUI_DEMO = True
    for name in ("_strangers", "_posts"):
        monkeypatch.setattr(join, name, Buckets())
    with transaction.atomic():
        shops = open_shops()
        template = campaigns.create_template(title="见面礼十元", rule=RULE, actor=BOSS)
        campaigns.publish_template(template_id=template, actor=BOSS)
        code_id = codes.make(
            Draft("guide", "小王的码", shops.stores[0][0], shops.guides[0], template_id=template), actor=BOSS
        )
    return Place(shops, codes.of(BOSS, code_id).code)


def opened(her: Client, place: Place) -> dict[str, Any]:
    page = her.get(place.url)
    assert page.status_code == 200 and page["X-Robots-Tag"] == "noindex"
    return {"visit": place.of(page.content.decode(), "visit"), "phone": PHONE}


def worded(her: Client, place: Place, said: dict[str, Any]) -> dict[str, Any]:
    page = her.post(place.url, {**said, "act": "send"})
    found = re.search(r"验证码是 (\d{6})", page.content.decode())
    assert found is not None, page.content.decode()
    return {**said, "word": found[1], "act": "join", "agrees": "1"}


def told() -> dict[str, int]:
    return {r.name: r.n for r in sql.fetch(_FACTS)}


def test_scan_to_member_bond_and_coupon_and_a_second_tap_changes_nothing(place: Place) -> None:
    her = Client()
    said = opened(her, place)
    assert opened(her, place) == said, "loaded again it is the same visit"
    page = her.get(place.url).content.decode()
    assert "见面礼十元" in page and "小王" in page and "checked" not in page
    ready = {**worded(her, place, said), "choices": ["marketing/sms"]}
    answers = [her.post(place.url, ready) for _ in range(2)]
    assert [a.status_code for a in answers] == [200, 200]
    shown = [re.search(r"券码 (\w+)", a.content.decode()) for a in answers]
    assert shown[0] and shown[1] and shown[0][1] == shown[1][1]
    assert told() == {"Code Scanned": 1, "Consent Given": 1, "Coupon Claimed": 1, "Member Joined": 1}
    assert [tuple(r) for r in sql.fetch(_SAID)] == [("marketing", "sms", True, "扫码入会 2026-11")]
    wait_for_readers()
    codes.read()
    bonds.read()
    people.refresh_cards()
    person = people.find("phone", PHONE)
    assert person is not None
    bond = bonds.of_person(BOSS, person).now
    assert bond is not None
    assert (bond.dealer_id, bond.store_id, bond.guide_id) == (
        place.shops.dealers[0],
        place.shops.stores[0][0],
        place.shops.guides[0],
    )
    (view,) = codes.codes(BOSS)
    assert (view.scans, view.people) == (1, 1)


def test_who_is_a_member_already_scans_and_joins_no_second_time(place: Place) -> None:
    for _ in range(2):
        her = Client()
        said = worded(her, place, opened(her, place))
        assert her.post(place.url, said).status_code == 200
        wait_for_readers()
        people.roles.read()
        sql.run(sql.Statement("older", "update code_word set sent_at = sent_at - interval '5 minutes'"))
    assert told() == {"Code Scanned": 2, "Coupon Claimed": 1, "Member Joined": 1}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"word": "12"}, "验证码不对"),
        ({"agrees": ""}, "我已满 14 岁"),
        ({"phone": "12"}, "不是一个有效的手机号"),
        ({"phone": "13911113333"}, "验证码不对"),
    ],
)
def test_what_is_not_proven_or_not_agreed_to_leaves_nothing(
    place: Place, wrong: dict[str, str], says: str
) -> None:
    her = Client()
    answer = her.post(place.url, {**worded(her, place, opened(her, place)), **wrong})
    assert answer.status_code == 422 and says in answer.content.decode()
    assert told() == {} and people.find("phone", PHONE) is None


def test_a_known_phone_and_an_unknown_one_are_answered_alike(place: Place) -> None:
    known = Client()
    assert known.post(place.url, worded(known, place, opened(known, place))).status_code == 200
    sql.run(sql.Statement("older", "update code_word set sent_at = sent_at - interval '5 minutes'"))

    def seen(phone: str) -> str:
        her = Client()
        page = her.post(place.url, {**opened(her, place), "phone": phone, "act": "send"})
        assert page.status_code == 200
        text = re.sub(phone + r"|\d{6}", "", page.content.decode())
        return re.sub(r'(visit|csrfmiddlewaretoken)" value="[^"]*"', "", text)

    assert seen(PHONE) == seen("13911114444")


def test_what_is_off_looks_like_what_never_was(place: Place) -> None:
    with transaction.atomic():
        codes.switch(place.code.id, is_live=False, actor=BOSS)
    her = Client()
    off, never = her.get(place.url), her.get("/c/" + "x" * 20 + "/")
    assert off.status_code == never.status_code == 404
    assert off.content.decode() == never.content.decode()
    assert told() == {}
    codes_seen = [her.get("/c/nobody/").status_code for _ in range(12)]
    assert codes_seen[0] == 404 and codes_seen[-1] == 429


def test_words_are_sent_so_often_and_no_more(place: Place) -> None:
    her = Client()
    said = opened(her, place)
    worded(her, place, said)
    again = her.post(place.url, {**said, "act": "send"})
    assert again.status_code == 429 and "验证码要得太多了" in again.content.decode()


def test_without_a_sender_it_says_so_and_issues_no_word(place: Place, settings: Settings) -> None:
    settings.HUOSHUI_DEMO = False
    her = Client()
    answer = her.post(place.url, {**opened(her, place), "act": "send"})
    assert answer.status_code == 422 and "短信还没有接通" in answer.content.decode()
    assert sql.fetch_one(sql.Statement("n", "select count(*) as n from code_word")).n == 0


def test_a_device_of_staff_joins_nobody(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch, BOSS)
    answer = desk.client.post(place.url, {**opened(desk.client, place), "act": "send"})
    assert answer.status_code == 422 and "员工账号" in answer.content.decode()


def test_the_desk_makes_shows_and_prints(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch, BOSS)
    listed = desk.client.get("/codes/").content.decode()
    assert "小王的码" in listed and "做出来" in listed
    store = place.shops.stores[1][0]
    made = desk.client.post("/codes/", {"kind": "store", "title": "立牌", "place": str(store), "coupon": ""})
    assert made.status_code == 302
    page = desk.client.get(made.url).content.decode()  # type: ignore[attr-defined]  # a redirect has one
    assert "<svg" in page and "http://testserver/c/" in page
    path = made.url  # type: ignore[attr-defined]
    assert desk.client.get(path + "qr.svg").content.startswith(b"<?xml")
    assert desk.client.get(path + "qr.png").content.startswith(b"\x89PNG")
    assert desk.client.get("/codes/sheet.pdf").content.startswith(b"%PDF")
    assert desk.client.post(path, {"act": "off"}).status_code == 302
    assert "停用" in desk.client.get(path).content.decode()
    refused = desk.client.post("/codes/", {"kind": "guide", "title": "没选人"})
    assert refused.status_code == 422 and "专属码要选门店和导购" in refused.content.decode()
    desk.actor = place.shops.owner(0)
    assert (
        desk.client.get(path).status_code == 404 and desk.client.post(path, {"act": "on"}).status_code == 404
    )
    assert desk.client.get(path + "qr.svg").status_code == 404
    desk.actor = BOSS
    assert "停用" in desk.client.get(path).content.decode()
