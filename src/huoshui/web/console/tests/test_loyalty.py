"""Rules, points and partners: what the pages say, who may act, what is tried before it is saved."""

from __future__ import annotations

import re
from datetime import date

import pytest
import time_machine
from django.test import Client

from huoshui.core.actor import SYSTEM, Actor
from huoshui.engage.campaigns import api as campaigns
from huoshui.engage.loyalty.api import Bonus, EarnRule, OfflineCap, Tier
from huoshui.web.console.contexts import rule_words
from huoshui.web.console.contexts.rule_forms import Values
from huoshui.web.console.tests.stand_in_points import names
from huoshui.web.console.tests.stand_ins import AUDITOR, GUIDE, OPERATOR, House
from huoshui.web.console.tests.test_acts import HTMX, text_of

SEEN = (
    "/loyalty/",
    "/loyalty/panels/tiers/",
    "/loyalty/adjustments/",
    "/alliance/",
    "/alliance/partners/tea/statement/",
)
ACTED = (
    "/loyalty/rule/",
    "/loyalty/bonuses/",
    "/loyalty/bonuses/vip/",
    "/loyalty/tiers/1/",
    "/alliance/new/",
    "/alliance/partners/tea/",
)
RULE = {
    "per": "1", "points": "2", "points_per_yuan": "100", "valid_years": "1", "notice_days": "30",
    "adjust_alone_upto": "1000", "from_day": "2026-12-01",
}  # fmt: skip
TIER = {
    "name": "银卡",
    "spend": "900",
    "counts": "rolling",
    "months": "6",
    "grace_days": "30",
    "benefits": "包邮，生日礼",
}
BONUS = {"name": "周三双倍", "gives": "times", "times": "1.5", "weekdays": "3", "ranks": "1"}
PARTNER = {
    "name": "花店", "code": "flower", "ours": "100", "theirs": "50", "direction": "out", "monthly_cap": "9000",
    "prepaid_limit": "0", "fen_per_100": "1.20", "state": "live",
}  # fmt: skip


def staff(role: str) -> Actor:
    return Actor("staff", 9, "Mei", frozenset({role}), frozenset({7}))


class TestWhoMayEnter:
    @pytest.mark.parametrize("role", ["boss", "operator", "analyst", "auditor"])
    def test_head_office_sees_rules(self, boss: Client, house: House, role: str) -> None:
        house.brand.actor = staff(role)
        assert [boss.get(path).status_code for path in SEEN] == [200] * len(SEEN)

    @pytest.mark.parametrize("role", ["guide", "manager", "dealer", "privacy_officer"])
    def test_others_find_nothing_there(self, boss: Client, house: House, role: str) -> None:
        house.brand.actor = staff(role)
        absent = boss.get("/people/99/").content
        for path in (*SEEN, *ACTED):
            response = boss.get(path)
            assert (response.status_code, response.content) == (404, absent), path
        nav = re.findall(r'<li><a href="([^"]+)"', boss.get("/people/").content.decode())
        assert not {"/loyalty/", "/alliance/"} & set(nav)

    @pytest.mark.parametrize("role", ["analyst", "auditor", "guide"])
    def test_who_only_looks_changes_nothing(self, boss: Client, house: House, role: str) -> None:
        house.brand.actor = staff(role)
        posts = {
            "/loyalty/rule/": {**RULE, "act": "save"},
            "/loyalty/tiers/1/": {**TIER, "act": "save"},
            "/loyalty/bonuses/": {**BONUS, "act": "try"},
            "/loyalty/bonuses/vip/end/": {},
            "/loyalty/adjustments/5/": {"act": "approve"},
            "/loyalty/offline/points/": {"per_day": "5"},
            "/people/15/points/": {"points": "5", "reason": "x"},
            "/alliance/new/": PARTNER,
            "/alliance/partners/tea/statement/": {"points": "5", "reference": "F1"},
        }
        for path, said in posts.items():
            assert boss.post(path, said).status_code == 404, path
        assert house.loyalty.calls == [] and len(house.loyalty.waiting_) == 1

    def test_an_auditor_is_offered_no_buttons(self, boss: Client, house: House) -> None:
        house.brand.actor = AUDITOR
        for path in (*SEEN, "/people/15/points/"):
            html = boss.get(path).content.decode()
            assert 'method="post"' not in (html.split("<main")[1] if "<main" in html else html), path


