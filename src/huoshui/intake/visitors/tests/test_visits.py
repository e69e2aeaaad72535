"""A guide's tap: once however often it comes, at one's own store only, and taken back within minutes."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection, transaction

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.subscribers import Erased, registry
from huoshui.intake.visitors import api as visitors
from huoshui.intake.visitors import judging
from huoshui.intake.visitors.tests.shop import Shop, clean_tables, shop
from huoshui.intake.visitors.types import VISIT_ENDED, VISIT_TAKEN_BACK

__all__ = ["clean_tables", "shop"]

ROWS = sql.Statement("rows", "select count(*) as visits from visit")


def rows() -> int:
    return int(sql.fetch_one(ROWS).visits)


def overview(actor: Actor = SYSTEM, **more: Any) -> visitors.Overview:
    today = clock.today()
    return visitors.overview(actor, today - timedelta(days=30), today + timedelta(days=1), **more)


def test_a_tap_is_a_fact_with_its_person_store_and_products(shop: Shop) -> None:
    person, card = shop.person()
    told = shop.tell(
        SYSTEM, reason="out_of_stock", product_codes=("P1", "P-unknown"), identifiers=(("card_no", card),)
    )
    (fact,) = shop.said(VISIT_ENDED)
    assert (fact.id, fact.person_id, fact.state) == (told.fact_id, person, "settled")
    assert fact.body == {
        "store": "S1",
        "reason": "out_of_stock",
        "label": "没货",
        "products": ["P1", "P-unknown"],
    }
    found = overview()
    assert [(r.name, r.visits, r.people) for r in found.reasons] == [("out_of_stock", 1, 1)]
    assert [(p.visits, p.by_reason) for p in found.products] == [(1, {"out_of_stock": 1})]
    today = clock.today()
    cell = visitors.Cell("visit", today - timedelta(days=1), today, reason="out_of_stock")
    assert visitors.people_of(SYSTEM, cell) == [person]


def test_nobody_is_made_of_a_phone_that_is_not_known(shop: Shop) -> None:
    told = shop.tell(SYSTEM, identifiers=(("phone", "13912345678"), ("phone", "12")))
    assert told.person_id is None
    (fact,) = shop.said(VISIT_ENDED)
    assert "13912345678" not in str(fact.body)


def test_a_double_tap_counts_once_and_another_content_is_refused(shop: Shop) -> None:
    guide = shop.guide("S1")
    first = shop.tell(guide, key="a")
    again = shop.tell(guide, key="a")
    assert again == first._replace(is_repeat=True)
    with pytest.raises(visitors.KeyReused):
        shop.tell(guide, key="a", reason="taste")
    assert rows() == 1 and len(shop.said(VISIT_ENDED)) == 1


def test_two_at_once_count_once(shop: Shop) -> None:
    guide, ready, told = shop.guide("S1"), Barrier(4), []

    def tap() -> None:
        try:
            ready.wait()
            told.append(shop.tell(guide, key="a"))
        finally:
            connection.close()

    threads = [Thread(target=tap) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(told) == 4 and len({one.fact_id for one in told}) == 1
    assert sum(not one.is_repeat for one in told) == 1
    assert rows() == 1 and len(shop.said(VISIT_ENDED)) == 1


def test_a_mistap_is_taken_back_by_a_fact_and_only_once(shop: Shop) -> None:
    guide = shop.guide("S1")
    told = shop.tell(guide)
    with transaction.atomic():
        by = visitors.take_back(told.fact_id, actor=guide)
        assert visitors.take_back(told.fact_id, actor=guide) == by
    (back,) = shop.said(VISIT_TAKEN_BACK)
    assert (back.id, back.body["of"]) == (by, told.fact_id)
    assert len(shop.said(VISIT_ENDED)) == 1, "the fact itself stays"
    assert overview().told.visits == 0
    (view,) = visitors.told_by(guide, shop.units["S1"], since=clock.today() - timedelta(days=1))
    assert view.is_taken_back


def test_after_ten_minutes_it_stands(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    guide = shop.guide("S1")
    told = shop.tell(guide)
    later = clock.now() + timedelta(minutes=10, seconds=5)
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(visitors.TooLate), transaction.atomic():
        visitors.take_back(told.fact_id, actor=guide)
    assert overview().told.visits == 1


class TestBreakingIn:
    @pytest.mark.parametrize("role", ["guide", "manager", "dealer"])
    def test_another_store_is_not_there(self, shop: Shop, role: str) -> None:
        stranger = shop.guide("S2", staff_id=9, role=role)
        told = shop.tell(shop.guide("S1"))
        with pytest.raises(NotFound), transaction.atomic():
            shop.tell(stranger, store="S1")
        with pytest.raises(NotFound), transaction.atomic():
            visitors.take_back(told.fact_id, actor=stranger)
        with pytest.raises(NotFound):
            overview(stranger, org_unit_id=shop.units["S1"])
        with pytest.raises(NotFound):
            visitors.told_by(stranger, shop.units["S1"], since=clock.today())
        with pytest.raises(NotFound):
            visitors.people_of(
                stranger, visitors.Cell("visit", clock.today(), clock.today(), shop.units["S1"])
            )
        assert overview(stranger).told.visits == 0
        assert overview().told.visits == 1 and rows() == 1 and not shop.said(VISIT_TAKEN_BACK)

    def test_a_dealer_sees_his_stores_and_no_others(self, shop: Shop) -> None:
        for store in ("S1", "S2", "S3"):
            shop.tell(SYSTEM, store=store)
        dealer = shop.guide("dealer:甲", role="dealer")
        assert overview(dealer).told.visits == 2
        assert set(overview(dealer).told_by_store) == {shop.units["S1"], shop.units["S3"]}

    def test_a_colleague_takes_back_only_if_he_answers_for_the_store(self, shop: Shop) -> None:
        told = shop.tell(shop.guide("S1", staff_id=4))
        with pytest.raises(NotFound), transaction.atomic():
            visitors.take_back(told.fact_id, actor=shop.guide("S1", staff_id=5))
        assert not shop.said(VISIT_TAKEN_BACK)
        with transaction.atomic():
            visitors.take_back(told.fact_id, actor=shop.guide("S1", staff_id=6, role="manager"))
        assert len(shop.said(VISIT_TAKEN_BACK)) == 1

    @pytest.mark.parametrize("role", ["auditor", "analyst", "privacy_officer"])
    def test_who_only_looks_tells_nothing(self, shop: Shop, role: str) -> None:
        with pytest.raises(NotFound), transaction.atomic():
            shop.tell(shop.guide("S1", role=role))
        assert rows() == 0

    def test_a_guide_learns_nothing_of_another_stores_customer(self, shop: Shop) -> None:
        _, card = shop.person()
        told = shop.tell(shop.guide("S1"), identifiers=(("card_no", card),))
        assert told.person_id is None, "as if nobody were known by it"


def test_a_reason_nobody_knows_is_refused(shop: Shop) -> None:
    with pytest.raises(visitors.ReasonUnknown), transaction.atomic():
        shop.tell(SYSTEM, reason="boredom")
    assert rows() == 0


def test_whoever_comes_back_and_buys_is_counted(shop: Shop) -> None:
    (_, card), (_, other) = shop.person(), shop.person()
    for one in (card, other):
        shop.tell(SYSTEM, identifiers=(("card_no", one),), ended_at=shop.now - timedelta(days=10))
    shop.buys(card, 24)
    shop.follow()
    judging.recheck()
    told = overview().told
    assert (told.visits, told.people, told.back) == (2, 2, 1)


@pytest.mark.django_db
class TestReasons:
    BOSS = Actor("staff", 1, "周明", frozenset({"boss"}))

    def test_are_data(self) -> None:
        made = visitors.add_reason(" 等人 ", actor=self.BOSS)
        visitors.change_reason("taste", label="不合口味", is_listed=False, actor=self.BOSS)
        found = {r.code: (r.label, r.is_listed) for r in visitors.reasons()}
        assert found[made.code] == ("等人", True) and found["taste"] == ("不合口味", False)
        assert list(found)[-1] == made.code

    @pytest.mark.parametrize("label", ["", " ", "一二三四五六七八九十一二三", "价格", "a\0"])
    def test_must_be_short_and_new(self, label: str) -> None:
        with pytest.raises(Refused):
            visitors.add_reason(label, actor=self.BOSS)

    def test_the_last_one_stays(self) -> None:
        *most, last = [r.code for r in visitors.reasons()]
        for code in most:
            visitors.change_reason(code, is_listed=False, actor=self.BOSS)
        with pytest.raises(Refused):
            visitors.change_reason(last, is_listed=False, actor=self.BOSS)

    @pytest.mark.parametrize("role", ["guide", "manager", "dealer", "analyst"])
    def test_are_the_head_offices(self, role: str) -> None:
        actor = Actor("staff", 2, "x", frozenset({role}))
        with pytest.raises(NotFound):
            visitors.add_reason("等人", actor=actor)
        with pytest.raises(NotFound):
            visitors.change_reason("taste", is_listed=False, actor=actor)
        with pytest.raises(NotFound):
            visitors.change_patience(basket_hours=1, scan_hours=1, return_days=1, actor=actor)
        assert all(r.is_listed for r in visitors.reasons())

    def test_patience_is_data_too(self) -> None:
        visitors.change_patience(basket_hours=2, scan_hours=8, return_days=7, actor=self.BOSS)
        assert visitors.patience().basket == timedelta(hours=2)
        with pytest.raises(Refused):
            visitors.change_patience(basket_hours=0, scan_hours=8, return_days=7, actor=self.BOSS)


def test_an_erased_human_leaves_the_counts_and_nobody_behind_them(shop: Shop) -> None:
    person, card = shop.person()
    shop.tell(SYSTEM, identifiers=(("card_no", card),), note="张三说太甜")
    shop.track(person, "Product Added", 10, product_id="P1", cart_id="hers")
    shop.follow()
    (title,) = (name for name in registry.copies if name.startswith("进店没买"))
    shown = registry.copies[title]([person])
    assert sorted(row["发生了什么"] for row in shown) == ["购物车没付款", "进店没买"]
    before = overview()
    _, erase = registry.erasers["进店未购"]
    with transaction.atomic():
        assert sum(erase(Erased((person,))).values()) == 2
        assert sum(erase(Erased((person,))).values()) == 0
    after = overview()
    assert (after.told.visits, after.baskets.visits) == (before.told.visits, before.baskets.visits) == (1, 1)
    assert after.told.people == 0 and registry.copies[title]([person]) == []
    left = sql.Statement("left", "select (select note from visit) as note, (select cart from basket) as cart")
    assert tuple(sql.fetch_one(left)) == ("", "")
    judging.recheck()
    shop.follow()
