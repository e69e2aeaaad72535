"""Stock: what lies where, what moved it, documents written by hand, and whose shelves one sees."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from huoshui.core.actor import Actor
from huoshui.core.ledger.api import GoodsLine
from huoshui.web.console.contexts.stock import title_of
from huoshui.web.console.contexts.stock_documents import read
from huoshui.web.console.tests.stand_in_insight import HOSTILE
from huoshui.web.console.tests.stand_ins import AUDITOR, GUIDE, House
from huoshui.web.console.tests.test_acts import HTMX, text_of

DOCUMENT = {"key": "R1", "lines": "P1 3\nP2\t2\nP1", "reason": "供应商", "act": "save"}


class TestWhoseShelves:
    def test_a_guide_sees_her_own_store_only(self, boss: Client, house: House) -> None:
        house.brand.actor = GUIDE
        html = boss.get("/stock/").content.decode()
        assert '<option value="7" selected>' in html and '<option value="8"' not in html
        absent = boss.get("/people/99/").content
        for path in (
            "/stock/?store=8",
            "/stock/8/goods/1/",
            "/stock/8/settings/",
            "/stock/8/new/receive/",
            "/stock/9/new/receive/",
        ):
            response = boss.get(path)
            assert (response.status_code, response.content) == (404, absent), path

    @pytest.mark.parametrize("role", ["guide", "manager", "dealer", "operator", "boss"])
    @pytest.mark.parametrize("kind", ["receive", "count", "adjust", "damage", "send"])
    def test_what_makes_goods_less_by_a_word_a_guide_does_not_write(
        self, boss: Client, house: House, role: str, kind: str
    ) -> None:
        house.brand.actor = Actor("staff", 9, "Mei", frozenset({role}), frozenset({7}))
        may = role != "guide" or kind in ("receive", "count")
        page = boss.get("/stock/?store=7").content.decode()
        assert (f'href="/stock/7/new/{kind}/"' in page) is may
        assert boss.get(f"/stock/7/new/{kind}/").status_code == (200 if may else 404)
        given = DOCUMENT | {"to": "8", "lines": "P1 3"}
        response = boss.post(f"/stock/7/new/{kind}/", given)
        assert (response.status_code == 404) is not may
        assert bool(house.brand.done) is (may and response.status_code == 302)

    def test_nothing_is_written_at_a_store_that_is_not_hers(self, boss: Client, house: House) -> None:
        house.brand.actor = GUIDE
        assert boss.post("/stock/8/new/receive/", DOCUMENT).status_code == 404
        assert boss.post("/stock/8/settings/", {"policy": "strict"}).status_code == 404
        assert house.brand.done == []

    def test_a_guide_writes_documents_and_sets_no_policy(self, boss: Client, house: House) -> None:
        house.brand.actor = GUIDE
        assert boss.post("/stock/7/new/receive/", DOCUMENT).status_code == 302
        assert 'method="post"' not in boss.get("/stock/7/settings/").content.decode().split("<main")[1]
        for said in ({"policy": "strict"}, {"act": "share", "price": "5"}, {"act": "unshare"}):
            assert boss.post("/stock/7/settings/", said).status_code == 404
        assert [what for what, _told in house.brand.done] == ["receive"]

    @pytest.mark.parametrize("role", ["analyst", "auditor", "privacy_officer"])
    def test_who_only_looks_writes_nothing(self, boss: Client, house: House, role: str) -> None:
        house.brand.actor = Actor("staff", 9, "Mei", frozenset({role}), frozenset({1}))
        assert boss.get("/stock/?store=8").status_code == 200
        for path in ("/stock/7/new/receive/", "/stock/7/settings/", "/stock/transfers/60/"):
            assert boss.post(path, DOCUMENT).status_code == 404, path
        assert boss.get("/stock/7/new/receive/").status_code == 404
        assert house.brand.done == []

    def test_a_manager_above_sees_the_stores_below(self, boss: Client, house: House) -> None:
        house.brand.actor = Actor("staff", 9, "Mei", frozenset({"dealer"}), frozenset({1}))
        assert boss.get("/stock/?store=8").status_code == 200

    def test_nobody_s_store_is_said(self, boss: Client, house: House) -> None:
        house.brand.actor = Actor("staff", 9, "Mei", frozenset({"guide"}), frozenset({55}))
        assert "还没有门店" in text_of(boss.get("/stock/").content)


class TestStock:
    def test_each_shelf_tells_all_of_it(self, boss: Client) -> None:
        html = boss.get("/stock/?store=8").content
        said = text_of(html)
        assert "人民路店的账面库存在下面；有商品卖得比有的还多" in said
        assert "没货不能卖" in said and "可以卖到负数" in said and "缺 2" in said
        assert 'href="/stock/8/goods/1/"' in html.decode()

    def test_many_goods_come_page_by_page(self, boss: Client, house: House) -> None:
        house.brand.stocked = 120
        html = boss.get("/stock/?store=7&after=50", headers=HTMX).content.decode()
        assert html.count('<th class="nm"') == 50 and "after=100" in html and "<html" not in html

    def test_a_product_s_movements_open_sales_and_documents(self, boss: Client) -> None:
        html = boss.get("/stock/7/goods/1/").content
        assert 'href="/sales/101/"' in html.decode() and 'href="/stock/documents/50/"' in html.decode()
        assert "−1" in text_of(html) and "另缺 2 件" in text_of(html)

    @pytest.mark.parametrize(
        "path",
        [
            "/stock/?store=x",
            "/stock/?after=x",
            "/stock/7/goods/99/",
            "/stock/7/goods/99999999999999/",
            "/stock/7/new/steal/",
            "/stock/documents/51/",
            "/stock/documents/99999999999999999999/",
            "/stock/transfers/61/",
            "/stock/transfers/99999999999999999999/",
            "/stock/transfers/?before=x",
        ],
    )
    def test_what_is_not_there_is_absent(self, boss: Client, path: str) -> None:
        response = boss.get(path)
        assert (response.status_code, response.content) == (404, boss.get("/people/99/").content)


class TestDocuments:
    def test_looking_through_books_nothing(self, boss: Client, house: House) -> None:
        response = boss.post("/stock/7/new/receive/", {**DOCUMENT, "act": "check"})
        said = text_of(response.content)
        assert response.status_code == 200 and "一共 2 种商品，6 件；还没有入账。" in said
        cells = re.findall(r'<td class="num[^"]*">([^<]+)</td>', response.content.decode())
        assert cells[:3] == ["4", "12", "16"] and house.brand.done == []

    def test_lines_are_summed_by_product(self, boss: Client, house: House) -> None:
        response = boss.post("/stock/7/new/receive/", DOCUMENT)
        assert response.headers["Location"] == "/stock/documents/50/?done=1"
        ((what, told),) = house.brand.done
        assert what == "receive" and told["lines"] == [GoodsLine(1, 4_000), GoodsLine(2, 2_000)]
        assert (told["key"], told["org_unit_id"], told["reason"]) == ("R1", 7, "供应商")

    @pytest.mark.parametrize("kind", ["count", "damage", "adjust"])
    def test_each_kind_goes_through_its_own_door(self, boss: Client, house: House, kind: str) -> None:
        boss.post(f"/stock/7/new/{kind}/", DOCUMENT)
        assert [what for what, _told in house.brand.done] == [kind]

    def test_a_barcode_finds_its_product_only_where_one_has_it(self, boss: Client, house: House) -> None:
        house.brand.products = [
            p._replace(name="690", barcode="690" if p.id == 1 else "") for p in house.brand.products
        ]
        boss.post("/stock/7/new/receive/", {**DOCUMENT, "lines": "690 5"})
        assert house.brand.done[0][1]["lines"] == [GoodsLine(1, 5_000)]
        house.brand.products = [p._replace(barcode="690") for p in house.brand.products]
        assert boss.post("/stock/7/new/receive/", {**DOCUMENT, "lines": "690 5"}).status_code == 422
        assert len(house.brand.done) == 1

    @pytest.mark.parametrize(
        ("kind", "change", "said"),
        [
            ("receive", {"lines": "NOPE 1"}, "第 1 行的 NOPE 不在商品表里"),
            ("receive", {"lines": "P1 many"}, "第 1 行的件数看不懂"),
            ("receive", {"lines": "P1 -2"}, "第 1 行的件数不能是负数"),
            ("receive", {"lines": " \n"}, "一行也没有"),
            ("receive", {"key": " "}, "请填写单号"),
            ("adjust", {"reason": ""}, "请写明原因"),
            ("send", {}, "请选调到哪家店"),
        ],
    )
    def test_one_wrong_line_books_nothing(
        self, boss: Client, house: House, kind: str, change: dict[str, str], said: str
    ) -> None:
        response = boss.post(f"/stock/7/new/{kind}/", {**DOCUMENT, **change})
        assert response.status_code == 422 and said in text_of(response.content)
        assert house.brand.done == []

    def test_checking_names_each_wrong_line(self, boss: Client) -> None:
        response = boss.post("/stock/7/new/count/", {"lines": f"P1 1\n{HOSTILE}\nNOPE", "act": "check"})
        assert response.status_code == 422
        assert "有 2 行要改，改好再入账。" in text_of(response.content)

    def test_goods_are_sent_and_taken_in_by_the_other_end(self, boss: Client, house: House) -> None:
        boss.post("/stock/7/new/send/", {**DOCUMENT, "to": "8"})
        assert house.brand.done[0][1]["to_org_unit_id"] == 8
        house.brand.actor = GUIDE
        assert 'name="came-1"' in boss.get("/stock/transfers/60/").content.decode()
        boss.post("/stock/transfers/60/", {"came-1": "1"})
        what, told = house.brand.done[1]
        assert what == "take_in" and told["lines"] == [GoodsLine(1, 1_000)] and told["sent_fact_id"] == 60

    def test_who_sent_them_does_not_take_them_in(self, boss: Client, house: House) -> None:
        house.brand.actor = Actor("staff", 9, "Mei", frozenset({"manager"}), frozenset({8}))
        assert 'name="came-1"' not in boss.get("/stock/transfers/60/").content.decode()
        assert boss.post("/stock/transfers/60/", {"came-1": "1"}).status_code == 404
        assert house.brand.done == []

    @pytest.mark.parametrize("came", ["-1", "some"])
    def test_what_cannot_have_come_is_refused(self, boss: Client, house: House, came: str) -> None:
        response = boss.post("/stock/transfers/60/", {"came-1": came})
        assert response.status_code == 422 and "收到的件数看不懂" in text_of(response.content)
        assert house.brand.done == []

    def test_a_difference_is_called_out(self, boss: Client, house: House) -> None:
        house.brand.arrived = True
        said = text_of(boss.get("/stock/transfers/60/").content)
        assert "已经收到，有 1 种数目对不上。" in said and "−1" in said
        assert "没有在路上的货" in text_of(boss.get("/stock/transfers/").content)


class TestSettings:
    def test_policies_and_shares_are_said(self, boss: Client) -> None:
        said = text_of(boss.get("/stock/8/settings/").content)
        assert "人民路店现在没货不能卖，设了 2 条共享。" in said
        assert "每件结算 ¥9.90" in said and "按吊牌价的 85% 结算" in said

    @pytest.mark.parametrize(("said", "policy"), [("strict", "strict"), ("open", "open"), ("none", None)])
    def test_a_policy_is_set_for_the_store_or_one_product(
        self, boss: Client, house: House, said: str, policy: str | None
    ) -> None:
        boss.post("/stock/7/settings/", {"policy": said, "code": "P2", "act": "policy"})
        boss.post("/stock/7/settings/", {"policy": said, "act": "policy"})
        assert [(t["sku_id"], t["policy"]) for _w, t in house.brand.done] == [(2, policy), (None, policy)]

    def test_goods_are_shared_and_no_longer(self, boss: Client, house: House) -> None:
        boss.post("/stock/7/settings/", {"act": "share", "code": "P1", "price": "9.90", "kept": "2"})
        boss.post("/stock/7/settings/", {"act": "unshare", "category": "茶"})
        (_s, shared), (what, ended) = house.brand.done
        assert (shared["sku_id"], shared["transfer_price"], shared["kept_milli"]) == (1, 990, 2_000)
        assert what == "unshare" and (ended["sku_id"], ended["category"]) == (None, "茶")

    @pytest.mark.parametrize("said", [{"act": "share"}, {"act": "share", "code": "NOPE", "price": "1"}])
    def test_what_cannot_be_is_refused(self, boss: Client, house: House, said: dict[str, str]) -> None:
        response = boss.post("/stock/7/settings/", said)
        assert response.status_code == 422 and "没有保存" in text_of(response.content)
        assert house.brand.done == []


@pytest.mark.parametrize(
    ("text", "milli"),
    [("P1", 1_000), ("P1 2", 2_000), ("P1\t每日坚果 30 包\t2", 2_000), ("P1，0.5", 500), ("P1;3", 3_000)],
)
def test_lines_are_read_as_they_are_scanned_typed_or_pasted(text: str, milli: int) -> None:
    written, problems = read(text)
    assert [(w.code, w.milli) for w in written] == [("P1", milli)] and problems == []


def test_a_document_has_an_end() -> None:
    assert read("P1\n" * 501)[0] == [] and AUDITOR.name


@pytest.mark.parametrize(
    ("kind", "key", "reason", "told"),
    [
        ("handover", "handover 5/A/1", "A/1", ("缺货代发", "A/1", "")),
        ("handover", "handover 0/o1", "", ("缺货代发", "o1", "")),
        ("handover", "handback 192 196", "A1", ("代发退回", "A1", "")),
        ("receipt", "R1", "供应商", ("收货单", "R1", "供应商")),
        ("unheard", "X1", "", ("库存单据", "X1", "")),
    ],
)
def test_goods_handed_over_are_numbered_by_their_order(
    kind: str, key: str, reason: str, told: tuple[str, str, str]
) -> None:
    assert title_of(kind, key, reason) == told
