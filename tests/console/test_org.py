"""组织架构 and 员工与岗位 on screens: what is seen, what is done, and what is refused."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.test import Client
from pytest_django import Settings

from huoshui.brand import api as brand
from huoshui.brand.org.models import OrgUnit
from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.crypto import lookup_key
from huoshui.people import api as people
from huoshui.trade.bonds.tests.world import buy
from huoshui.web.console.i18n import compile_catalogues
from tests.console.desk import signed_in

pytestmark = pytest.mark.django_db

AT = "2026-05-20T12:00:00+08:00"
TODAY = date(2026, 5, 20)
NAMES = "小婷|某人?|华[东中]|[甲乙]商行|[一二三]店|总部|[简繁][体體]中文|我的品牌"
SYSTEM_BOSS = Actor("staff", 999_999, "老板", frozenset({"boss"}))


@pytest.fixture(autouse=True)
def at_noon(settings: Settings) -> object:
    compile_catalogues()
    settings.WHITENOISE_USE_FINDERS = False
    with time_machine.travel(AT, tick=False) as clock:
        yield clock


@pytest.fixture
def units() -> dict[str, int]:
    brand.ensure_headquarters("总部")
    rows = {
        "store_code": ["S1", "S2", "S3"],
        "name": ["<b>一店", "二店", "三店"],
        "region": ["华东", "华东", "华中"],
        "dealer": ["甲商行", "甲商行", "乙商行"],
    }
    brand.upsert_stores(pa.table(rows), actor=SYSTEM)
    codes = ["HQ", "S1", "S2", "S3", "dealer:甲商行", "dealer:乙商行", "region:华东"]
    return {
        code.removeprefix("dealer:").removeprefix("region:"): i for code, i in brand.find_units(codes).items()
    }


def hired(unit: int, *roles: str, name: str = "小婷") -> int:
    return brand.add_member(name=name, unit_id=unit, roles=list(roles), reason="x", actor=SYSTEM_BOSS)


def at_desk(unit: int, *roles: str, name: str = "某人") -> Client:
    staff = hired(unit, *roles, name=name)
    brand.open_login(staff_id=staff, username=f"u{staff}", password="a-long-password", actor=SYSTEM_BOSS)
    return signed_in(f"u{staff}")


def text_of(client: Client, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status, path
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def posted(client: Client, path: str, status: int = 200, **said: Any) -> str:
    response = client.post(path, said)
    assert response.status_code == status, response.content.decode()[-600:]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


# ---- the tree --------------------------------------------------------------------------------------------------------


def test_the_boss_sees_the_tree_and_moves_a_store(units: dict[str, int]) -> None:
    boss = at_desk(units["HQ"], "boss", name="林总")
    page = text_of(boss, "/org/")
    assert "2 家经销商" in page.replace("  ", " ") and "甲商行" in page and "<b>" not in page
    path = f"/org/{units['S1']}/"
    assert "归 甲商行" in text_of(boss, path)
    assert "已经调整" in posted(boss, path, under=units["乙商行"], on="2026-05-20", reason="合同换签")
    page = text_of(boss, path)
    assert "归 乙商行" in page and "合同换签" in page and "林总" in page and "一开始" in page
    assert "甲商行 → 乙商行" in text_of(boss, "/org/")


def test_a_move_to_come_can_be_called_off(units: dict[str, int]) -> None:
    boss = at_desk(units["HQ"], "boss")
    path = f"/org/{units['S1']}/"
    assert "已经安排好" in posted(boss, path, under=units["乙商行"], on="2026-06-01", reason="换签")
    assert "安排好的调整" in text_of(boss, "/org/") and "归 甲商行" in text_of(boss, path)
    (plan,) = brand.moves_ahead()
    assert boss.post("/org/", {"move": plan.id}).status_code == 302
    assert brand.moves_ahead() == []
    assert boss.post("/org/", {"move": plan.id}).status_code == 404


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"under": "", "reason": "x"}, "请选调整到哪里"),
        ({"under": "S2", "reason": "x"}, "门店归经销商"),
        ({"under": "乙商行", "reason": ""}, "为什么调整"),
        ({"under": "乙商行", "reason": "x", "on": "明天"}, "日期请写成"),
        ({"under": "乙商行", "reason": "x", "on": "2029-01-01"}, "提前一年"),
    ],
)
def test_what_cannot_be_is_said_in_its_place(units: dict[str, int], said: dict[str, str], told: str) -> None:
    boss = at_desk(units["HQ"], "boss")
    sent = {**said, "under": units.get(said["under"], "")}
    assert told in posted(boss, f"/org/{units['S1']}/", 422, **sent)
    assert OrgUnit.objects.get(id=units["S1"]).parent_id == units["甲商行"]


def test_a_dealer_sees_its_own_and_moves_nothing(units: dict[str, int]) -> None:
    owner = at_desk(units["甲商行"], "dealer")
    page = text_of(owner, "/org/")
    assert "甲商行" in page and "乙商行" not in page and "三店" not in page
    assert text_of(owner, f"/org/{units['S3']}/", 404) == text_of(owner, "/org/99999999/", 404)
    posted(owner, f"/org/{units['S1']}/", 404, under=units["乙商行"], reason="x")
    assert owner.post("/org/", {"move": "1"}).status_code == 404
    assert OrgUnit.objects.get(id=units["S1"]).parent_id == units["甲商行"]


def test_whose_it_was_before_is_no_business_of_the_next(units: dict[str, int]) -> None:
    brand.move_unit(unit_id=units["S1"], under_id=units["乙商行"], on=TODAY, reason="换签", actor=SYSTEM_BOSS)
    page = text_of(at_desk(units["乙商行"], "dealer"), f"/org/{units['S1']}/")
    assert "换签" in page and "甲商行" not in page


@pytest.mark.parametrize("role", ["guide"])
def test_a_guide_has_no_door_to_either(units: dict[str, int], role: str) -> None:
    guide = at_desk(units["S1"], role)
    assert 'href="/staff/"' not in guide.get("/").content.decode()
    for path in ("/org/", "/staff/", f"/org/{units['S1']}/"):
        text_of(guide, path, 404)


# ---- staff -----------------------------------------------------------------------------------------------------------


def test_an_owner_hires_a_guide_who_comes_in_by_phone(units: dict[str, int], settings: Settings) -> None:
    settings.HUOSHUI_DEMO = True
    settings.HUOSHUI_DEMO_LOGINS = ()
    owner = at_desk(units["甲商行"], "dealer")
    said: dict[str, Any] = {
        "act": "add",
        "name": "阿雪",
        "phone": "13456173818",
        "unit": units["S1"],
        "roles": "guide",
    }
    assert "已经加上" in posted(owner, "/staff/", reason="新来", **said)
    assert "阿雪" in text_of(owner, "/staff/?q=阿雪")
    client = Client()
    page = client.post("/login/phone/", {"phone": "13456173818"}).content.decode()
    code = re.search(r"收到验证码 (\d{6})", page)
    assert code and client.post("/login/phone/", {"code": code[1]}).status_code == 302
    assert client.get("/me/devices/").status_code == 200
    assert "没有做" in posted(owner, "/staff/", 422, **{**said, "name": "另一位", "reason": "x"})
    assert "另一位" not in text_of(owner, "/staff/?q=另一位")


def test_a_customers_phone_is_not_called_staff_by_a_dealer(units: dict[str, int]) -> None:
    """It would name nobody from then on."""
    buy(("phone", lookup_key("+8613456173818")), units["S3"], 0)
    said: dict[str, Any] = {
        "act": "add",
        "name": "阿雪",
        "phone": "13456173818",
        "unit": units["S1"],
        "roles": "guide",
    }
    page = posted(at_desk(units["甲商行"], "dealer"), "/staff/", 422, reason="新来", **said)
    assert "请总部来加" in page and people.find("phone", "13456173818") is not None
    assert people.staff_of_phone("13456173818") is None
    refused = sql.Statement(
        "refused", "select count(*) as n from audit_entry where action = 'staff.phone_refused'"
    )
    assert sql.fetch_one(refused).n == 1
    assert "已经加上" in posted(at_desk(units["HQ"], "boss"), "/staff/", reason="新来", **said)
    assert people.staff_of_phone("13456173818") is not None


def test_others_staff_are_as_if_not_there(units: dict[str, int]) -> None:
    foreign = hired(units["S3"], "guide", name="别家的人")
    owner = at_desk(units["甲商行"], "dealer")
    assert "别家的人" not in text_of(owner, "/staff/") + text_of(owner, "/staff/?q=别家")
    path = f"/staff/{foreign}/"
    assert text_of(owner, path, 404) == text_of(owner, "/staff/99999999/", 404)
    for act in ("place", "end", "leave", "login"):
        posted(owner, path, 404, act=act, unit=units["S1"], roles="guide", reason="x", seat="1")
    posted(owner, "/staff/", 404, act="add", name="x", unit=units["S3"], roles="guide", reason="x")
    assert brand.staff_left([foreign]) == {}


def test_a_rota_and_a_leaver_on_the_page(units: dict[str, int]) -> None:
    guide = hired(units["S1"], "guide")
    owner, path = at_desk(units["甲商行"], "dealer"), f"/staff/{guide}/"
    said: dict[str, Any] = {
        "unit": units["S2"],
        "roles": "guide",
        "from": "2026-05-22",
        "until": "2026-05-24",
    }
    assert "还没开始" in posted(owner, path, act="place", reason="替班", **said)
    seat = max(s.id for s in brand.member_of(SYSTEM_BOSS, guide).seats)
    assert "从今天起停了" in posted(owner, path, act="end", seat=seat, reason="不用了")
    assert "没有做" in posted(owner, path, 422, act="leave", reason=" ")
    assert "已经离职" in posted(owner, path, act="leave", reason="回老家")
    assert brand.staff_left([guide]) == {guide: clock.today()}
    assert "已离开" in text_of(owner, "/staff/")


def test_a_dealer_makes_nobody_head_office(units: dict[str, int]) -> None:
    owner = at_desk(units["甲商行"], "dealer")
    for role, unit in (("boss", "HQ"), ("dealer", "甲商行"), ("operator", "S1")):
        posted(owner, "/staff/", 404, act="add", name="x", unit=units[unit], roles=role, reason="x")
    posted(owner, f"/staff/{hired(units['S1'], 'guide')}/", 404, act="login", username="x", password="y" * 12)


def test_a_regional_manager_acts_for_a_dealer_who_sees_it(units: dict[str, int]) -> None:
    manager = at_desk(units["华东"], "regional_manager", name="区域经理老赵")
    owner = at_desk(units["甲商行"], "dealer")
    posted(manager, "/staff/", 404, act="act", dealer=units["乙商行"], hours=2, reason="x")
    said: dict[str, Any] = {"act": "act", "dealer": units["甲商行"], "hours": 2}
    assert "正在代经销商操作" in posted(manager, "/staff/", reason="老板出差", **said)
    posted(manager, f"/staff/{hired(units['S1'], 'guide')}/", act="leave", reason="代办")
    page = text_of(owner, "/staff/")
    assert all(word in page for word in ("区域经理老赵", "老板出差", "办了离职", "正在操作"))
    assert "区域经理老赵" not in text_of(at_desk(units["乙商行"], "dealer"), "/staff/")
    assert "已经结束" in posted(manager, "/staff/", act="stop")
    assert "正在代经销商操作" not in text_of(manager, "/staff/")


def test_an_account_is_opened_by_the_boss_alone(units: dict[str, int]) -> None:
    analyst = hired(units["HQ"], "analyst")
    path = f"/staff/{analyst}/"
    said: dict[str, Any] = {"act": "login", "username": "xinren", "password": "a-long-password"}
    posted(at_desk(units["HQ"], "operator"), path, 404, **said)
    assert not get_user_model().objects.filter(username="xinren").exists()
    boss = at_desk(units["HQ"], "boss")
    assert "12 个字符" in posted(boss, path, 422, **{**said, "password": "short"})
    assert "账号可以用了" in posted(boss, path, **said)
    assert get_user_model().objects.get(username="xinren").check_password("a-long-password")


def test_every_change_is_in_the_books(units: dict[str, int]) -> None:
    boss = at_desk(units["HQ"], "boss")
    posted(boss, f"/org/{units['S1']}/", under=units["乙商行"], on="2026-05-01", reason="换签")
    guide = hired(units["S1"], "guide")
    posted(boss, f"/staff/{guide}/", act="leave", reason="走了")
    told = sql.fetch(
        sql.Statement(
            "told", "select action, actor, detail::jsonb as detail from audit_entry order by id desc limit 4"
        )
    )
    found = {r.action: (r.actor, json.loads(r.detail)) for r in told}
    who, moved = found["org.moved"]
    assert (moved["on"], moved["reason"], who[:6]) == ("2026-05-01", "换签", "staff:")
    assert found["staff.left"][1]["reason"] == "走了"


def test_words_in_english_and_phones_never_on_the_page(units: dict[str, int]) -> None:
    guide = hired(units["S1"], "guide")
    people.know_staff_phones([(guide, "13456173818")], actor=SYSTEM)
    boss = at_desk(units["HQ"], "boss")
    boss.cookies["django_language"] = "en"
    for path in ("/org/", f"/org/{units['S1']}/", "/staff/", f"/staff/{guide}/", "/me/devices/"):
        page = text_of(boss, path)
        ours = re.sub(NAMES, "", page)
        assert not re.search(r"[\u4e00-\u9fff]", ours), re.findall(r"[\u4e00-\u9fff]+", ours)[:5]
        assert "13456173818" not in page
    assert (TODAY - timedelta(1)) < clock.today()
