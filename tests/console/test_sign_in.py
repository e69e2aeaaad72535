"""Signing in over HTTP: by password and second factor, by a code to one's phone, on a remembered device."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.test import Client
from pytest_django import Settings

from huoshui.brand import api as brand
from huoshui.brand.org.models import OrgUnit
from huoshui.brand.staff.models import Placement, Staff
from huoshui.core import sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.people import api as people
from huoshui.web.console.i18n import compile_catalogues

pytestmark = pytest.mark.django_db

AT = datetime(2026, 5, 20, 4, tzinfo=UTC)
PHONE, STRANGER = "13456173818", "15704444827"
PASSWORD = "a-long-password"
BOSS = Actor("staff", 999_999, "老板", frozenset({"boss"}))


@pytest.fixture(autouse=True)
def at_noon(settings: Settings) -> object:
    compile_catalogues()
    settings.WHITENOISE_USE_FINDERS = False
    with time_machine.travel(AT, tick=False) as clock:
        yield clock


@pytest.fixture
def simulator(settings: Settings) -> None:
    settings.HUOSHUI_DEMO = True
    settings.HUOSHUI_DEMO_LOGINS = (("老板", "demo-boss", PASSWORD),)


@pytest.fixture
def boss() -> int:
    brand.ensure_headquarters("总部")
    brand.ensure_login(username="lin", password=PASSWORD, name="林", roles=["boss"], actor=SYSTEM)
    return brand.find_staff(["lin"])["lin"]


@pytest.fixture
def guide() -> int:
    brand.ensure_headquarters("总部")
    headquarters = OrgUnit.objects.get(kind="headquarters")
    store = OrgUnit.objects.create(code="S1", name="一店", kind="store", parent=headquarters)
    staff = Staff.objects.create(number="SY1", name="小婷")
    Placement.objects.create(staff=staff, org_unit_id=store.id, role="guide")
    people.know_staff_phones([(staff.id, PHONE)], actor=SYSTEM)
    return staff.id


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", response.content.decode()))


def is_in(client: Client) -> bool:
    return bool(client.get("/me/devices/").status_code == 200)


def password(client: Client, **more: str) -> Any:
    return client.post("/login/", {"username": "lin", "password": PASSWORD, **more})


def enrolled(client: Client) -> tuple[pyotp.TOTP, list[str]]:
    password(client)
    secret = re.search(r'class="hs-n">([A-Z2-7 ]+)<', client.get("/login/enrol/").content.decode())
    assert secret
    totp = pyotp.TOTP(secret[1].replace(" ", ""))
    page = client.post("/login/enrol/", {"code": totp.at(AT)})
    return totp, re.findall(r"<li>([a-z2-9]{5}-[a-z2-9]{5})</li>", page.content.decode())


# ---- head office -----------------------------------------------------------------------------------------------------


def test_a_password_alone_is_half_the_way(boss: int) -> None:
    client = Client()
    response = password(client, next="/people/")
    assert (response.status_code, response["Location"]) == (302, "/login/enrol/")
    assert not is_in(client)
    assert client.get("/login/factor/")["Location"] == "/login/enrol/"
    assert client.post("/login/enrol/", {"code": "000000"}).status_code == 422
    assert not is_in(client)


def test_the_first_time_one_scans_and_keeps_ten_codes(boss: int) -> None:
    client = Client()
    _, codes = enrolled(client)
    assert len(codes) == 10 and is_in(client)
    assert client.get("/login/enrol/")["Location"] == "/login/", "what is shown once is not shown again"


def test_from_then_on_one_is_asked_for_the_code(boss: int) -> None:
    totp, codes = enrolled(Client())
    later = AT + timedelta(minutes=2)
    with time_machine.travel(later, tick=False):
        client = Client()
        assert password(client, next="/people/")["Location"] == "/login/factor/"
        assert client.post("/login/factor/", {"code": totp.at(AT)}).status_code == 422
        response = client.post("/login/factor/", {"code": totp.at(later)})
        assert (response.status_code, response["Location"]) == (302, "/people/") and is_in(client)
        other = Client()
        password(other)
        assert other.post("/login/factor/", {"code": codes[3]}).status_code == 302 and is_in(other)


def test_half_way_does_not_last_nor_move_to_another_window(boss: int) -> None:
    enrolled(Client())
    client = Client()
    password(client)
    assert Client().get("/login/factor/")["Location"] == "/login/"
    with time_machine.travel(AT + timedelta(minutes=11), tick=False):
        assert client.get("/login/factor/")["Location"] == "/login/"


def test_nobody_is_led_elsewhere(boss: int) -> None:
    client = Client()
    password(client, next="https://evil.example/")
    totp, _ = enrolled(client)
    later = AT + timedelta(minutes=2)
    with time_machine.travel(later, tick=False):
        other = Client()
        password(other, next="//evil.example/")
        assert other.post("/login/factor/", {"code": totp.at(later)})["Location"] == "/"


def test_the_demos_own_logins_go_straight_in_and_others_do_not(boss: int, simulator: None) -> None:
    brand.ensure_login(username="demo-boss", password=PASSWORD, name="老板", roles=["boss"], actor=SYSTEM)
    client = Client()
    response = client.post("/login/", {"username": "demo-boss", "password": PASSWORD})
    assert response["Location"] == "/" and is_in(client)
    assert password(Client())["Location"] == "/login/enrol/"
    assert "演示账号不用第二步验证" in text_of(Client().get("/login/"))


# ---- by phone --------------------------------------------------------------------------------------------------------


def code_in(response: Any) -> str:
    found = re.search(r"收到验证码 (\d{6})", text_of(response))
    return found[1] if found else ""


def by_phone(client: Client, *, remember: str = "1") -> Any:
    code = code_in(client.post("/login/phone/", {"phone": PHONE}))
    return client.post("/login/phone/", {"code": code, "remember": remember, "next": "/g/notices/"})


def test_a_guide_comes_in_by_phone_and_the_device_is_remembered(guide: int, simulator: None) -> None:
    client = Client(headers={"user-agent": "Mozilla/5.0 (iPhone) MicroMessenger"})
    response = by_phone(client)
    assert (response.status_code, response["Location"]) == (302, "/g/notices/")
    cookie = response.cookies["huoshui-device"]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["max-age"] == 90 * 86400
    assert "iPhone · 微信" in text_of(client.get("/me/devices/"))
    client.post("/logout/")
    assert "以 小婷 登录" in text_of(client.get("/login/"))
    assert client.post("/login/device/").status_code == 302 and is_in(client)


def test_without_the_tick_nothing_is_remembered(guide: int, simulator: None) -> None:
    client = Client()
    assert "huoshui-device" not in by_phone(client, remember="").cookies
    assert is_in(client)


def test_an_unknown_phone_is_answered_alike(
    guide: int, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outside of the demo, to the byte but for the form's own token."""
    sent: list[str] = []
    monkeypatch.setattr(brand.phone_codes, "_senders", [lambda phone, code: sent.append(phone)])
    pages = []
    for phone in (PHONE, STRANGER):
        client = Client()
        response = client.post("/login/phone/", {"phone": phone})
        wrong = client.post("/login/phone/", {"code": "000000"})
        pages.append(
            (response.status_code, wrong.status_code, *(_without_token(r) for r in (response, wrong)))
        )
    assert pages[0] == pages[1] and pages[0][:2] == (200, 422)