class TestRules:
    def test_each_rule_is_a_sentence(self, boss: Client) -> None:
        said = text_of(boss.get("/loyalty/").content)
        assert "现在每消费 ¥1 得 1 积分，另有 2 条加倍或加送；会员分 3 级，最高是金卡会员。" in said
        assert "银卡会员、金卡会员，生日那个月：2 倍积分，一人一天最多 500 积分。" in said
        assert "近 12 个月消费满 ¥1,000，保 12 个月，之后再给 90 天补上。" in said

    def test_tiers_are_counted_and_open(self, boss: Client) -> None:
        html = boss.get("/loyalty/panels/tiers/", headers=HTMX).content
        assert "一共 5 位顾客" in text_of(html) and "/people/?tier=%E9%87%91" in html.decode()

    def test_trying_shows_what_it_costs_and_saves_nothing(self, boss: Client, house: House) -> None:
        response = boss.post("/loyalty/rule/", {**RULE, "act": "try"})
        said = text_of(response.content)
        assert response.status_code == 200
        assert "照 2017 年 12 月的订单算，会多发 1,000 积分，多花约 ¥10.0。" in said
        (_name, (changed, month)) = house.loyalty.calls[0]
        assert (changed.rule.points, month) == (2, date(2017, 12, 1))
        assert names(house.loyalty.calls) == []

    def test_saving_puts_it_in_force_and_says_so(self, boss: Client, house: House) -> None:
        response = boss.post("/loyalty/rule/", {**RULE, "act": "save"})
        assert response.headers["Location"] == "/loyalty/?done=rule"
        assert house.loyalty.calls == [("set_rule", EarnRule(1, 2, 100, 1, date(2026, 12, 1)))]
        assert "已保存" in text_of(boss.get("/loyalty/?done=rule").content)

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"points": "-1"}, "“得多少积分”要填不小于 1 的整数"),
            ({"per": "1.005"}, "“每消费多少钱”要填金额"),
            ({"from_day": "soon"}, "“从哪天起”要填日期"),
            ({"points": "9" * 30}, "“得多少积分”要填不小于 1 的整数"),
            ({"from_day": "2016-01-01"}, "新规则最早从明天开始生效"),
        ],
    )
    def test_what_cannot_be_is_refused_and_kept_in_the_form(
        self, boss: Client, house: House, change: dict[str, str], said: str
    ) -> None:
        response = boss.post("/loyalty/rule/", {**RULE, **change, "act": "save"})
        assert response.status_code == 422 and said in text_of(response.content)
        assert 'name="notice_days" value="30"' in response.content.decode()
        assert names(house.loyalty.calls) == []

    def test_who_changes_tier_opens_into_people(self, boss: Client, house: House) -> None:
        html = boss.post("/loyalty/tiers/1/", {**TIER, "act": "try"}).content.decode()
        url = re.search(r'href="(/loyalty/tiers/1/movers/[^"]+)"', html)
        assert url and "csrf" not in url[1]
        opened = boss.get(url[1].replace("&amp;", "&"), headers=HTMX).content
        assert "120 位顾客的等级会变。" in text_of(html.encode())
        assert [name for name, _told in house.loyalty.calls] == ["what_if"]  # opening it counts nothing anew
        assert "从普通会员到银卡会员的有 120 位，先看其中 3 位。" in text_of(opened)
        assert "/people/12/" in opened.decode() and names(house.loyalty.calls) == []

    def test_a_move_that_would_not_happen_is_absent(self, boss: Client) -> None:
        assert boss.get("/loyalty/tiers/1/movers/?name=x").status_code == 404
        path = "/loyalty/rule/movers/?move.before=a&move.after=b&points=2&per=1"
        assert boss.get(path).status_code == 404

    def test_thresholds_must_rise_and_trying_says_so_too(self, boss: Client, house: House) -> None:
        response = boss.post("/loyalty/tiers/1/", {**TIER, "spend": "9000", "act": "try"})
        assert response.status_code == 422 and "等级越高，门槛也要越高" in text_of(response.content)
        assert house.loyalty.calls == []

    def test_a_tier_is_saved(self, boss: Client, house: House) -> None:
        boss.post("/loyalty/tiers/1/", {**TIER, "act": "save"})
        wanted = Tier(1, "银卡", 90_000, "rolling", 6, 30, ("包邮", "生日礼"))
        assert house.loyalty.calls == [("set_tier", wanted)]

    def test_a_bonus_is_added_with_all_it_says(self, boss: Client, house: House) -> None:
        said = {
            **BONUS,
            "ranks": ["1", "2"],
            "skus": "P1",
            "stores": "S1，S2",
            "cap_order": "99",
            "act": "save",
        }
        assert boss.post("/loyalty/bonuses/", said).status_code == 302
        ((name, made),) = house.loyalty.calls
        assert name == "set_bonus" and made.code
        assert (made.percent, made.extra, made.weekdays, made.ranks) == (150, 0, (3,), (1, 2))
        assert (made.sku_ids, made.org_unit_ids, made.cap_order) == ((1,), (7, 8), 99)

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"times": "1"}, "“几倍积分”要填比 1 大的数"),
            ({"gives": "extra"}, "“每单加送多少积分”要填"),
            ({"skus": "NOPE"}, "没有这个编码的商品：NOPE"),
            ({"stores": "NOPE"}, "没有这个编码的门店：NOPE"),
            ({"name": " "}, "请给积分规则起一个名字"),
        ],
    )
    def test_a_bonus_that_cannot_be_is_refused(
        self, boss: Client, house: House, change: dict[str, str], said: str
    ) -> None:
        response = boss.post("/loyalty/bonuses/", {**BONUS, **change, "act": "save"})
        assert response.status_code == 422 and said in text_of(response.content)
        assert house.loyalty.calls == []

    def test_editing_a_bonus_keeps_its_code(self, boss: Client, house: House) -> None:
        boss.post("/loyalty/bonuses/vip/", {**BONUS, "act": "save"})
        assert house.loyalty.calls[0][1].code == "vip"
        assert boss.get("/loyalty/bonuses/nobody/").status_code == 404

    def test_ending_one_is_posted_and_only_once_there(self, boss: Client, house: House) -> None:
        assert boss.get("/loyalty/bonuses/vip/end/").status_code == 405
        assert boss.post("/loyalty/bonuses/nobody/end/").status_code == 404
        boss.post("/loyalty/bonuses/vip/end/")
        assert house.loyalty.calls == [("end_bonus", "vip")]

    def test_nothing_yet_says_what_could_be(self, boss: Client, house: House) -> None:
        house.loyalty.bonuses_ = []
        said = text_of(boss.get("/loyalty/").content)
        assert "没有加倍或加送" in said and "还没有加倍或加送" in said


