"""加企业微信 on the console and on the guide's phone: who may, what is shown, and what is left of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from huoshui.core import sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.scope import look_as
from huoshui.core.subscribers import registry
from huoshui.intake.wecom.actions import make_now
from huoshui.intake.wecom.simulator import Simulator
from huoshui.intake.wecom.tests.test_asking import AES_KEY, SECRET
from huoshui.intake.wecom.tests.test_envelope import DOOR, SEALED, SIGNED
from huoshui.people.rights.tests.test_glass import PHONE, contact
from tests.console.desk import Desk

pytestmark = pytest.mark.django_db

BOSS = Actor("staff", 1, "老板", frozenset({"boss"}))
GUIDE = Actor("staff", 5, "周敏", frozenset({"guide"}), frozenset({7}))
OTHER = Actor("staff", 6, "李雷", frozenset({"guide"}), frozenset({7}))
AWAY = Actor("staff", 7, "远店", frozenset({"guide"}), frozenset({8}))
ANALYST = Actor("staff", 8, "分析", frozenset({"analyst"}))
STAFF = sql.Statement(
    "staff",
    "insert into staff (id, number, name, wecom_id) overriding system value"
    " values (1, 'a', '老板', 'boss'), (5, 'b', '周敏', 'zhoumin'), (6, 'c', '李雷', ''), (8, 'd', '分析', 'fenxi')",
)
KEPT = sql.Statement(
    "kept",
    "select (select count(*) from wecom_way) as ways, (select count(*) from audit_entry where action = 'contact.wecom') as traces,"
    " coalesce((select json_agg(a)::text from audit_entry a), '') || coalesce((select json_agg(w)::text from wecom_way w), '') as said",
)
PLACED = sql.Statement(
    "placed", "insert into placement (staff_id, org_unit_id, role) values (5, 1, 'guide'), (6, 1, 'guide')"
)
DEALER = sql.Statement("dealer", "update person_card set dealer_id = 70")
SET = {"corp_id": DOOR.corp_id, "secret": SECRET, "token": DOOR.token, "aes_key": AES_KEY}


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[Desk]:
    settings.WHITENOISE_USE_FINDERS = False
    wecom = Simulator(users=frozenset({"zhoumin"}), secret=SECRET).start()
    settings.HUOSHUI_WECOM_API = wecom.url
    sql.run(STAFF)
    desk = Desk(monkeypatch, BOSS)
    assert desk.client.post("/wecom/", SET).status_code == 302
    yield desk
    wecom.stop()


def kept() -> tuple[int, int]:
    row = sql.fetch_one(KEPT)
    return int(row.ways), int(row.traces)


@pytest.mark.parametrize("where", ["/people/{}/wecom/", "/g/people/{}/wecom/"])
def test_the_code_is_shown_and_no_number(desk: Desk, where: str, caplog: pytest.LogCaptureFixture) -> None:
    person, _ = contact()
    desk.actor = GUIDE
    said = desk.client.post(where.format(person))
    assert said.status_code == 302
    waiting = desk.client.get(said["Location"]).content.decode()
    assert "正在生成" in waiting and 'http-equiv="refresh"' in waiting
    way_id = int(re.findall(r"\d+", said["Location"])[-1])
    make_now(way_id)
    page = desk.client.get(said["Location"])
    shown = page.content.decode()
    assert "data:image/png;base64," in shown and "加我的企业微信：周敏" in shown
    assert page["Cache-Control"].startswith("max-age=0")
    again = desk.client.post(where.format(person))
    assert again["Location"] == said["Location"] and kept() == (1, 2), (
        "the same code, and every use is in the books"
    )
    for text in (shown, waiting, str(said.headers), caplog.text, sql.fetch_one(KEPT).said):
        assert PHONE not in text and PHONE[-4:] not in re.sub(r"base64,[^\"']+", "", text)
    desk.actor = OTHER
    assert desk.client.get(said["Location"]).status_code == 404, "a code of another's"
    told = registry.copies["企业微信"]([person])
    assert told[0]["后来"] == "没有扫"


def test_as_the_dial_is_permitted(desk: Desk, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    person, _ = contact()

    def ask(actor: Actor) -> tuple[int, str]:
        desk.actor = actor
        said = desk.client.post(f"/people/{person}/wecom/")
        return said.status_code, said.content.decode()

    assert ask(AWAY)[0] == 404
    assert ask(ANALYST)[0] == 422
    status, page = ask(OTHER)
    assert status == 422 and "员工与岗位" in page
    look_as(SYSTEM)
    sql.run(DEALER)
    settings.HUOSHUI_DEALERS_OWN_CUSTOMERS = True
    monkeypatch.setattr(registry, "hear_dealers", lambda actor, dealers: {})
    assert ask(BOSS)[0] == 422, "the dealer has granted nothing"
    assert kept() == (0, 0)
    monkeypatch.setattr(registry, "hear_dealers", lambda actor, dealers: dict.fromkeys(dealers, True))
    settings.HUOSHUI_DEALERS_OWN_CUSTOMERS = False
    assert ask(BOSS)[0] == 302 and kept() == (1, 1)


def test_a_refusal_says_what_to_do(desk: Desk) -> None:
    person, _ = contact()
    said = desk.client.post(f"/people/{person}/wecom/")
    make_now(int(re.findall(r"\d+", said["Location"])[-1]))
    assert "企业微信里没有这个员工账号" in desk.client.get(said["Location"]).content.decode()


def test_settings_are_the_boss_s_and_never_shown_again(desk: Desk) -> None:
    page = desk.client.get("/wecom/").content.decode()
    assert DOOR.corp_id in page and "/wecom/callback/" in page and "正在问企业微信" in page
    assert not any(word in page for word in (SECRET, DOOR.token, AES_KEY))
    assert desk.client.post("/wecom/", SET | {"aes_key": "short"}).status_code == 422
    desk.actor = GUIDE
    assert desk.client.post("/wecom/", SET).status_code == desk.client.get("/wecom/trial/").status_code == 404


def test_what_calls_back_is_answered_if_it_is_signed(desk: Desk) -> None:
    client = Client(enforce_csrf_checks=True)
    asked: dict[str, Any] = {k: v for k, v in SIGNED.items() if k != "sealed"}
    said = client.get("/wecom/callback/", asked | {"echostr": SEALED})
    assert (said.status_code, said.content[:5]) == (200, b"<xml>")
    assert client.get("/wecom/callback/", asked | {"echostr": SEALED, "nonce": "1"}).status_code == 403
    query = "&".join(f"{k}={v}" for k, v in asked.items())
    for body in (b"", b"<xml>", b"<xml>" + b" " * (1 << 17) + b"</xml>"):
        answer = client.post(f"/wecom/callback/?{query}", body, content_type="text/xml")
        assert (answer.status_code, answer.content) == (403, b"")
    assert "企业微信验过这个地址" in desk.client.get("/wecom/").content.decode()


def test_a_staff_member_s_name_there_is_said_once(desk: Desk) -> None:
    sql.run(PLACED)
    for staff, name, status in ((6, "lilei", 200), (6, "zhoumin", 422), (6, "李雷", 422), (5, "", 200)):
        said = desk.client.post(f"/staff/{staff}/", {"act": "wecom", "wecom_id": name})
        assert said.status_code == status, name