def _without_token(response: Any) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())


@pytest.mark.parametrize("told", ["", "123", "一三八", "138 0013 800"])
def test_what_is_no_phone_is_said_so(guide: int, simulator: None, told: str) -> None:
    response = Client().post("/login/phone/", {"phone": told})
    assert response.status_code == 422 and "不像手机号" in text_of(response)


def test_asking_twice_at_once_is_too_often(guide: int, simulator: None) -> None:
    client = Client()
    client.post("/login/phone/", {"phone": PHONE})
    assert client.post("/login/phone/", {"phone": PHONE}).status_code == 429


def test_head_office_does_not_come_in_by_phone(boss: int, simulator: None) -> None:
    people.know_staff_phones([(boss, STRANGER)], actor=SYSTEM)
    client = Client()
    response = client.post("/login/phone/", {"phone": STRANGER})
    assert response.status_code == 200 and code_in(response) == ""


def test_without_a_sender_the_page_says_so(guide: int) -> None:
    client = Client()
    assert "还没有接上短信" in text_of(client.get("/login/phone/"))
    assert client.post("/login/phone/", {"phone": PHONE}).status_code == 422
    assert "用手机验证码登录" not in text_of(client.get("/login/"))


def test_the_caller_behind_our_own_proxy_is_whom_it_saw(
    guide: int, simulator: None, settings: Settings
) -> None:
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    marks = set()
    for n, hops in enumerate(("9.9.9.9, 10.0.0.1", "8.8.8.8, 10.0.0.1", "10.0.0.2")):
        Client().post("/login/phone/", {"phone": f"1380013800{n}"}, headers={"x-forwarded-for": hops})
    for row in sql.fetch(sql.Statement("marks", "select address_mark from sign_in_code")):
        marks.add(row.address_mark)
    assert len(marks) == 2, "what the caller himself claims counts for nothing"