class TestPoints:
    def test_the_panel_tells_months_debts_and_why(self, boss: Client) -> None:
        said = text_of(boss.get("/people/15/points/panel/", headers=HTMX).content)
        assert "现在欠着 40 积分，下次得积分时先还；可用 326。" in said
        assert "2099 年 12 月 31 日到期" in said and "长期有效" in said and "锁定中 10" in said
        assert "达到银卡会员门槛 ¥1,000" in said and "再消费 ¥3,800 可升为金卡会员。" in said
        assert "积分不够，记为欠积分" in said

    def test_without_debt_it_says_what_expires_first(self, boss: Client, house: House) -> None:
        house.loyalty.debt = 0
        said = text_of(boss.get("/people/15/points/panel/", headers=HTMX).content)
        assert "可用 326 积分，其中 300 到 2099 年 12 月 31 日到期。" in said

    def test_what_has_expired_is_not_said_to_be_coming(self, boss: Client, house: House) -> None:
        house.loyalty.debt, house.loyalty.until = 0, date(2018, 12, 31)
        said = text_of(boss.get("/people/15/points/panel/", headers=HTMX).content)
        assert "其中 300 已经到期，今晚作废。" in said and "2018 年 12 月 31 日已到期" in said

    def test_the_customer_page_asks_for_the_panel(self, boss: Client) -> None:
        assert 'hx-get="/people/15/points/panel/"' in boss.get("/people/15/").content.decode()

    def test_a_long_history_goes_on(self, boss: Client, house: House) -> None:
        house.loyalty.entries = 60
        first = boss.get("/people/15/points/").content.decode()
        before = re.search(r"points/\?before=(\d+)", first)
        assert before and before[1] == "24"
        assert boss.get(f"/people/15/points/?before={before[1]}", headers=HTMX).content.count(b"<tr>") == 13

    def test_a_guide_sees_points_and_cannot_give_any(self, boss: Client, house: House) -> None:
        house.brand.actor = GUIDE
        html = boss.get("/people/15/points/").content.decode()
        assert "手工调整" not in html and "可用" in html
        assert boss.post("/people/15/points/", {"points": "5", "reason": "x"}).status_code == 404
        assert house.loyalty.calls == []

    @pytest.mark.parametrize(("way", "points"), [("give", 200), ("take", -200)])
    def test_points_are_given_and_taken(self, boss: Client, house: House, way: str, points: int) -> None:
        response = boss.post("/people/15/points/", {"way": way, "points": "200", "reason": "少给了"})
        assert response.headers["Location"] == "/people/15/points/?done=6&state=done"
        assert house.loyalty.calls == [("adjust", (15, points, "少给了"))]

    def test_beyond_the_limit_it_waits_and_says_so(self, boss: Client) -> None:
        response = boss.post("/people/15/points/", {"points": "5000", "reason": "补偿"})
        assert "等另一位同事审批" in text_of(boss.get(response.headers["Location"]).content)

    @pytest.mark.parametrize(
        "said", [{"points": "0", "reason": "x"}, {"points": "x"}, {"points": "5", "reason": " "}]
    )
    def test_without_a_number_or_a_reason_nothing_moves(
        self, boss: Client, house: House, said: dict[str, str]
    ) -> None:
        response = boss.post("/people/15/points/", said)
        assert response.status_code == 422 and "没有调整" in text_of(response.content)
        assert house.loyalty.calls == []

    def test_another_person_approves(self, boss: Client, house: House) -> None:
        assert "有 1 笔积分调整等着审批。" in text_of(boss.get("/loyalty/adjustments/").content)
        response = boss.post("/loyalty/adjustments/5/", {"act": "approve"})
        assert response.headers["Location"] == "/loyalty/adjustments/?done=done"
        assert house.loyalty.calls == [("done", 5)]

    def test_nobody_approves_his_own(self, boss: Client, house: House) -> None:
        house.brand.actor = OPERATOR
        html = boss.get("/loyalty/adjustments/").content
        assert "都是您提的" in text_of(html) and 'value="approve"' not in html.decode()
        response = boss.post("/loyalty/adjustments/5/", {"act": "approve"})
        assert response.status_code == 422 and "要由另一位同事审批" in text_of(response.content)
        assert house.loyalty.calls == []

    @pytest.mark.parametrize("act", ["", "delete"])
    def test_an_act_that_is_none_is_absent(self, boss: Client, house: House, act: str) -> None:
        assert boss.post("/loyalty/adjustments/5/", {"act": act}).status_code == 404
        assert boss.post("/loyalty/adjustments/99999999999999999999/", {"act": "approve"}).status_code == 404
        assert house.loyalty.calls == []


