"""进店未购 and the guide's phone page: what a tap leaves, whose numbers one sees, and what a double tap does not do.

The rooms are the real ones: only who is signed in, and how many orders insight counts, is played.
"""

from __future__ import annotations

import html
import re
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from pytest_django import Settings

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.intake.visitors.tests.shop import Shop, clean_tables, shop
from huoshui.web.console.contexts import rooms, visitors_behind
from huoshui.web.console.contexts import visitors as contexts
from huoshui.web.console.tests.test_acts import HTMX, text_of
from tests.console.desk import Desk

__all__ = ["clean_tables", "shop"]

pytestmark = pytest.mark.django_db(transaction=True)

KEY = "0123456789abcdef"
VISITS = sql.Statement("visits", "select count(*) as visits from visit where taken_back_by is null")


class Phone(Desk):
    """Or at a phone."""

    def __init__(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(monkeypatch, shop.guide("S1"), login="xue")
        self.shop = shop
        self.orders: dict[tuple[str, date], int] = {}
        monkeypatch.setattr(contexts, "ask", lambda *_, **__: SimpleNamespace(rows=self._rows()))
        monkeypatch.setattr(visitors_behind, "standing_day", clock.today)

    def _rows(self) -> list[dict[str, Any]]:
        return [{"store": s, "day": day.isoformat(), "orders": n} for (s, day), n in self.orders.items()]

    def page(self, path: str = "/visitors/", status: int = 200, **query: Any) -> str:
        response = self.client.get(path, query)
        assert response.status_code == status
        return html.unescape(response.content.decode())

    def tap(self, reason: str = "price", **said: Any) -> Any:
        given = {"key": KEY, "reason": reason, "store": self.shop.units["S1"]} | said
        return self.client.post("/g/visits/", given, headers=HTMX)


@pytest.fixture
def phone(shop: Shop, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Phone:
    settings.WHITENOISE_USE_FINDERS = False
    return Phone(shop, monkeypatch)


def visits() -> int:
    return int(sql.fetch_one(VISITS).visits)


def boss() -> Actor:
    return Actor("staff", 1, "周明", frozenset({"boss"}), frozenset({1}))


class TestPhone:
    def test_the_page_has_the_reasons_as_buttons(self, phone: Phone) -> None:
        shown = phone.page("/g/visits/")
        assert re.findall(r'name="reason" value="(\w+)"', shown) == [
            "price", "taste", "out_of_stock", "comparing", "just_looking",
        ]  # fmt: skip
        assert "一店" in shown and "二店" not in shown

    def test_a_double_tap_is_one_visit(self, phone: Phone) -> None:
        assert "记好了" in phone.tap().content.decode()
        assert "没有重复记" in phone.tap().content.decode()
        assert phone.tap(at="2020-01-01T00:00:00Z").status_code == 200
        assert visits() == 1
        assert phone.tap("taste").status_code == 200
        assert visits() == 2, "another reason is another visit"

    def test_without_scripts_too(self, phone: Phone) -> None:
        given = {"key": KEY, "reason": "price", "store": str(phone.shop.units["S1"])}
        response = phone.client.post("/g/visits/", given)
        assert response.status_code == 302
        assert "记好了" in phone.page(response["Location"])

    def test_a_phone_that_was_off_the_net_says_when_it_was(self, phone: Phone) -> None:
        at = clock.now() - timedelta(hours=3)
        phone.tap(at=at.isoformat())
        phone.tap("taste", at=(clock.now() + timedelta(days=3)).isoformat())
        rows = sql.fetch(sql.Statement("times", "select reason, ended_at from visit order by id"))
        assert abs((rows[0].ended_at - at).total_seconds()) < 1
        assert rows[1].ended_at <= clock.now(), "its clock is wrong, so ours is taken"

    def test_undo_within_minutes_by_the_button_of_the_row(self, phone: Phone) -> None:
        shown = phone.tap().content.decode()
        found = re.search(r'action="(/g/visits/\d+/undo/)"', shown)
        assert found
        assert "撤销了" in phone.client.post(found[1], headers=HTMX).content.decode()
        assert visits() == 0
        phone.actor = phone.shop.guide("S2", staff_id=8)
        assert phone.client.post(found[1], headers=HTMX).status_code == 404

    def test_a_customer_who_is_not_known_is_said_so_and_not_made(self, phone: Phone) -> None:
        told = phone.tap(customer="13912345678").content.decode()
        assert "没找到这位顾客" in told
        found = sql.Statement("made", "select count(*) as people from person")
        assert sql.fetch_one(found).people == 0

    def test_products_are_found_and_kept(self, phone: Phone) -> None:
        assert "雪花酥" in phone.page("/g/visits/products/", q="雪花")
        assert "没找到" in phone.page("/g/visits/products/", q="<b>")
        assert "雪花酥" in phone.tap("out_of_stock", products="P1\nnone").content.decode()

    @pytest.mark.parametrize(
        "said",
        [{"key": ""}, {"key": "a b c d e f g"}, {"key": "x" * 65}, {"reason": "boredom"}, {"reason": ""}],
    )
    def test_nonsense_is_422_and_leaves_nothing(self, phone: Phone, said: dict[str, str]) -> None:
        response = phone.tap(**said)
        assert response.status_code == 422 and 'role="alert"' in response.content.decode()
        assert visits() == 0

    @pytest.mark.parametrize("store", ["S2", "S3", "dealer:甲"])
    def test_another_store_is_404(self, phone: Phone, store: str) -> None:
        other = phone.shop.units[store]
        assert phone.tap(store=other).status_code == 404
        assert phone.client.get("/g/visits/", {"store": other}).status_code == 404
        assert phone.client.get("/visitors/", {"store": other}).status_code == 404
        assert visits() == 0

    @pytest.mark.parametrize("store", ["x", "-1", "９", "99999999999999", "1 or 1=1"])
    def test_a_store_that_is_none_is_404(self, phone: Phone, store: str) -> None:
        assert phone.tap(store=store).status_code == 404
        assert visits() == 0

    def test_who_only_looks_has_no_such_page(self, phone: Phone) -> None:
        phone.actor = Actor("staff", 3, "审计", frozenset({"auditor"}), frozenset({1}))
        phone.page("/g/visits/", 404)
        assert phone.tap().status_code == 404
        assert "/g/visits/" not in phone.page()


class TestNumbers:
    def test_before_anything_it_says_what_to_do(self, phone: Phone) -> None:
        shown = text_of(phone.page().encode())
        assert "还没有记录" in shown and "还没有客流计数" in shown
        assert "0.0%" not in shown

    def test_what_was_tapped_counted_and_left_is_one_page(self, phone: Phone) -> None:
        person, card = phone.shop.person()
        phone.shop.count("S1", 1, 50)
        phone.shop.track(person, "Product Added", 30, product_id="P1", price=20)
        phone.shop.follow()
        day = clock.business_day(clock.now() - timedelta(hours=1))
        phone.orders = {("S1", day): 8, ("S2", day): 99}
        phone.actor = boss()
        phone.tap("out_of_stock", products="P1", customer=card)
        phone.tap("price")
        shown = phone.page()
        said = text_of(shown.encode())
        assert "数到 50 人进店，成交 8 单，进店成交率 16.0%" in said
        assert "记下 2 次没买" in said and "1 个购物车没付款，里面是 ¥20.0" in said
        assert "二店、三店没有客流计数" in said
        (link,) = set(re.findall(r'href="(/visitors/people/\?[^"]*reason=out_of_stock[^"]*)"', shown))
        assert "因为“没货”没买的，有 1 位" in text_of(phone.page(link).encode())
        assert f"/people/{person}/" in phone.page(link)
        (link,) = set(re.findall(r'href="(/visitors/people/\?kind=basket[^"]*)"', shown))
        assert f"/people/{person}/" in phone.page(link)
        timeline = text_of(phone.page(f"/people/{person}/").encode())
        assert "进店没买" in timeline and "没货" in timeline and "购物车没付款" in timeline
        product = brand.find_skus(["P1"])["P1"]
        assert f'href="/products/{product}/"' in shown

    def test_more_orders_than_visitors_is_no_rate(self, phone: Phone) -> None:
        phone.shop.count("S1", 1, 5)
        phone.shop.read()
        phone.orders = {("S1", clock.business_day(clock.now() - timedelta(hours=1))): 8}
        assert "请检查客流计数" in text_of(phone.page().encode())

    def test_a_guide_sees_her_store_and_a_dealer_his(self, phone: Phone) -> None:
        for store in ("S1", "S2", "S3"):
            phone.actor = boss()
            phone.tap(store=phone.shop.units[store], key=f"{KEY}{store}")
            phone.shop.count(store, 1, 10)
        phone.shop.read()
        phone.actor = phone.shop.guide("S1")
        assert "数到 10 人进店" in text_of(phone.page().encode())
        assert "二店" not in phone.page() and "三店" not in phone.page()
        phone.actor = phone.shop.guide("dealer:甲", role="dealer")
        shown = phone.page()
        assert "数到 20 人进店" in text_of(shown.encode()) and "二店" not in shown

    @pytest.mark.parametrize(
        "query",
        ["", "kind=visit", "kind=visit&from=x&to=y", "kind=all&from=2026-01-01&to=2026-01-02",
         "kind=visit&from=2026-01-01&to=2026-01-02&sku=x", "kind=visit&from=2026-01-01&to=2026-01-02&store=999999"],
    )  # fmt: skip
    def test_an_address_that_means_nothing_is_404(self, phone: Phone, query: str) -> None:
        phone.actor = boss()
        assert phone.client.get(f"/visitors/people/?{query}").status_code == 404


class TestSettings:
    def test_reasons_are_added_and_hidden(self, phone: Phone) -> None:
        phone.actor = boss()
        try:
            done = phone.client.post("/visitors/settings/", {"act": "add", "label": "<等人>"})
            assert done.status_code == 200 and "&lt;等人&gt;" in done.content.decode()
            phone.client.post("/visitors/settings/", {"act": "hide", "code": "taste"})
            shown = phone.page("/g/visits/")
            assert 'value="taste"' not in shown and "<等人>" in shown
        finally:
            with_own = "delete from visit_reason where code like 'reason_%%'"
            sql.run(sql.Statement("clean", with_own))
            sql.run(sql.Statement("clean", "update visit_reason set is_listed = true"))

    def test_what_is_wrong_is_said(self, phone: Phone) -> None:
        phone.actor = boss()
        for said in ({"act": "add"}, {"act": "patience", "basket_hours": "0"}, {"act": "fly"}):
            response = phone.client.post("/visitors/settings/", said)
            assert response.status_code == 422 and "没有保存" in response.content.decode()

    @pytest.mark.parametrize("role", ["guide", "manager", "dealer", "auditor"])
    def test_are_not_for(self, phone: Phone, role: str) -> None:
        phone.actor = phone.shop.guide("S1", role=role)
        phone.page("/visitors/settings/", 404)
        assert phone.client.post("/visitors/settings/", {"act": "hide", "code": "taste"}).status_code == 404
        assert all(reason.is_listed for reason in rooms.visitors.reasons())