# ---- out -------------------------------------------------------------------------------------------------------------


def test_a_forgotten_device_is_out_and_only_that(guide: int, simulator: None) -> None:
    client, other = Client(), Client()
    by_phone(client)
    with time_machine.travel(AT + timedelta(minutes=2), tick=False):
        by_phone(other)
        lost = re.search(r'name="device" value="(\d+)"', client.get("/me/devices/").content.decode())
        (mine, _) = [d.id for d in brand.sessions.devices_of(guide)][::-1]
        assert lost
        other.post("/me/devices/", {"device": str(mine)})
        assert is_in(other) and not is_in(client)
        assert client.post("/login/device/")["Location"] == "/login/phone/"


def test_everywhere_is_everywhere(guide: int, simulator: None) -> None:
    client, other = Client(), Client()
    by_phone(client)
    with time_machine.travel(AT + timedelta(minutes=2), tick=False):
        by_phone(other)
        client.post("/me/devices/", {"act": "everywhere"})
        assert not is_in(client) and not is_in(other)
        assert Session.objects.count() == 0 or not is_in(other)


def test_whoever_leaves_is_out_of_every_window_at_once(guide: int, simulator: None) -> None:
    client = Client()
    by_phone(client)
    assert is_in(client)
    brand.leave(staff_id=guide, reason="离职", actor=BOSS)
    assert not is_in(client)
    assert client.post("/login/device/")["Location"] == "/login/phone/"
    with time_machine.travel(AT + timedelta(minutes=2), tick=False):
        assert code_in(Client().post("/login/phone/", {"phone": PHONE})) == ""
    assert not get_user_model().objects.filter(is_active=True).exists()


def test_another_persons_device_is_not_there(guide: int, simulator: None) -> None:
    client = Client()
    by_phone(client)
    device, _ = brand.sessions.remember(Staff.objects.create(number="SY2", name="别人").id, browser="x")
    answers = [client.post("/me/devices/", {"device": str(n)}) for n in (device, 10**9)]
    assert [a.status_code for a in answers] == [404, 404]
    assert answers[0].content == answers[1].content


def test_whoever_becomes_head_office_signs_in_anew_by_password(guide: int, simulator: None) -> None:
    client = Client()
    by_phone(client)
    store = Placement.objects.get(staff_id=guide)
    brand.end_seat(seat_id=store.id, reason="升职", actor=BOSS)
    headquarters = OrgUnit.objects.get(kind="headquarters").id
    brand.place_staff(staff_id=guide, unit_id=headquarters, roles=["analyst"], reason="升职", actor=BOSS)
    assert not is_in(client)
    assert client.post("/login/device/")["Location"] == "/login/phone/"


def test_a_place_that_has_ended_opens_no_page(guide: int, simulator: None) -> None:
    client = Client()
    by_phone(client)
    Placement.objects.filter(staff_id=guide).update(expires_on=AT.date())
    assert is_in(client)
    with time_machine.travel(AT + timedelta(hours=11, minutes=50), tick=False):
        assert is_in(client)
    Placement.objects.filter(staff_id=guide).update(expires_on=AT.date() - timedelta(1))
    response = client.get("/people/")
    assert response.status_code == 403 and "现在没有岗位" in text_of(response)