class TestAlliance:
    def test_partners_tell_rate_cap_and_traffic(self, boss: Client) -> None:
        said = text_of(boss.get("/alliance/").content)
        assert "正在和 1 家合作；这个月送过去 7 位顾客，来了 3 位。" in said
        assert "1,000 / 10,000" in said and "我们欠 450" in said

    def test_a_statement_adds_up_both_ways(self, boss: Client) -> None:
        said = text_of(boss.get("/alliance/partners/tea/statement/?month=2017-12").content)
        assert "2017-12 净转出 400 积分，我们该付" in said and "¥3.60" in said
        assert "我们多送过去 4 位。" in said

    def test_the_statement_is_a_file_too_and_no_formula(self, boss: Client, house: House) -> None:
        house.loyalty.partners_ = [house.loyalty.partners_[0]._replace(name="=cmd()")]
        response = boss.get("/alliance/partners/tea/statement.csv?month=2017-12")
        text = response.content.decode("utf-8-sig")
        assert "'=cmd()" in text and "期末：我们欠对方的积分,450" in text
        assert 'filename="tea-2017-12.csv"' in response.headers["Content-Disposition"]

    @pytest.mark.parametrize(
        "path", ["nobody/", "nobody/statement/", "tea/statement/?month=2017-13", "nobody/statement.csv"]
    )
    def test_what_is_not_there_is_absent(self, boss: Client, path: str) -> None:
        assert boss.get(f"/alliance/partners/{path}").status_code == 404

    def test_a_partner_is_added(self, boss: Client, house: House) -> None:
        assert boss.post("/alliance/new/", PARTNER).status_code == 302
        ((_name, made),) = house.loyalty.calls
        assert (made.code, made.ours, made.theirs, made.fen_per_100) == ("flower", 100, 50, 120)

    @pytest.mark.parametrize("change", [{"code": "Bad Code"}, {"code": "tea"}, {"ours": "0"}, {"name": ""}])
    def test_one_that_cannot_be_is_refused(self, boss: Client, house: House, change: dict[str, str]) -> None:
        response = boss.post("/alliance/new/", {**PARTNER, **change})
        assert response.status_code == 422 and "没有保存" in text_of(response.content)
        assert house.loyalty.calls == []

    @pytest.mark.parametrize(("way", "points"), [("ours", 300), ("theirs", -300)])
    def test_money_that_was_paid_is_noted(self, boss: Client, house: House, way: str, points: int) -> None:
        path = "/alliance/partners/tea/statement/?month=2017-12"
        response = boss.post(path, {"way": way, "points": "300", "reference": "F1"})
        assert response.headers["Location"] == "/alliance/partners/tea/statement/?month=2017-12&done=settled"
        assert house.loyalty.calls == [("settle", ("tea", points, "F1"))]

    def test_no_partner_yet_says_why_one_would(self, boss: Client, house: House) -> None:
        house.loyalty.partners_ = []
        assert "这里会列出每一家合作的品牌" in text_of(boss.get("/alliance/").content)


