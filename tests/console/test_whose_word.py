"""What many share, and whose word stands where sources differ: who may say so, that it is told why, and what follows."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.crypto import seal
from huoshui.core.facts import api as facts
from huoshui.people import api as people
from huoshui.people.identity.tests.meeting import canonical, meet, new
from tests.console.desk import Desk

pytestmark = pytest.mark.django_db

BOSS = Actor("staff", 1, "老板", frozenset({"boss"}))
ANALYST = Actor("staff", 2, "分析", frozenset({"analyst"}))
SAID = sql.Statement(
    "said",
    "select action, actor, detail->>'reason' as reason from audit_entry"
    " where action in ('identifier.shared', 'identifier.own', 'profile.priority') order by id",
)
GUARDED = sql.Statement("guarded", "select is_guarded from identifier where kind = 'phone'")


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(monkeypatch, BOSS)


def somebody() -> tuple[int, int]:
    """A person and the number of his phone's identifier."""
    person_id = meet(new(), ("phone", "13911110001"))
    people.refresh_cards()
    (phone,) = [i for i in people.identifiers_for(SYSTEM, person_id) if i.kind == "phone"]
    return person_id, phone.id


def test_a_phone_is_said_to_be_shared_and_taken_back_each_with_a_reason(desk: Desk) -> None:
    person_id, phone = somebody()
    at = f"/people/{person_id}/contacts/{phone}/shared/"
    bare = desk.client.post(at, {"act": "shared", "reason": " "})
    assert bare.status_code == 422 and "请写明为什么认为是多人共用" in bare.content.decode()
    assert not sql.fetch_one(GUARDED).is_guarded and sql.fetch(SAID) == []
    said = desk.client.post(at, {"act": "shared", "reason": "一家人的手机"})
    assert said.status_code == 302
    page = desk.client.get(said["Location"]).content.decode()
    assert "多人共用，不用来认人" in page and "一家人的手机" in page and "不再算多人共用" in page
    assert canonical(meet(new(), ("phone", "13911110001"))) != canonical(person_id), "it identifies nobody"
    assert desk.client.post(at, {"act": "shared", "reason": "再说一次"}).status_code == 404
    assert desk.client.post(at, {"act": "own", "reason": "各用各的了"}).status_code == 302
    assert canonical(meet(new(), ("phone", "13911110001"))) == canonical(person_id)
    assert [tuple(r) for r in sql.fetch(SAID)] == [
        ("identifier.shared", str(BOSS), "一家人的手机"),
        ("identifier.own", str(BOSS), "各用各的了"),
    ]


def test_what_a_rule_found_is_not_taken_back_by_hand(desk: Desk) -> None:
    person_id, phone = somebody()
    sql.run(sql.Statement("rule", "update identifier set is_guarded = true, is_guarded_by_rule = true"))
    at = f"/people/{person_id}/contacts/{phone}/shared/"
    assert desk.client.post(at, {"act": "own", "reason": "不是"}).status_code == 404
    assert sql.fetch_one(GUARDED).is_guarded
    page = desk.client.get(f"/people/{person_id}/").content.decode()
    assert "按识别规则判断的" in page and at not in page


def disputed() -> tuple[int, list[str]]:
    one = new()
    old = facts.ensure_source(name="old", label="旧系统", mode="live")
    now = facts.ensure_source(name="till", label="收银台", mode="live")
    person_id = meet(one, traits=(("city", "上海"),), source=old)
    meet(one, traits=(("city", "杭州"),), source=now)
    people.refresh_cards()
    return person_id, [old.name, now.name]


def test_the_order_of_sources_is_set_with_a_reason_and_shown(desk: Desk) -> None:
    person_id, (old, till) = disputed()
    page = desk.client.get(f"/people/{person_id}/").content.decode()
    assert "2 个来源，说法不一" in page and "/identity-rules/sources/?name=city" in page
    assert "旧系统" in desk.client.get("/identity-rules/sources/?name=city").content.decode()
    order = {"name": "city", f"place.{old}": "1", f"place.{till}": "2"}
    bare = desk.client.post("/identity-rules/sources/set/", order)
    assert bare.status_code == 422 and "请写明为什么这样排" in bare.content.decode()
    level = {**order, f"place.{till}": "1", "reason": "一样"}
    assert desk.client.post("/identity-rules/sources/set/", level).status_code == 422
    assert people.profile_priorities() == {}
    told = desk.client.post("/identity-rules/sources/set/", {**order, "reason": "旧系统看过证件"})
    assert told.status_code == 302 and people.profile_priorities() == {"city": [old, till]}
    (city,) = [a for a in people.attributes_for(BOSS, person_id) if a.name == "city"]
    assert city.value == "上海"
    page = desk.client.get("/identity-rules/sources/").content.decode()
    assert "旧系统看过证件" in page and "先听 旧系统、收银台" in page
    assert [(r.actor, r.reason) for r in sql.fetch(SAID)] == [(str(BOSS), "旧系统看过证件")]
    none = {"name": "city", "reason": "不用了"}
    assert desk.client.post("/identity-rules/sources/set/", none).status_code == 302
    assert people.profile_priorities() == {}


def test_who_may_not_finds_neither_and_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(monkeypatch, ANALYST)
    person_id, phone = somebody()
    at = f"/people/{person_id}/contacts/{phone}/shared/"
    assert at not in desk.client.get(f"/people/{person_id}/").content.decode()
    assert desk.client.post(at, {"act": "shared", "reason": "平板"}).status_code == 404
    assert desk.client.get("/identity-rules/sources/").status_code == 404
    said = desk.client.post("/identity-rules/sources/set/", {"name": "", "reason": "x"})
    assert said.status_code == 404
    assert not sql.fetch_one(GUARDED).is_guarded and sql.fetch(SAID) == []


def test_one_tap_dials_and_no_page_shows_the_number(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    person_id, phone = somebody()
    number = "+8613911110001"
    sql.run(
        sql.Statement("seal", "update identifier set sealed = %(sealed)s where id = %(id)s"),
        sealed=seal(number),
        id=phone,
    )
    page = desk.client.get(f"/people/{person_id}/").content.decode()
    at = f"/people/{person_id}/contacts/{phone}/dial/"
    assert at in page and "3911110001" not in page
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 3, 2, 4, tzinfo=UTC))
    told = desk.client.post(at, {"purpose": "service"}, headers={"HX-Request": "true"})
    assert (told.status_code, told["HX-Redirect"], told.content) == (204, f"tel:{number}", b"")
    assert desk.client.post(at, {"purpose": "service"})["Location"] == f"tel:{number}"
    refused = desk.client.post(at, {"purpose": "marketing"}, headers={"HX-Request": "true"})
    assert refused.status_code == 422 and "3911110001" not in refused.content.decode()
    assert desk.client.get(at).status_code == 405
