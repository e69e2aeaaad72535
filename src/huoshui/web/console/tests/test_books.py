"""Ledger, exceptions, products and the chain: what they say, who may enter, what the acts do."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from huoshui.core import unmet
from huoshui.core.actor import Actor
from huoshui.core.unmet import sentences
from huoshui.web.console.contexts.exceptions import title_of
from huoshui.web.console.tests.stand_in_books import HIS, case
from huoshui.web.console.tests.stand_ins import AUDITOR, BOSS, GUIDE, OPERATOR, House
from huoshui.web.console.tests.test_acts import HTMX, text_of

LEDGER = (
    "/ledger/",
    "/ledger/panels/units/",
    "/ledger/panels/audit/",
    "/ledger/points/",
    "/ledger/accounts/2/",
)
DESK = ("/exceptions/", "/exceptions/1/")
REASON = {"reason": "原单在旧系统里，已经核对"}


def nav_of(client: Client) -> list[str]:
    return re.findall(r'<li><a href="([^"]+)"', client.get("/people/").content.decode())


class TestWhoMayEnter:
    @pytest.mark.parametrize("actor", [BOSS, OPERATOR, AUDITOR], ids=lambda a: a.name)
    def test_head_office_opens_the_books_and_the_desk(self, boss: Client, house: House, actor: Actor) -> None:
        house.brand.actor = actor
        assert all(boss.get(path).status_code == 200 for path in (*LEDGER, *DESK))
        assert {"/ledger/", "/exceptions/"} <= set(nav_of(boss))

    @pytest.mark.parametrize("role", ["guide", "manager", "dealer"])
    def test_stores_and_dealers_find_nothing_there(self, boss: Client, house: House, role: str) -> None:
        house.brand.actor = Actor("staff", 9, "Mei", frozenset({role}), frozenset({7}))
        absent = boss.get("/people/99/").content
        for path in (*LEDGER, *DESK):
            response = boss.get(path)
            assert response.status_code == 404, path
            assert response.content == absent
        assert not {"/ledger/", "/exceptions/"} & set(nav_of(boss))

    @pytest.mark.parametrize("role", ["analyst", "privacy_officer"])
    def test_the_desk_is_not_for_all_of_head_office(self, boss: Client, house: House, role: str) -> None:
        house.brand.actor = Actor("staff", 9, "Mei", frozenset({role}), frozenset({1}))
        assert {boss.get(path).status_code for path in DESK} == {404}
        assert "/exceptions/" not in nav_of(boss)

    def test_an_auditor_sees_no_buttons_and_cannot_press_them(self, boss: Client, house: House) -> None:
        house.brand.actor = AUDITOR
        assert "<form method" not in boss.get("/exceptions/1/").content.decode().split("<main")[1]
        for act in ("mend", "retry"):
            assert boss.post(f"/exceptions/1/{act}/", REASON).status_code == 404
        assert house.river.settled == [] and house.desk.cases_[1].state == "open"

    def test_reading_is_not_acting(self, boss: Client) -> None:
        assert {boss.get(f"/exceptions/1/{act}/").status_code for act in ("mend", "retry")} == {405}

    def test_points_open_their_accounts_for_whoever_may_see_the_books(
        self, boss: Client, house: House
    ) -> None:
        link = 'href="/ledger/points/?person=11"'
        assert link in boss.get("/people/11/").content.decode()
        house.brand.actor = GUIDE
        assert "/ledger/" not in boss.get("/people/11/").content.decode()


class TestLedger:
    def test_clean_books_say_so(self, boss: Client) -> None:
        said = text_of(boss.get("/ledger/panels/audit/", headers=HTMX).content)
        assert "账是平的：22 笔变动 100% 说得清来由" in said

    def test_one_unexplained_transfer_is_not_rounded_away(self, boss: Client, house: House) -> None:
        house.explorer.explained = 19
        said = text_of(boss.get("/ledger/panels/audit/", headers=HTMX).content)
        assert "账是平的" not in said and "95.45%" in said and "95.00%" in said

    def test_the_day_and_the_book_that_lack_their_cause_are_named(self, boss: Client, house: House) -> None:
        house.explorer.explained = 19
        html = boss.get("/ledger/panels/audit/", headers=HTMX).content.decode()
        days = dict(re.findall(r'<th class="nw" scope="row">([\d-]+)</th>(.*?)</tr>', html))
        assert list(days) == ["2017-12-31", "2017-12-30"]
        assert "100%" in days["2017-12-31"] and "93.33%" in days["2017-12-30"]
        assert "积分" in days["2017-12-30"] and "积分" not in days["2017-12-31"]

    def test_a_wrong_balance_is_called_out(self, boss: Client, house: House) -> None:
        house.ledger.wrong = 1
        said = text_of(boss.get("/ledger/panels/audit/", headers=HTMX).content)
        assert "账有 1 处对不上" in said and "1 个不对" in said

    def test_the_books_are_counted_through_once_a_minute(self, boss: Client, house: House) -> None:
        for _ in range(3):
            boss.get("/ledger/panels/audit/", headers=HTMX)
        assert house.ledger.counted == 1

    def test_one_panel_fails_alone(self, boss: Client, house: House) -> None:
        house.explorer.broken = True
        assert boss.get("/ledger/panels/units/", headers=HTMX).status_code == 500
        assert boss.get("/ledger/panels/audit/", headers=HTMX).status_code == 200

    def test_units_tell_what_is_held_and_owed(self, boss: Client) -> None:
        html = boss.get("/ledger/panels/units/", headers=HTMX).content
        said = text_of(html)
        assert "今天入账 2 笔；1 个账户欠着。" in said
        assert "¥12,345.00" in said and "联名积分（tea）" in said
        assert 'href="/ledger/points/?only=debts"' in html.decode()
        assert 'href="/ledger/points@tea/"' in html.decode().replace("%40", "@")

    def test_an_account_tells_who_it_is_and_each_movement_opens_its_order(self, boss: Client) -> None:
        html = boss.get("/ledger/accounts/2/").content
        said = text_of(html)
        assert "现在有 326，就是下面每一笔加减出来的。" in said and "2018 年 12 月底到期" in said
        assert "来自 品牌" in said and "+29" in said and "−3" in said and "说不清来由" in said
        assert 'href="/sales/101/"' in html.decode() and "/sales/100/" not in html.decode()

    def test_a_debt_says_what_becomes_of_it(self, boss: Client) -> None:
        assert "现在欠着 40；下一次入账会先还。" in text_of(boss.get("/ledger/accounts/3/").content)

    def test_a_system_account_shows_no_balance(self, boss: Client) -> None:
        said = text_of(boss.get("/ledger/accounts/1/").content)
        assert "这是系统账户" in said

    def test_a_long_account_goes_on_from_its_last_movement(self, boss: Client, house: House) -> None:
        house.explorer.legs_ = 70
        html = boss.get("/ledger/accounts/2/").content.decode()
        more = re.search(r'hx-get="(/ledger/accounts/2/\?fact=100[^"]+)"', html)
        assert more
        boss.get(more[1].replace("&amp;", "&"), headers=HTMX)
        assert house.explorer.asked[-1][1].fact_id == 100

    def test_a_customer_s_accounts_are_found_by_name_and_by_person(self, boss: Client) -> None:
        for query in ("q=顾客11", "person=11"):
            said = text_of(boss.get(f"/ledger/points/?{query}", headers=HTMX).content)
            assert "1 个账户，一共 326" in said
        assert "没有找到这样的账户" in text_of(boss.get("/ledger/points/?q=nobody", headers=HTMX).content)

    def test_what_is_empty_stays_out_unless_asked_for_or_all_there_is(
        self, boss: Client, house: House
    ) -> None:
        spent = HIS._replace(id=6, bucket="2017-12", balance=0)
        house.explorer.accounts_.append(spent)
        for query, n in (("person=11", 1), ("person=11&only=all", 2)):
            said = text_of(boss.get(f"/ledger/points/?{query}", headers=HTMX).content)
            assert f"这位顾客有 {n} 个账户" in said
        house.explorer.accounts_ = [spent]
        said = text_of(boss.get("/ledger/points/?person=11", headers=HTMX).content)
        assert "这位顾客有 1 个账户，一共 0。" in said


class TestExceptions:
    def test_what_waits_is_told_first_and_counted_in_the_side_bar(self, boss: Client) -> None:
        html = boss.get("/exceptions/").content
        said = text_of(html)
        assert "有 3 件要人看一眼" in said
        assert "积分不够扣" in said and "退货要扣回的积分已经用掉了，记为欠积分" in said
        assert '<span class="cnt hot">3' in html.decode()

    def test_nothing_to_look_at_says_so(self, boss: Client, house: House) -> None:
        house.desk.cases_ = {}
        html = boss.get("/exceptions/").content
        assert "没有要人看的数据" in text_of(html) and '<span class="cnt hot">' not in html.decode()

    def test_an_unknown_code_is_not_shown_raw_in_a_title(self, boss: Client) -> None:
        said = text_of(boss.get("/exceptions/3/").content)
        assert "有一处没有办成" in said and "编号 no_such_code，请把它报给管理员" in said

    def test_the_chain_opens_only_for_what_is_in_the_books(self, boss: Client) -> None:
        assert 'href="/sales/101/"' in boss.get("/exceptions/2/").content.decode()
        assert "打开全链路" not in boss.get("/exceptions/1/").content.decode()

    def test_narrowed_to_one_kind(self, boss: Client, house: House) -> None:
        boss.get("/exceptions/?code=points_short")
        assert house.desk.asked[-1][0] == "points_short"
        boss.get("/exceptions/?code=nonsense")
        assert house.desk.asked[-1][0] == ""

    def test_a_long_list_goes_on_from_its_last_id(self, boss: Client, house: House) -> None:
        house.desk.cases_ = {n: case(n) for n in range(1, 71)}
        html = boss.get("/exceptions/").content.decode()
        assert html.count('<th class="nm"') == 50 and "before=21" in html
        rest = boss.get("/exceptions/?before=21", headers=HTMX).content.decode()
        assert "<html" not in rest and rest.count('<th class="nm"') == 20 and "before=" not in rest

    def test_mending_leads_back_to_the_list_of_its_kind(self, boss: Client, house: House) -> None:
        house.brand.actor = OPERATOR
        response = boss.post("/exceptions/1/mend/", REASON)
        assert (response.status_code, response.headers["Location"]) == (
            302,
            "/exceptions/?code=parent_unknown&done=1",
        )
        said = text_of(boss.get(response.headers["Location"]).content)
        assert "已处理" in said and "有 2 件要人看一眼" in said
        trail = text_of(boss.get("/exceptions/1/").content)
        assert "标记已处理" in trail and REASON["reason"] in trail and "Lin Qing" in trail

    @pytest.mark.parametrize("reason", ["", "   "])
    def test_without_a_reason_nothing_is_marked(self, boss: Client, house: House, reason: str) -> None:
        response = boss.post("/exceptions/1/mend/", {"reason": reason})
        assert response.status_code == 422 and "请写一句是怎么处理的" in text_of(response.content)
        assert house.desk.cases_[1].state == "open"

    def test_the_second_of_two_is_told(self, boss: Client) -> None:
        boss.post("/exceptions/1/mend/", REASON)
        response = boss.post("/exceptions/1/mend/", REASON)
        assert response.status_code == 422 and "刚才已经有人处理过了" in text_of(response.content)

    def test_trying_again_settles_what_has_found_its_order(self, boss: Client, house: House) -> None:
        house.river.comes = True
        response = boss.post("/exceptions/1/retry/")
        assert response.headers["Location"] == "/exceptions/?done=1"
        assert house.river.settled == [901] and house.desk.cases_[1].state == "mended"

    def test_trying_again_in_vain_leaves_it_open_and_says_so(self, boss: Client, house: House) -> None:
        response = boss.post("/exceptions/1/retry/")
        assert response.headers["Location"] == "/exceptions/1/"
        said = text_of(boss.get("/exceptions/1/").content)
        assert "重新处理 等原订单" in said and house.desk.cases_[1].state == "open"

    def test_what_is_booked_is_not_tried_again(self, boss: Client, house: House) -> None:
        response = boss.post("/exceptions/2/retry/")
        assert response.status_code == 422 and "这条记录已经入账" in text_of(response.content)
        assert house.river.settled == []


class TestProducts:
    def test_the_list_is_searched_and_narrowed(self, boss: Client, house: House) -> None:
        boss.get("/products/?q= x &kept=unlisted&category=nonsense", headers=HTMX)
        assert house.brand.searched[-1] == ("x", "", True, "")

    def test_what_no_list_describes_is_flagged(self, boss: Client) -> None:
        said = text_of(boss.get("/products/").content)
        assert "一共 2 个商品，其中 1 个只在订单里出现过，等补资料。" in said
        assert "待补资料" in said

    def test_stock_that_is_not_known_is_not_called_none(self, boss: Client) -> None:
        html = boss.get("/products/").content.decode()
        assert ">12<" in html.replace("\n", "") and "还没有库存记录" in html

    def test_a_product_tells_store_by_store(self, boss: Client, house: House) -> None:
        said = text_of(boss.get("/products/1/stores/", headers=HTMX).content)
        assert "卖了 4 件" in said and "账面还有 12 件" in said
        _name, params = house.insight.asked[-1]
        assert (params["product"], params["from_"], params["to"]) == ("P1", "2017-12-02", "2017-12-31")

    def test_a_shelf_below_nothing_says_why(self, boss: Client, house: House) -> None:
        house.explorer.shelves = {(1, 7): -3_500}
        said = text_of(boss.get("/products/1/stores/", headers=HTMX).content)
        assert "账面库存比零还少" in said and "−3.5" in said

    def test_a_guide_sees_her_own_store_only(self, boss: Client, house: House) -> None:
        house.explorer.shelves = {(1, 7): 12_000, (1, 8): 5_000}
        assert "账面还有 17 件" in text_of(boss.get("/products/1/stores/", headers=HTMX).content)
        house.brand.actor = GUIDE
        html = boss.get("/products/1/stores/", headers=HTMX).content
        said = text_of(html)
        assert "账面还有 12 件" in said and "卖了 2 件" in said and "人民路店" not in said

    def test_not_sold_and_nowhere_is_said(self, boss: Client, house: House) -> None:
        house.insight.is_empty, house.explorer.shelves = True, {}
        said = text_of(boss.get("/products/1/stores/", headers=HTMX).content)
        assert "这 30 天没有卖出过。还没有库存记录。" in said


class TestChain:
    def test_a_refund_leads_to_its_sale_and_the_sale_to_its_refund(self, boss: Client) -> None:
        sale = boss.get("/sales/101/").content.decode()
        assert 'href="/sales/777/"' in sale and "看原订单" not in sale
        refund = boss.get("/sales/777/").content.decode()
        assert 'href="/sales/101/"' in refund and "看原订单" in refund
        assert 'class="on" aria-current="true"' in refund

    def test_what_comes_next_is_told_from_what_is_known(self, boss: Client) -> None:
        said = text_of(boss.get("/sales/101/").content)
        assert "可以联系：手机号" in said and "价值分层：高" in said
        assert "326 积分到 2018 年 12 月底到期" in said and "剩得最少：12 件" in said

    def test_nobody_known_can_be_reached_and_nothing_is_made_up(self, boss: Client, house: House) -> None:
        house.sales.person = ""
        house.explorer.shelves = {}
        said = text_of(boss.get("/sales/101/").content)
        assert "不知道是谁，联系不上" in said
        assert "价值分层" not in said and "激励" not in said and "供应" not in said

    def test_a_debt_and_an_empty_shelf_want_a_look(self, boss: Client, house: House) -> None:
        house.explorer.held, house.explorer.shelves = {"debt": -40, "2018-12": 5}, {(1, 7): -2_000}
        said = text_of(boss.get("/sales/101/").content)
        assert "欠着 40 积分" in said and "1 种商品账面比零还少" in said


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("parent_unknown", "退货找不到原订单"),
        ("coupon_expired", "券用得不对"),
        ("coupons_differ", "券用得不对"),
        ("points_back_exceed", "积分对不上"),
        ("stock_short", "库存对不上"),
        ("tenders_differ", "金额对不上"),
        ("something_else", "有一处没有办成"),
    ],
)
def test_every_code_has_a_title_in_words(code: str, title: str) -> None:
    assert title_of(code) == title


def test_a_room_s_own_sentence_is_told_with_what_happened(
    boss: Client, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unmet, "_SENTENCES", unmet.templates())  # what is said here is forgotten afterwards
    sentences({"test_till_shut": "{store}的收银机关着。"})
    house.desk.cases_ = {1: case(1, "test_till_shut", detail={"store": "人民路店"})}
    assert "人民路店的收银机关着。" in text_of(boss.get("/exceptions/1/").content)
