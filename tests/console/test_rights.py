"""The desk for what people ask of us, and one step to give or withdraw: who may, and what a refusal leaves alone."""

from __future__ import annotations

import json
import re
from typing import ClassVar

import pytest
from pytest_django import Settings

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.tests.ground import wait_for_readers
from huoshui.intake.river.api import sweep
from huoshui.intake.river.tests.world import Shop, shop
from huoshui.intake.tills.tests.counter import clean_tables
from huoshui.people import api as people
from tests.console import desk as desks

__all__ = ["clean_tables", "shop"]

pytestmark = pytest.mark.django_db(transaction=True)

BOSS = Actor("staff", 1, "老板", frozenset({"boss"}))
OPERATOR = Actor("staff", 2, "运营", frozenset({"operator"}))
GUIDE = Actor("staff", 3, "导购", frozenset({"guide"}), frozenset({-1}))
PHONE, OTHER = "13911112222", "13911113333"


class Desk(desks.Desk):
    def __init__(self, person: int, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(monkeypatch, BOSS)
        self.person = person

    def get(self, path: str) -> str:
        response = self.client.get(path)
        assert response.status_code == 200, response.status_code
        return response.content.decode()

    def post(self, path: str, **said: str) -> int:
        return self.client.post(path, said).status_code

    def ask(self, kind: str) -> int:
        assert self.post(f"/people/{self.person}/rights/", kind=kind, said="我要", proof="验证码") == 302
        return people.rights_reads.cases(BOSS)[0].id

    def panel(self) -> str:
        return self.get(f"/people/{self.person}/consents/")


@pytest.fixture
def desk(clean_tables: None, shop: Shop, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Desk:
    settings.WHITENOISE_USE_FINDERS = False
    shop.tell(shop.member(("card_no", shop.card), ("phone", PHONE), name="林小雨"), shop.order())
    wait_for_readers()
    people.refresh_cards()
    return Desk(shop.person(), monkeypatch)


def state(case_id: int) -> str:
    return people.rights_reads.case(BOSS, case_id).state


class TestConsent:
    def test_to_give_takes_a_proof_and_to_withdraw_takes_one_press(self, desk: Desk) -> None:
        say = f"/people/{desk.person}/consents/say/"
        assert "没有同意过" in desk.panel()
        assert desk.post(say, say="marketing/sms/yes") == 422
        assert people.standing_for(BOSS, desk.person) == {}
        assert desk.post(say, say="marketing/sms/yes", proof="门店签字") == 302
        assert people.standing_for(BOSS, desk.person) == {("marketing", "sms"): True}
        assert desk.post(say, say="marketing/sms/no") == 302
        assert people.standing_for(BOSS, desk.person) == {("marketing", "sms"): False}
        assert "已撤回，不能发" in desk.panel()

    def test_what_must_be_separate_names_the_notice(self, desk: Desk) -> None:
        say = f"/people/{desk.person}/consents/say/"
        assert desk.post(say, say="head_office//yes", proof="签字") == 422
        assert desk.post(say, say="head_office//yes", proof="签字", notice="d1") == 302

    def test_a_guide_of_another_store_finds_nobody(self, desk: Desk) -> None:
        desk.actor = GUIDE
        assert desk.client.get(f"/people/{desk.person}/consents/").status_code == 404
        assert desk.post(f"/people/{desk.person}/consents/say/", say="marketing/sms/no") == 404
        assert people.standing_for(BOSS, desk.person) == {}


class TestCopy:
    def test_it_holds_all_we_keep_whole_and_leaves_a_trace(self, desk: Desk) -> None:
        case_id = desk.ask("copy")
        response = desk.client.post(f"/rights/{case_id}/copy.json")
        told = json.loads(response.content)["parts"]
        assert {r["内容"] for r in told["账号与联系方式"]} >= {f"+86{PHONE}"}
        assert [r["内容"] for r in told["资料"] if r["项目"] == "姓名"] == ["林小雨"]
        assert [(r["金额"]) for r in told["订单"]] == ["100.00"]
        assert state(case_id) == "done"
        html = desk.client.post(f"/rights/{case_id}/copy.html").content.decode()
        assert f"+86{PHONE}" in html and "整理了这份资料" in html, "she sees who looked"

    def test_only_who_answers_for_it_gets_it(self, desk: Desk) -> None:
        case_id = desk.ask("copy")
        desk.actor = OPERATOR
        assert desk.post(f"/rights/{case_id}/copy.json") == 422
        desk.actor = GUIDE
        assert desk.client.get("/rights/").status_code == 404
        assert state(case_id) == "open"
        assert PHONE not in desk.client.get(f"/rights/{case_id}/").content.decode()


class TestCases:
    def test_a_case_has_a_clock_and_is_taken_down_once(self, desk: Desk) -> None:
        desk.ask("copy")
        assert desk.post(f"/people/{desk.person}/rights/", kind="copy") == 422
        assert "还剩 15 个工作日" in desk.get("/rights/")

    def test_a_correction_stands_before_what_others_say(self, desk: Desk) -> None:
        case_id = desk.ask("correct")
        assert desk.post(f"/rights/{case_id}/", act="correct", name="name", value="") == 422
        assert desk.post(f"/rights/{case_id}/", act="correct", name="name", value="林晓雨") == 302
        (name,) = [a for a in people.attributes_for(BOSS, desk.person) if a.name == "name"]
        assert name.value == "林晓雨" and "林小雨" in name.others[0], "what others said is not lost"
        assert people.card_for(BOSS, desk.person).display_name == "林晓雨"

    def test_a_wrong_number_is_put_right_at_the_desk(self, desk: Desk) -> None:
        case_id = desk.ask("correct")
        assert "•••• 2222" in desk.get(f"/rights/{case_id}/") and PHONE not in desk.get(f"/rights/{case_id}/")
        phone = self.phone(desk)
        assert desk.post(f"/rights/{case_id}/", act="contact", identifier="x", value="") == 422
        assert desk.post(f"/rights/{case_id}/", act="contact", identifier=str(phone), value="12") == 422
        assert state(case_id) == "open" and people.find("phone", PHONE) == desk.person
        assert desk.post(f"/rights/{case_id}/", act="contact", identifier=str(phone), value=OTHER) == 302
        sweep()
        assert people.find("phone", OTHER) == desk.person and people.find("phone", PHONE) is None
        assert state(case_id) == "done"

    def test_a_wrong_number_is_taken_away_on_her_page_by_who_may(self, desk: Desk) -> None:
        phone = self.phone(desk)
        path = f"/people/{desk.person}/contacts/{phone}/correct/"
        desk.actor = OPERATOR
        assert "写错了" not in desk.get(f"/people/{desk.person}/")
        assert desk.post(path, value="", reason="不是她的") == 422
        desk.actor = GUIDE
        assert desk.post(path, value="", reason="不是她的") == 404
        desk.actor = BOSS
        refused = desk.client.post(path, {"value": OTHER, "reason": ""})
        assert refused.status_code == 422 and f'value="{OTHER}"' in refused.content.decode()
        assert people.find("phone", PHONE) == desk.person
        assert desk.post(path, value="", reason="不是她的") == 302
        assert people.find("phone", PHONE) is None
        assert "不是本人的：不是她的" in desk.get(f"/people/{desk.person}/?done=corrected")

    def phone(self, desk: Desk) -> int:
        return next(i.id for i in people.identifiers_for(BOSS, desk.person) if i.kind == "phone")

    def test_a_restriction_stops_what_is_sent_and_profiled(self, desk: Desk) -> None:
        case_id = desk.ask("restrict")
        assert desk.post(f"/rights/{case_id}/", act="restrict") == 302
        assert people.unprofiled([desk.person]) == {desk.person}
        assert "本人要求限制使用" in desk.panel()

    def test_a_refusal_names_its_reason(self, desk: Desk) -> None:
        case_id = desk.ask("erase")
        assert desk.post(f"/rights/{case_id}/", act="refuse", reason=" ") == 422
        assert state(case_id) == "open"
        assert desk.post(f"/rights/{case_id}/", act="refuse", reason="不是本人") == 302
        assert state(case_id) == "refused"

    def test_an_erasure_wants_to_be_meant_and_is_the_workers(self, desk: Desk) -> None:
        case_id = desk.ask("erase")
        assert desk.post(f"/rights/{case_id}/", act="erase") == 422
        assert state(case_id) == "open"
        desk.actor = OPERATOR
        assert desk.post(f"/rights/{case_id}/", act="erase", sure="1") == 422
        desk.actor = BOSS
        assert desk.post(f"/rights/{case_id}/", act="erase", sure="1") == 302
        assert state(case_id) == "doing"
        jobs = sql.Statement("jobs", "select 1 from procrastinate_jobs where task_name = 'rights.erase'")
        assert len(sql.fetch(jobs)) == 1
        assert people.card_for(BOSS, desk.person), "nothing is gone before the worker takes it up"


class TestRules:
    def test_the_boss_sets_when_nobody_is_disturbed(self, desk: Desk) -> None:
        given = {"purpose": "marketing", "channel": "", "quiet_from": "20:00", "quiet_until": "10:00"}
        assert desk.post("/rights/rules/", **given, days="x") == 422
        assert people.send_rules() == []
        for role in ("auditor", "analyst", "operator"):
            desk.actor = Actor("staff", 8, role, frozenset({role}))
            assert desk.post("/rights/rules/", **given) == 422, role
            assert desk.post("/rights/retention/", name="rights.opened", act="days", days="400") == 422, role
        assert people.send_rules() == []
        desk.actor = BOSS
        assert desk.post("/rights/rules/", **given) == 302
        assert people.send_rules()[0].quiet_from is not None


class TestRetention:
    ADDRESS = "/rights/retention/"
    RULE: ClassVar = {"name": "rights.opened"}

    def test_a_rule_is_off_until_the_boss_has_seen_what_it_takes(self, desk: Desk) -> None:
        assert "现在什么都不会自己删" in desk.get("/rights/")
        assert desk.post(self.ADDRESS, **self.RULE, act="on") == 422, "nobody has counted"
        assert desk.post(self.ADDRESS, **self.RULE, act="days", days="30") == 422, "the law wants more"
        assert desk.post(self.ADDRESS, **self.RULE, act="days", days="x") == 422
        assert desk.post(self.ADDRESS, **self.RULE, act="days", days="400") == 302
        jobs = sql.Statement("jobs", "select 1 from procrastinate_jobs where task_name = 'retention.count'")
        assert len(sql.fetch(jobs)) == 1
        people.retention.count(BOSS)
        assert desk.post(self.ADDRESS, **self.RULE, act="on") == 302
        html = desk.get("/rights/")
        assert "<b>1</b> 类打开了" in html and 'value="400"' in html and "《会计法》" in html
        desk.actor = OPERATOR
        assert desk.post(self.ADDRESS, **self.RULE, act="off") == 422
        desk.actor = GUIDE
        assert desk.post(self.ADDRESS, **self.RULE, act="off") == 404
        (rule,) = [r for r in people.retention_reads.rules_of(BOSS) if r.name == "rights.opened"]
        assert (rule.is_on, rule.days) == (True, 400)


class TestGlass:
    def test_a_whole_number_takes_a_reason_and_the_boss_sees_it(self, desk: Desk) -> None:
        desk.actor = OPERATOR
        html = desk.get(f"/people/{desk.person}/")
        address = re.search(r'action="(/people/\d+/contacts/\d+/open/)"', html)
        assert address and PHONE not in html
        refused = desk.client.post(address[1], {"reason": "看"})
        assert refused.status_code == 422 and PHONE not in refused.content.decode()
        opened = desk.client.post(address[1], {"reason": "约好今天送货"})
        assert f"+86{PHONE}" in opened.content.decode()
        assert "约好今天送货" not in desk.get("/rights/")
        desk.actor = BOSS
        assert "约好今天送货" in desk.get("/rights/")
