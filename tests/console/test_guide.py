"""The guide's phone: whom she finds, what she reads, what her taps leave, and what of another's customer she does not learn."""

from __future__ import annotations

import html
import re
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from pytest_django import Settings

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import Refused
from huoshui.core.facts import api as facts
from huoshui.core.tests.ground import texts, wait_for_readers
from huoshui.insight.api import tags
from huoshui.intake.river import api as river
from huoshui.intake.visitors.tests.shop import Shop, clean_tables, shop
from huoshui.people import api as people
from huoshui.trade.service import reads
from huoshui.web.console.tests.test_acts import HTMX, text_of
from tests.console.desk import Desk

__all__ = ["clean_tables", "shop"]

pytestmark = pytest.mark.django_db(transaction=True)

KEY = "0123456789abcdef"
PHONE = "13800006620"
COUNTS = sql.Statement(
    "counts",
    "select (select count(*) from settlement where name = 'Guide Noted') as notes,"
    " (select count(*) from visit) as visits",
)


class Phone(Desk):
    def __init__(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        super().__init__(monkeypatch, shop.guide("S1"), login="xue")
        self.shop = shop

    def customer(self, store: str = "S1", *, name: str = "周丽", phone: str = PHONE) -> tuple[int, str]:
        person, card = self.shop.person()
        ids = (("card_no", card), ("phone", phone))
        item = river.Item("Identify", f"i{card}", self.shop.now, ids, traits={"name": name})
        source = facts.ensure_source(name="list", label="名单", mode="live")
        river.submit([item], source=source, actor=SYSTEM)
        self.shop.buys(card, 24 * 90, store)
        self.shop.buys(card, 24 * 60, store)
        self.shop.buys(card, 24 * 30, store)
        wait_for_readers()
        people.refresh_cards()
        return person, card

    def page(self, path: str, status: int = 200, **query: Any) -> str:
        response = self.client.get(path, query)
        assert response.status_code == status
        return html.unescape(response.content.decode())

    def note(self, person: int, *, htmx: bool = True, **said: Any) -> Any:
        given = {"key": KEY, "whom": "gift", "store": self.shop.units["S1"]} | said
        headers = HTMX if htmx else {}
        return self.client.post(f"/g/people/{person}/note/", given, headers=headers)


@pytest.fixture
def phone(shop: Shop, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Phone:
    settings.WHITENOISE_USE_FINDERS = False
    return Phone(shop, monkeypatch)


def kept() -> tuple[int, int]:
    row = sql.fetch_one(COUNTS)
    return int(row.notes), int(row.visits)


class TestWhoWalkedIn:
    def test_by_tail_or_card_her_page_is_there_at_once(self, phone: Phone) -> None:
        _person, card = phone.customer()
        for query in ("6620", card):
            said = text_of(phone.page("/g/find/", q=query).encode())
            assert "周** · 尾号 6620" in said and "雪花酥" in said
            assert "大约 30 天买一次" in said and "要不要再带一份" in said

    def test_nothing_stands_there_that_she_must_not_read(self, phone: Phone) -> None:
        person, _card = phone.customer()
        sql.run(sql.Statement("g", "update person_card set grade = 'high', frequency = 'low'"))
        pregnant = tags.define(
            key="pregnant", name="备孕", kind="flag", definition=tags.Definition(), actor=SYSTEM
        )
        tags.give(person_id=person, tag_id=pregnant.tag_id, reason="问到", actor=SYSTEM)
        shown = phone.page(f"/g/people/{person}/")
        for word in (PHONE, "周丽", "备孕", "大鱼", "高价值", "价值分层", "价格敏感", "¥"):
            assert word not in shown, word

    def test_a_product_that_tells_of_health_is_on_no_line(self, phone: Phone) -> None:
        person, _card = phone.customer()
        sql.run(sql.Statement("n", "update sku set name = '备孕叶酸' where code = 'P1'"))
        shown = phone.page(f"/g/people/{person}/")
        assert "备孕" not in shown and "想看点什么" in shown

    def test_of_whom_nothing_may_be_guessed_nothing_is(self, phone: Phone) -> None:
        person, _card = phone.customer()
        people.say_consent(person, [people.Said("profiling", "", False, proof="当面")], actor=SYSTEM)
        shown = phone.page(f"/g/people/{person}/")
        assert "推荐搭配" not in shown and "她喜欢" not in shown and "最近买过" in shown

    def test_an_open_page_hears_when_she_has_paid(self, phone: Phone) -> None:
        person, card = phone.customer()
        found = re.search(r'data-news="([^"]+)"', phone.page(f"/g/people/{person}/"))
        assert found
        assert phone.client.get(found[1]).status_code == 204
        phone.shop.buys(card, 0, "S1")
        wait_for_readers()
        people.refresh_cards()
        head = phone.page(found[1])
        assert 'id="head"' in head and found[1] not in head

    def test_another_stores_customer_is_not_there(self, phone: Phone) -> None:
        person, card = phone.customer("S2")
        assert "没找到本店的这位顾客" in phone.page("/g/find/", q=card)
        missing = phone.client.get("/g/people/987654321/")
        foreign = phone.client.get(f"/g/people/{person}/")
        assert phone.client.get(f"/g/people/{person}/news/").status_code == 404
        assert (foreign.status_code, foreign.content) == (404, missing.content)
        assert phone.note(person).status_code == 404
        assert phone.client.post(f"/g/people/{person}/dial/", {"purpose": "service"}).status_code == 404
        assert kept() == (0, 0)

    def test_who_only_looks_has_no_such_pages(self, phone: Phone) -> None:
        person, _card = phone.customer()
        phone.actor = Actor("staff", 3, "审计", frozenset({"auditor"}), frozenset({1}))
        for path in ("/g/", "/g/find/", "/g/code/", f"/g/people/{person}/"):
            phone.page(path, 404)

    def test_twice_the_purchases_cost_no_statement_more(self, phone: Phone) -> None:
        person, card = phone.customer()
        phone.page(f"/g/people/{person}/")  # what is remembered is asked for once
        few = len(texts(lambda: phone.page(f"/g/people/{person}/")))
        for n in range(1, 4):
            phone.shop.buys(card, n)
        assert len(texts(lambda: phone.page(f"/g/people/{person}/"))) == few


class TestNotes:
    def test_sent_again_it_counts_once(self, phone: Phone) -> None:
        person, _card = phone.customer()
        said: dict[str, Any] = {"took": "", "reason": "price"}
        assert [phone.note(person, **said).status_code for _ in range(3)] == [204] * 3
        assert kept() == (1, 1)
        visit = sql.fetch_one(sql.Statement("v", "select person_id, reason from visit"))
        assert (visit.person_id, visit.reason) == (person, "price")
        shown = text_of(phone.page(f"/g/people/{person}/").encode())
        assert "送礼" in shown and "下次再买" in shown

    def test_the_key_says_one_thing(self, phone: Phone) -> None:
        person, _card = phone.customer()
        phone.note(person)
        again = phone.note(person, whom="self")
        assert again.status_code == 422 and "另一条记录" in again.content.decode()
        assert kept() == (1, 0)

    def test_without_scripts_too(self, phone: Phone) -> None:
        person, _card = phone.customer()
        found = re.search(r'name="key" value="(\w+)"', phone.page(f"/g/people/{person}/"))
        assert found
        response = phone.note(person, htmx=False, key=found[1])
        assert response.status_code == 302 and "记好了" in phone.page(response["Location"])

    def test_nonsense_is_422_and_leaves_nothing(self, phone: Phone) -> None:
        person, _card = phone.customer()
        wrong: list[dict[str, Any]] = [
            {"key": ""},
            {"whom": "boss"},
            {"whom": ""},
            {"looked": "备孕"},
            {"took": "yes", "reason": "price"},
            {"reason": "boredom"},
        ]
        assert [phone.note(person, **said).status_code for said in wrong] == [422] * len(wrong)
        assert kept() == (0, 0)

    def test_a_reason_at_anothers_store_leaves_no_half(self, phone: Phone) -> None:
        person, _card = phone.customer()
        assert phone.note(person, reason="price", store=phone.shop.units["S2"]).status_code == 404
        assert kept() == (0, 0)


class TestDial:
    def test_the_number_goes_to_the_dialler_alone(
        self, phone: Phone, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        person, _card = phone.customer()
        noon = clock.from_local(datetime.combine(clock.today(), time(12)))
        monkeypatch.setattr(clock, "now", lambda: noon)
        refused = phone.client.post(f"/g/people/{person}/dial/", {"purpose": "marketing"})
        assert refused.status_code == 422 and PHONE not in refused.content.decode()
        dialled = phone.client.post(f"/g/people/{person}/dial/", {"purpose": "service"})
        assert dialled["Location"].startswith("tel:") and dialled["Location"].endswith(PHONE)
        assert reads.turned_to({person: [person]}, since=noon - timedelta(hours=24)) == {person}


def _card(person: int, **values: str) -> None:
    """A customer's card as the worker may have left it."""
    told = ", ".join(f"{name} = {value}" for name, value in values.items())
    sql.run(
        sql.Statement("card", f"update person_card set {told} where person_id = %(person)s::bigint"),
        person=person,
    )


class TestMine:
    def test_the_most_urgent_stand_first_each_with_a_reason_and_no_birthday(self, phone: Phone) -> None:
        whom = {}
        for number, kind in enumerate(("rest", "silent", "birthday", "care", "due")):
            whom[kind], _card_no = phone.customer(
                name=f"{'甲乙丙丁戊'[number]}丽", phone=f"1380000662{number}"
            )
        for days, kind in ((20, "rest"), (90, "silent"), (20, "birthday"), (4, "care")):
            _card(
                whom[kind],
                last_sale_at=f"now() - interval '{days} days'",
                first_sale_at=f"now() - interval '{days} days'",
                orders="1",
            )
        _card(whom["silent"], grade="'high'")
        for person in whom.values():
            _card(person, guide_id=str(phone.actor.id))
        day = clock.today() + timedelta(days=5)
        born = sql.Statement(
            "born",
            "insert into attribute (person_id, name, source_id, value, fact_id, said_at)"
            " select %(person)s::bigint, 'birthday', min(id), %(value)s::text, 0, now() from source",
        )
        sql.run(born, person=whom["birthday"], value=f"1991-{day:%m-%d}")
        shown = phone.page("/g/mine/")
        titles = re.findall(r"<h4>(.)\*\*", shown)
        assert titles == ["戊", "丁", "丙", "乙", "甲"]
        said = text_of(shown.encode())
        for word in ("雪花酥快用完了", "买了 4 天", "好日子快到了", "有一阵没见了"):
            assert word in said
        for word in ("生日", "1991", f"{day:%m-%d}", "高价值"):
            assert word not in said
        sql.run(sql.Statement("none", "update person_card set guide_id = null"))
        assert "还没有归你服务的顾客" in phone.page("/g/mine/", page="7")

    def test_as_many_statements_for_three_as_for_one(self, phone: Phone) -> None:
        counted = []
        for number in range(3):
            person, _card_no = phone.customer(phone=f"1380000663{number}")
            _card(person, guide_id=str(phone.actor.id))
            phone.page("/g/mine/")
            counted.append(len(texts(lambda: phone.page("/g/mine/"))))
        assert counted[0] == counted[2]


class TestClaim:
    def test_a_receipt_is_claimed_and_a_wrong_one_keeps_what_was_typed(self, phone: Phone) -> None:
        assert "认领小票" in phone.page("/g/")
        wrong = phone.client.post("/g/claim/say/", {"number": "A9", "paid": "12.5"})
        said = wrong.content.decode()
        assert wrong.status_code == 422 and "没找到这张小票" in said and 'value="A9"' in said
        assert phone.client.post("/g/claim/say/", {"number": "A9", "paid": "x"}).status_code == 422
        _person, card = phone.shop.person()
        phone.shop.buys(card, 1, "S1")
        sold = sql.fetch_one(
            sql.Statement(
                "sold", "select order_key, amount from fact_order order by occurred_at desc limit 1"
            )
        )
        given = {"number": sold.order_key, "paid": f"{sold.amount / 100:.2f}"}
        right = html.unescape(phone.client.post("/g/claim/say/", given).content.decode())
        assert "认领好了" in right or "已经记在你名下" in right
        assert phone.client.post("/g/claim/decide/", {"order": "1", "who": "1"}).status_code == 404


class TestHome:
    def test_no_task_is_shown_while_the_store_is_busy(
        self, phone: Phone, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shown = phone.page("/g/")
        assert "谁刚进店" in shown and "这里不能开单" in shown
        brand.set_rush_hours("00:00-23:59", actor=SYSTEM)
        try:
            at = clock.from_local(datetime.combine(clock.today(), time(12)))
            monkeypatch.setattr(clock, "now", lambda: at)
            assert "店里正忙" in phone.page("/g/") and "23:59" in phone.page("/g/")
            brand.set_rush_hours("", actor=SYSTEM)
            assert "店里正忙" not in phone.page("/g/")
            for wrong in ("x", "12:00-11:00", "25:00-26:00", " ".join(["10:00-11:00"] * 5)):
                with pytest.raises(Refused):
                    brand.set_rush_hours(wrong, actor=SYSTEM)
        finally:
            sql.run(sql.Statement("back", "delete from org_rule where name = 'rush_hours'"))

    def test_without_a_code_it_says_who_makes_one(self, phone: Phone) -> None:
        assert "还没有你的专属码" in phone.page("/g/code/")
