"""Coupons: who may, what the form says and how it is told at once, what the acts do. The coupons are the real room's."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from huoshui.core import sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.engage.campaigns import api as campaigns
from huoshui.web.console.contexts import coupon_form, coupon_reading, coupon_values, coupon_words
from huoshui.web.console.tests.stand_ins import AUDITOR, OPERATOR, House
from huoshui.web.console.tests.test_acts import HTMX, text_of
from huoshui.web.console.tests.test_books import nav_of

FORM = {
    "title": "新客满减",
    "kind": "amount_off",
    "amount": "20",
    "threshold_amount": "199.50",
    "days": "30",
    "per_person": "1",
    "stacking": "free",
    "on_refund": "give_back",
    "brand_percent": "60",
}
RULE = {
    "benefit": {"kind": "percent_off", "permille": 200, "cap": 5000},
    "threshold": {"amount": 10_000, "pieces": 2},
    "validity": {"first": "2017-12-01", "last": "2099-12-31"},
    "has_budget": True,
}
_TRAIL = sql.Statement(
    "trail", "select action from audit_entry where object_kind = 'coupon_template' order by id"
)


def made(*, is_live: bool = True, **more: Any) -> int:
    template_id = campaigns.create_template(title="八折券", rule=RULE | more, actor=SYSTEM)
    if is_live:
        campaigns.publish_template(template_id=template_id, actor=SYSTEM)
    return template_id


def actions() -> list[str]:
    return [row.action for row in sql.fetch(_TRAIL)]


def error_of(html: str, field: str) -> str:
    found = re.search(rf'id="e-{field}"[^>]*>([^<]*)<', html)
    assert found, field
    return found[1]


class TestWhoMay:
    @pytest.mark.parametrize("role", ["boss", "operator"])
    def test_act(self, boss: Client, house: House, role: str) -> None:
        house.brand.actor = Actor("staff", 9, "Mei", frozenset({role}), frozenset({1}))
        one = made()
        for path in ("/coupons/", "/coupons/new/", f"/coupons/{one}/", f"/coupons/{one}/rule/"):
            assert boss.get(path).status_code == 200, path
        assert "/coupons/" in nav_of(boss)

    @pytest.mark.parametrize("role", ["analyst", "auditor"])
    def test_only_see(self, boss: Client, house: House, role: str) -> None:
        house.brand.actor = Actor("staff", 9, "Wu", frozenset({role}), frozenset({1}))
        one = made()
        for path in ("/coupons/", f"/coupons/{one}/"):
            response = boss.get(path)
            assert (
                response.status_code == 200
                and "<form method" not in response.content.decode().split("<main")[1]
            )
        for path in ("/coupons/new/", f"/coupons/{one}/rule/"):
            assert boss.get(path).status_code == 404
        for act in ("pause/", "fund/", "codes.csv", "rule/"):
            assert boss.post(f"/coupons/{one}/{act}", FORM | {"count": "3", "key": "k"}).status_code == 404
        assert boss.post("/coupons/preview/", FORM).status_code == 404
        assert campaigns.template_for(SYSTEM, one).state == "live"

    @pytest.mark.parametrize("role", ["guide", "manager", "dealer", "privacy_officer"])
    def test_find_nothing_there(self, boss: Client, house: House, role: str) -> None:
        house.brand.actor = Actor("staff", 9, "Mei", frozenset({role}), frozenset({7}))
        one, absent = made(), boss.get("/people/99/").content
        for path in ("/coupons/", "/coupons/new/", f"/coupons/{one}/", f"/coupons/{one}/uses/"):
            response = boss.get(path)
            assert response.status_code == 404 and response.content == absent, path
        assert "/coupons/" not in nav_of(boss)

    def test_reading_is_not_acting(self, boss: Client) -> None:
        one = made()
        assert {
            boss.get(f"/coupons/{one}/{act}").status_code for act in ("pause/", "fund/", "codes.csv")
        } == {405}
        assert boss.post(f"/coupons/{one}/destroy/").status_code == 404


class TestList:
    def test_before_the_first_it_says_what_to_do(self, boss: Client) -> None:
        said = text_of(boss.get("/coupons/").content)
        assert "还没有优惠券" in said and "建第一张" in said

    def test_each_is_one_sentence_and_its_figures(self, boss: Client) -> None:
        one = made()
        campaigns.fund(template_id=one, amount=500_000, key="a", actor=SYSTEM)
        said = text_of(boss.get("/coupons/").content)
        assert "满 100 元且 2 件打 8 折，最多减 50 元，2017-12-01 至 2099-12-31 有效" in said
        assert "有 1 张券在发" in said and "¥5,000" in said and "进行中" in said

    def test_narrowed_by_state(self, boss: Client) -> None:
        made(is_live=False)
        assert "没有这种状态的券" in text_of(boss.get("/coupons/?state=live").content)
        assert "八折券" in text_of(boss.get("/coupons/?state=nonsense").content)


class TestPreview:
    def test_reads_the_rule_while_one_types(self, boss: Client) -> None:
        html = boss.post("/coupons/preview/", FORM, headers=HTMX).content.decode()
        assert "<html" not in html
        assert "满 199.50 元减 20 元" in html and "费用品牌承担 60%，经销商承担 40%" in html

    def test_what_is_not_written_yet_is_named_and_not_scolded(self, boss: Client) -> None:
        html = boss.post(
            "/coupons/preview/", FORM | {"amount": "", "title": ""}, headers=HTMX
        ).content.decode()
        assert "还要写：券的名字、减多少" in text_of(html.encode()) and error_of(html, "amount") == ""

    @pytest.mark.parametrize(
        ("field", "text", "why"),
        [
            ("amount", "二十", "写金额"),
            ("amount", "-1", "写金额"),
            ("amount", "1e99", "写金额"),
            ("amount", "NaN", "写金额"),
            ("threshold_amount", "9.999", "写金额"),
            ("days", "1.5", "写整数"),
            ("brand_percent", "101", "写整数"),
            ("hours", "早上", "写起止时刻"),
            ("hours", "24:30-02:00", "24 小时"),
            ("last", "明年", "写日期"),
        ],
    )
    def test_a_mistake_is_told_at_its_field(self, boss: Client, field: str, text: str, why: str) -> None:
        html = boss.post("/coupons/preview/", FORM | {field: text}, headers=HTMX).content.decode()
        assert why in error_of(html, field)
        assert error_of(html, "title") == ""

    def test_the_room_s_own_finger_finds_the_field(self, boss: Client) -> None:
        wrong = FORM | {"first": "2026-02-01", "last": "2026-01-01"}
        assert "早于开始" in error_of(boss.post("/coupons/preview/", wrong).content.decode(), "last")
        wrong = FORM | {"kind": "fixed_price", "price": "99", "threshold_amount": ""}
        assert "门槛" in error_of(boss.post("/coupons/preview/", wrong).content.decode(), "threshold_amount")
        wrong = FORM | {"on_refund": "keep", "extend_days": "3"}
        assert "延长" in error_of(boss.post("/coupons/preview/", wrong).content.decode(), "extend_days")

    def test_what_is_typed_is_never_markup(self, boss: Client) -> None:
        hostile = FORM | {"include_brands": "<script>alert(1)</script>"}
        assert "<script>" not in boss.post("/coupons/preview/", hostile).content.decode()


class TestForm:
    def test_saved_as_a_draft_and_told_so(self, boss: Client) -> None:
        response = boss.post("/coupons/new/", FORM)
        (view,) = campaigns.templates_for(SYSTEM)
        assert response.headers["Location"] == f"/coupons/{view.id}/?done=saved"
        assert (view.title, view.state, view.rule.brand_permille) == ("新客满减", "draft", 600)
        assert (view.rule.threshold.amount, view.rule.validity.days) == (19_950, 30)
        said = text_of(boss.get(response.headers["Location"]).content)
        assert "已存好" in said and "还是草稿" in said

    def test_with_a_mistake_nothing_is_saved_and_what_was_typed_stays(self, boss: Client) -> None:
        response = boss.post("/coupons/new/", FORM | {"amount": "", "days": "x"})
        html = response.content.decode()
        assert response.status_code == 422 and campaigns.templates_for(SYSTEM) == []
        assert "必须填写" in error_of(html, "amount") and "写整数" in error_of(html, "days")
        assert 'value="新客满减"' in html

    @pytest.mark.parametrize(
        "rule",
        [
            {},
            {"benefit": {"kind": "amount_off", "amount": 1250}},
            {"benefit": {"kind": "gift", "sku": "P1", "pieces": 2}},
            {"benefit": {"kind": "fixed_price", "price": 0, "pieces": 1}},
            {"benefit": {"kind": "fixed_price", "price": 9900}},
            {"benefit": {"kind": "nth_item", "nth": 2, "permille": 1000, "times": 3}},
            {
                "scope": {
                    "include": {"categories": ["护肤/面霜", "彩妆"], "brands": ["A"]},
                    "exclude": {"skus": ["P9"]},
                }
            },
            {"org_units": [7, 8], "tiers": {"names": ["金卡会员"]}, "channels": ["小程序"]},
            {"times": {"weekdays": [1, 7], "hours": [["09:00", "12:00"], ["22:00", "02:00"]]}},
            {"stacking": {"group": "满减", "max_per_order": 2}, "transferable": True, "total_count": 9},
            {
                "stacking": {"exclusive": True},
                "refund": {"policy": "keep"},
                "bearers": {"brand": 600, "dealer": 400},
            },
            {
                "refund": {"policy": "give_back_if_valid", "extend_days": 7},
                "validity": {"days": 3, "after_days": 1},
            },
        ],
    )
    def test_a_rule_comes_back_as_it_went(self, house: House, rule: dict[str, Any]) -> None:
        whole = campaigns.read_rule(RULE | rule)
        again = coupon_reading.filled(coupon_values.values_of("券", whole))
        assert again.rule == whole, again.errors

    def test_what_the_form_cannot_say_it_does_not_lose(self, boss: Client) -> None:
        one = made(tiers={"min_rank": 2})
        assert "表单写不出来" in text_of(boss.get(f"/coupons/{one}/rule/").content)
        response = boss.post(f"/coupons/{one}/rule/", FORM)
        assert response.status_code == 422
        assert campaigns.template_for(SYSTEM, one).rule.tiers.min_rank == 2

    def test_a_change_is_a_new_version(self, boss: Client) -> None:
        one = made()
        html = boss.get(f"/coupons/{one}/rule/").content.decode()
        assert 'name="fold" value="8"' in html and 'name="threshold_amount" value="100"' in html
        assert boss.post(f"/coupons/{one}/rule/", FORM).status_code == 302
        view = campaigns.template_for(SYSTEM, one)
        assert (view.version, view.title) == (2, "新客满减")

    def test_every_field_has_its_label_and_its_place_for_a_mistake(self, boss: Client, house: House) -> None:
        html = boss.get("/coupons/new/").content.decode()
        for group in coupon_form.groups({}, {}):
            for field in group.fields:
                assert f'id="e-{field.name}"' in html and f'id="f-{field.name}"' in html
                assert f'for="f-{field.name}"' in html or f'aria-labelledby="l-{field.name}"' in html


class TestActs:
    def test_publish_pause_end(self, boss: Client) -> None:
        one = made(is_live=False)
        for act, state in (("publish", "live"), ("pause", "paused"), ("publish", "live"), ("end", "ended")):
            assert boss.post(f"/coupons/{one}/{act}/").headers["Location"] == f"/coupons/{one}/?done={act}"
            assert campaigns.template_for(SYSTEM, one).state == state
        response = boss.post(f"/coupons/{one}/publish/")
        assert response.status_code == 422 and "现在的状态不能这样操作" in text_of(response.content)
        assert "<form method" not in response.content.decode().split("<main")[1]

    def test_money_is_set_aside_once_however_often_one_presses(self, boss: Client) -> None:
        one = made()
        key = re.search(r'name="key" value="(\w+)"', boss.get(f"/coupons/{one}/").content.decode())
        assert key
        for _ in range(2):
            assert boss.post(f"/coupons/{one}/fund/", {"amount": "5000", "key": key[1]}).status_code == 302
        assert campaigns.template_for(SYSTEM, one).budget_left == 500_000
        assert actions().count("coupon_template.funded") == 1

    @pytest.mark.parametrize("amount", ["", "0", "-5", "x"])
    def test_no_money_is_told(self, boss: Client, amount: str) -> None:
        one = made()
        response = boss.post(f"/coupons/{one}/fund/", {"amount": amount, "key": "k"})
        assert response.status_code == 422 and "写要拨入的金额" in text_of(response.content)

    def test_codes_are_printed_into_a_file_and_leave_a_trace(self, boss: Client, house: House) -> None:
        house.brand.actor = OPERATOR
        one = made(has_budget=False)
        response = boss.post(f"/coupons/{one}/codes.csv", {"count": "3"})
        head, *codes = response.content.decode("utf-8-sig").split()
        assert head == "券码" and len(set(codes)) == 3
        assert [h.template_id for h in campaigns.find(codes)] == [one] * 3
        assert response.headers["Cache-Control"] == "no-store" and "coupon.printed" in actions()

    @pytest.mark.parametrize("count", ["", "0", "10001", "x"])
    def test_too_many_or_no_codes(self, boss: Client, count: str) -> None:
        one = made(has_budget=False)
        response = boss.post(f"/coupons/{one}/codes.csv", {"count": count})
        assert response.status_code == 422 and campaigns.template_for(SYSTEM, one).issued_count == 0

    def test_one_code_for_many(self, boss: Client) -> None:
        one = made(has_budget=False)
        path = f"/coupons/{one}/share/"
        assert "通用码已经建好" in text_of(
            boss.post(path, {"code": "welcome", "uses": "500"}, follow=True).content
        )
        [held] = campaigns.find(["WELCOME"])
        assert (held.template_id, held.problem) == (one, "")
        again = boss.post(path, {"code": "WELC0ME", "uses": "5"})
        assert again.status_code == 422 and "已经有了" in text_of(again.content)
        for wrong in ({"code": "X1", "uses": "0"}, {"code": "X1", "uses": "x"}, {"code": " ", "uses": "5"}):
            assert boss.post(path, wrong).status_code == 422
        assert actions().count("coupon.shared") == 1

    def test_codes_are_taken_out_of_use_of_this_coupon_only(self, boss: Client) -> None:
        one, other = made(has_budget=False), made(has_budget=False)
        mine = campaigns.print_codes(template_id=one, count=3, actor=SYSTEM)
        theirs = campaigns.print_codes(template_id=other, count=1, actor=SYSTEM)
        path = f"/coupons/{one}/void/"
        said = {"codes": "\n".join([*mine[:2], theirs[0], "NOSUCH"]), "reason": "印错了"}
        assert "作废了 2 张；另外 2 个" in text_of(boss.post(path, said, follow=True).content)
        problems = [held.problem for held in campaigns.find([*mine, theirs[0]])]
        assert problems == ["coupon_void", "coupon_void", "", ""]
        for wrong in ({"codes": "", "reason": "x"}, {"codes": mine[2], "reason": " "}):
            assert boss.post(path, wrong).status_code == 422
        assert campaigns.find([mine[2]])[0].problem == ""

    @pytest.mark.parametrize("verb", ["share", "void"])
    def test_whoever_only_sees_changes_no_code(self, boss: Client, house: House, verb: str) -> None:
        one = made(has_budget=False)
        [code] = campaigns.print_codes(template_id=one, count=1, actor=SYSTEM)
        house.brand.actor = Actor("staff", 9, "Wu", frozenset({"analyst"}), frozenset({1}))
        said = {"code": "X1", "uses": "5", "codes": code, "reason": "x"}
        assert boss.post(f"/coupons/{one}/{verb}/", said).status_code == 404
        assert campaigns.find([code, "X1"])[0].problem == "" and campaigns.find(["X1"])[0].rule is None

    def test_an_act_of_a_coupon_that_is_not_there(self, boss: Client) -> None:
        assert boss.post("/coupons/999/pause/").status_code == 404


class TestUses:
    @pytest.mark.parametrize("query", ["?until=x", "?until=2017-13-01"])
    def test_days_that_are_none(self, boss: Client, query: str) -> None:
        assert boss.get(f"/coupons/{made()}/uses/{query}").status_code == 404

    def test_before_the_first_use(self, boss: Client) -> None:
        assert "还没有人用过" in text_of(boss.get(f"/coupons/{made()}/uses/", headers=HTMX).content)

    @pytest.mark.parametrize(
        "query",
        [
            "",
            "?from=x&to=2017-12-31",
            "?from=2017-12-31&to=2017-12-01",
            "?from=2016-12-31&to=2017-12-31",
            "?from=2017-12-31&to=2017-12-31&store=x",
            "?from=2017-12-31&to=2017-12-31&dealer=99999999999",
        ],
    )
    def test_an_address_that_means_nothing(self, boss: Client, query: str) -> None:
        assert boss.get(f"/coupons/{made()}/uses/people/{query}").status_code == 404


class TestOtherLanguages:
    @pytest.mark.parametrize(
        "rule",
        [
            {"benefit": {"kind": "gift", "sku": "P1"}, "channels": ["app"]},
            {"benefit": {"kind": "nth_item", "nth": 2, "permille": 500}, "stacking": {"exclusive": True}},
            {"bearers": {"brand": 500, "dealer": 500}, "refund": {"policy": "give_back", "extend_days": 3}},
            {
                "org_units": [1, 2],
                "times": {"hours": [["09:00", "10:00"]]},
                "per_person": 2,
                "total_count": 5,
            },
            {
                "validity": {"days": 3, "after_days": 1},
                "transferable": True,
                "stacking": {"max_per_order": 2},
            },
        ],
    )
    def test_a_rule_of_latin_names_has_no_chinese_left(self, house: House, rule: dict[str, Any]) -> None:
        with translation.override("en"):
            said = coupon_words.rule_sentence(campaigns.read_rule(RULE | rule))
        assert not re.search(r"[\u4e00-\u9fff，]", said), said

    def test_the_pages(self, boss: Client) -> None:
        one = made()
        boss.post("/language/", {"language": "en", "next": "/"})
        for path in ("/coupons/", f"/coupons/{one}/", f"/coupons/{one}/uses/"):
            main = boss.get(path).content.decode().partition("<main")[2] or boss.get(path).content.decode()
            assert not re.search(r"[\u4e00-\u9fff]", text_of(main.replace("八折券", "").encode())), path


class TestFunds:
    def test_money_is_set_aside_in_the_books(self, boss: Client) -> None:
        form = {"fund": "prize", "amount": "5000", "key": "k1"}
        for _ in range(2):
            response = boss.post("/ledger/fund/", form)
            assert response.status_code == 302, text_of(response.content)
            assert response.headers["Location"] == "/ledger/?done=fund#funds"
        assert campaigns.left_in_funds() == {"prize": 5_000_00, "red_packet": 0}
        said = text_of(boss.get("/ledger/?done=fund").content)
        assert "奖品预算 ¥5,000.00" in said and "已拨入" in said
        refused = boss.post("/ledger/fund/", {**form, "key": "k2", "amount": "<b>"})
        assert refused.status_code == 422 and "写要拨入的金额" in text_of(refused.content)
        assert boss.post("/ledger/fund/", {**form, "fund": "points", "key": "k3"}).status_code == 404

    def test_who_only_looks_is_offered_none(self, boss: Client, house: House) -> None:
        house.brand.actor = AUDITOR
        assert "/ledger/fund/" not in boss.get("/ledger/").content.decode()
        assert boss.post("/ledger/fund/", {"fund": "prize", "amount": "5", "key": "k"}).status_code == 404
        assert campaigns.left_in_funds()["prize"] == 0