@pytest.mark.parametrize(
    ("bonus", "said"),
    [
        (Bonus(1, "a", 1, "a", percent=150), "所有订单：1.5 倍积分。"),
        (Bonus(1, "a", 1, "a", extra=50, is_first_purchase=True), "第一次买：每单另送 50 积分。"),
        (
            Bonus(1, "a", 1, "a", percent=200, sku_ids=(1, 2, 3, 4), min_amount=9900),
            "买 甲、2、3等 4 个，满 ¥99：2 倍积分。",
        ),
        (
            Bonus(1, "a", 1, "a", percent=200, org_unit_ids=(7,), weekdays=(6, 7)),
            "周六、周日，在 人民路店：2 倍积分。",
        ),
    ],
)
def test_a_bonus_in_words(bonus: Bonus, said: str) -> None:
    assert rule_words.bonus(bonus, {}, {7: "人民路店"}, {1: "甲"}) == said


@time_machine.travel("2026-11-25T04:00:00+00:00")
def test_dates_of_a_bonus_in_words() -> None:
    bonus = Bonus(1, "a", 1, "a", percent=300, from_day=date(2026, 12, 1), until_day=date(2026, 12, 31))
    said = rule_words.bonus(bonus, {}, {}, {}).replace("\u00a0", " ")
    assert said == "12 月 1 日到12 月 31 日：3 倍积分。"


@pytest.mark.parametrize(("text", "minor"), [("1,000", 100_000), ("99.50", 9950), ("¥3", 300)])
def test_money_is_read_as_people_write_it(text: str, minor: int) -> None:
    assert Values({"m": text}).money("m", "钱") == minor


def test_reasons_are_told_in_english(boss: Client) -> None:
    boss.post("/language/", {"language": "en", "next": "/"})
    said = text_of(boss.get("/people/15/points/panel/", headers=HTMX).content)
    assert "Spent ¥1,200 in the last 12 months" in said and "not enough points" in said.lower()


class TestGiftsOfTiers:
    def test_a_coupon_comes_with_a_tier(self, boss: Client, house: House) -> None:
        rule = {"benefit": {"kind": "amount_off", "amount": 500}, "validity": {"days": 30}}
        live = campaigns.create_template(title="升级礼", rule=rule, actor=SYSTEM)
        html = boss.get("/loyalty/tiers/1/").content.decode()
        assert f'<option value="{live}">' in html and "不送券" in html
        said = {**TIER, "gift": str(live), "gift_again_days": "365", "act": "save"}
        assert boss.post("/loyalty/tiers/1/", said).headers["Location"] == "/loyalty/?done=tier"
        (_, made) = house.loyalty.calls[-1]
        assert (made.gift_template_id, made.gift_again_days) == (live, 365)
        house.loyalty.tiers[1] = made
        assert "升到就送一张“升级礼”" in (seen := text_of(boss.get("/loyalty/").content))
        assert "365 天内再升到不再送。" in seen

    @pytest.mark.parametrize("gift", ["999999999", "x", "9" * 30])
    def test_no_other_number_is_one(self, boss: Client, house: House, gift: str) -> None:
        response = boss.post("/loyalty/tiers/1/", {**TIER, "gift": gift, "act": "save"})
        assert response.status_code == 422 and "没有这张券" in text_of(response.content)
        assert names(house.loyalty.calls) == []


class TestOfflineCaps:
    def test_points_are_capped_where_their_rules_are(self, boss: Client, house: House) -> None:
        assert "断网的收银台收多少都不提醒。" in text_of(boss.get("/loyalty/").content)
        response = boss.post("/loyalty/offline/points/", {"per_order": "500", "per_day": "1,000"})
        assert response.headers["Location"] == "/loyalty/?done=offline#offline"
        assert house.loyalty.calls == [("set_offline_cap", OfflineCap("points", 500, 1000))]
        said = text_of(boss.get("/loyalty/?done=offline").content)
        assert "一单最多收 500 积分，一位顾客一天最多 1,000 积分。" in said and "已保存" in said
        boss.post("/loyalty/offline/points/", {"per_order": "", "per_day": "0"})
        assert house.loyalty.calls[-1] == ("set_offline_cap", OfflineCap("points", None, 0))

    @pytest.mark.parametrize(
        ("kind", "said"), [("points", "“一单最多”要填不小于 0 的整数"), ("coupons", "“一单最多”要填金额")]
    )
    def test_what_is_no_amount_is_kept_in_the_form(
        self, boss: Client, house: House, kind: str, said: str
    ) -> None:
        response = boss.post(f"/loyalty/offline/{kind}/", {"per_order": "<b>", "per_day": "7"})
        assert response.status_code == 422 and said in text_of(response.content)
        html = response.content.decode()
        assert 'value="&lt;b&gt;"' in html and 'value="7"' in html and house.loyalty.calls == []

    def test_coupons_are_capped_in_yuan(self, boss: Client, house: House) -> None:
        response = boss.post("/loyalty/offline/coupons/", {"per_order": "99.50", "per_day": ""})
        assert response.headers["Location"] == "/coupons/?done=offline#offline"
        assert house.loyalty.calls == [("set_offline_cap", OfflineCap("coupons", 99_50, None))]
        assert boss.post("/loyalty/offline/gold/", {}).status_code == 404
        assert boss.get("/loyalty/offline/points/").status_code == 405
