"""An import is taken back: what it told counts no more, whatever came before and after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from huoshui.brand import api as brand
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.approvals.api import SecondPersonNeeded
from huoshui.core.errors import NotFound
from huoshui.core.ledger import api as ledger
from huoshui.core.subscribers import XidRange, registry
from huoshui.core.tests.ground import wait_for_readers
from huoshui.engage.loyalty import api as loyalty
from huoshui.intake.imports import api as imports
from huoshui.intake.imports.tests.shop import SALES, clean_tables, run, shop, sums
from huoshui.intake.river.tests.world import check_books
from huoshui.people import api as people

__all__ = ["clean_tables", "shop"]

HEAD = SALES.splitlines()[0]
BOSS = Actor("staff", 1, "老板", frozenset({"boss"}))
OPERATOR = Actor("staff", 2, "小运", frozenset({"operator"}))


def sales(*rows: str) -> str:
    return "\n".join((HEAD, *rows, ""))


def undo(run_id: int, *, actor: Actor = SYSTEM) -> dict[str, int]:
    imports.undo(actor, run_id, reason="导错了文件")
    return imports.execute_undo(run_id)


def one(text: str, *params: Any) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(text, params)
        row = cursor.fetchone()
        return row[0] if row and len(row) == 1 else row


def stock() -> list[tuple[str, str, int]]:
    wait_for_readers()
    ledger.fold_goods()
    with connection.cursor() as cursor:
        cursor.execute(
            "select u.code, k.code, s.on_hand_milli - s.shortage_milli from stock s join org_unit u on u.id = s.org_unit_id"
            " join sku k on k.id = s.sku_id where s.on_hand_milli - s.shortage_milli <> 0 order by 1, 2"
        )
        return [(store, sku, moved) for store, sku, moved in cursor.fetchall()]


def test_nothing_is_left_of_sales_taken_back_and_the_same_file_is_news_again(shop: Path) -> None:
    first = run("sales", SALES, shop)
    assert sums() == (2, 5050, 35)
    before = imports.rehearse_undo(SYSTEM, first.id)
    assert (before.orders, before.amount, before.points, before.points_short) == (2, 5050, 35, 0)
    assert (before.persons, before.persons_going) == (1, 1)
    done = undo(first.id)
    assert (done["facts"], done["persons_gone"], done["points_back"], done["points_owed"]) == (2, 1, 35, 0)
    assert sums() == (0, 0, 0) and stock() == []
    assert one("select count(*) from person") == 0 and one("select count(*) from identifier") == 0
    check_books()
    again = run("sales", SALES, shop)
    assert (again.counts["new"], again.counts["known"]) == (2, 0)
    assert sums() == (2, 5050, 35)
    third = run("sales", SALES, shop)
    assert (third.counts["new"], third.counts["known"]) == (0, 2)
    undo(third.id)  # told by the second too: all stays
    assert sums() == (2, 5050, 35)
    undo(again.id)
    assert sums() == (0, 0, 0)
    assert run("sales", SALES, shop).counts["new"] == 2
    check_books()


def test_done_twice_is_done_once(shop: Path) -> None:
    first = run("sales", SALES, shop)
    undo(first.id)
    with pytest.raises(imports.AlreadyUndone):
        imports.undo(SYSTEM, first.id, reason="再来一次")
    transfers = one("select count(*) from transfer")
    imports.execute_undo(first.id)
    assert one("select count(*) from transfer") == transfers


def test_an_order_that_another_import_told_again_stands_by_that(shop: Path) -> None:
    first = run("sales", sales("A1,2026-03-01 10:00:00,S1,C1,,P1,2,30.00,,已付款"), shop)
    run("sales", sales("A1,2026-03-01 10:00:00,S1,C1,,P1,2,30.00,10.00,部分退款"), shop)
    assert sums() == (1, 2000, 20)
    undo(first.id)
    assert sums() == (1, 2000, 20)
    assert stock() == [("S1", "P1", -2000)]
    check_books()


def test_the_earlier_telling_of_an_order_stands_again(shop: Path) -> None:
    run("sales", sales("A1,2026-03-01 10:00:00,S1,C1,,P1,2,30.00,,已付款"), shop)
    later = run("sales", sales("A1,2026-03-01 10:00:00,S1,C1,,P1,1,15.00,,已付款"), shop)
    assert sums() == (1, 1500, 15)
    undo(later.id)
    assert sums() == (1, 3000, 30)
    assert stock() == [("S1", "P1", -2000)]
    check_books()


def test_the_past_and_the_present_of_one_order_come_apart(shop: Path) -> None:
    past = run("sales", sales("A1,2026-03-01 10:00:00,S1,C1,,P1,2,30.00,,已付款"), shop, mode="history")
    now = run("sales", sales("A1,2026-03-01 10:00:00,S1,C1,,P1,5,75.00,,已付款"), shop)
    assert sums() == (1, 7500, 45) and stock() == [("S1", "P1", -3000)]
    undo(past.id)
    assert sums() == (1, 7500, 75) and stock() == [("S1", "P1", -5000)]
    undo(now.id)
    assert sums() == (0, 0, 0) and stock() == []
    check_books()


def test_points_spent_since_stand_as_a_debt(shop: Path) -> None:
    first = run("sales", sales("A1,2026-03-01 10:00:00,S1,C1,,P1,2,30.00,,已付款"), shop)
    person = people.find("card_no", "C1")
    assert person is not None
    ledger_take(person, 25)
    before = imports.rehearse_undo(SYSTEM, first.id)
    assert (before.points, before.points_short) == (30, 25)
    assert [(p.person_id, p.short) for p in before.points_of] == [(person, 25)]
    done = undo(first.id)
    assert (done["points_back"], done["points_owed"], done["people_owing"]) == (30, 25, 1)
    assert one("select balance from account where owner_id = %s and bucket = 'debt'", person) == -25
    assert imports.debts_of(first.id) == [(person, 25)]
    assert one("select count(*) from fact_exception where code = 'points_owed' and state = 'open'") == 1


def ledger_take(person_id: int, points: int) -> None:
    with transaction.atomic():
        loyalty.adjust(person_id=person_id, points=-points, reason="换了一个杯子", actor=SYSTEM)


def test_a_refund_of_another_source_waits_again(shop: Path) -> None:
    first = run("sales", sales("A9,2026-03-04 10:00:00,S1,C9,,P1,2,30.00,,已付款"), shop)
    refund = "销售单号,交易时间,门店编码,会员卡号,商品编码,数量,实付金额,类型,原订单号\nR9,2026-03-05 10:00:00,S1,C9,P1,1,15.00,退货,A9\n"
    run("sales", refund, shop)
    assert sums() == (1, 1500, 15)
    before = imports.rehearse_undo(SYSTEM, first.id)
    assert [(o.order_key, o.others) for o in before.orders_since] == [("A9", 1)]
    undo(first.id)
    assert sums() == (0, 0, 0)
    assert one("select count(*) from settlement where state = 'waiting'") == 1
    run("sales", sales("A9,2026-03-04 10:00:00,S1,C9,,P1,2,30.00,,已付款"), shop)
    assert sums() == (1, 1500, 15)
    check_books()


def test_whom_only_a_list_had_joined_part_again(shop: Path) -> None:
    members = run("people", "会员卡号,手机号,姓名\nC1,13912345678,王小丽\n", shop)
    run("sales", sales("A1,2026-03-01 10:00:00,S1,C1,,P1,1,10.00,,已付款"), shop)
    run("sales", sales("A2,2026-03-01 10:00:00,S1,,13912345678,P1,1,20.00,,已付款"), shop)
    by_card, by_phone = people.find("card_no", "C1"), people.find("phone", "13912345678")
    assert by_card == by_phone is not None
    done = undo(members.id)
    assert done["retold"] == 1
    by_card, by_phone = people.find("card_no", "C1"), people.find("phone", "13912345678")
    assert by_card != by_phone and None not in (by_card, by_phone)
    balances = ledger.balances(unit="points", owner_kind="person", owner_ids=[by_card or 0, by_phone or 0])
    assert (balances[by_card or 0], balances[by_phone or 0]) == (10, 20)
    assert sums() == (2, 3000, 30)
    wait_for_readers()
    people.refresh_cards()
    cards = {c.person_id: c for c in people.search(SYSTEM, "", people.Filters()).rows}
    assert {(cards[p or 0].orders, cards[p or 0].spend) for p in (by_card, by_phone)} == {
        (1, 1000),
        (1, 2000),
    }
    assert cards[by_card or 0].display_name == ""
    check_books()


def test_people_that_others_tell_of_stay_and_keep_what_others_said(shop: Path) -> None:
    run("people", "会员卡号,姓名\nC1,王小丽\n", shop, source_name="老会员表")
    second = run(
        "people", "会员卡号,姓名,手机号\nC1,王大丽,13912345678\nC2,李敏,\n", shop, source_name="新会员表"
    )
    person = people.find("card_no", "C1")
    assert person == people.find("phone", "13912345678")
    before = imports.rehearse_undo(SYSTEM, second.id)
    assert (before.persons, before.persons_staying) == (2, 1)
    undo(second.id)
    assert people.find("card_no", "C1") == person
    assert people.find("phone", "13912345678") is None and people.find("card_no", "C2") is None
    wait_for_readers()
    people.refresh_cards()
    rows = people.search(SYSTEM, "", people.Filters()).rows
    assert [(c.person_id, c.display_name) for c in rows] == [(person, "王小丽")]
    assert (
        run(
            "people", "会员卡号,姓名,手机号\nC1,王大丽,13912345678\nC2,李敏,\n", shop, source_name="新会员表"
        ).counts["new"]
        == 2
    )


def test_consents_of_a_list_are_no_more(shop: Path) -> None:
    run("people", "会员卡号,同意营销,同意画像,同意时间\nC1,是,否,2026-01-01\n", shop)
    person = people.find("card_no", "C1")
    assert person
    kept = stands(person)
    assert kept == {"consent.marketing": "given", "consent.profiling": "withdrawn"}
    wrong = run(
        "people", "会员卡号,同意营销,同意画像,同意时间\nC1,否,是,2026-03-01\nC2,是,是,2026-03-01\n", shop
    )
    other = people.find("card_no", "C2")
    assert other
    assert stands(person) == {"consent.marketing": "withdrawn", "consent.profiling": "given"}
    assert stands(other) == {"consent.marketing": "given", "consent.profiling": "given"}
    since = horizon()
    undo(wrong.id)
    assert stands(person) == stands(person, since=since) == kept
    assert (
        stands(other) == stands(other, since=since) == {"consent.marketing": None, "consent.profiling": None}
    )
    assert people.unprofiled([person, other]) == {person}


def horizon() -> int:
    return int(one("select pg_current_xact_id()::text::bigint"))


def stands(person_id: int, *, since: int = 0) -> dict[str, str | None]:
    """As the lake would have it, by the latest row."""
    rows = registry.state["consent"](XidRange(since, horizon() + 1)).to_pylist()
    mine = [r for r in rows if r["person_id"] == person_id]
    return {r["key"]: r["value"] for r in sorted(mine, key=lambda r: (r["seq"], r["at"]))}


def test_lists_find_back_to_what_they_were_unless_they_changed_since(shop: Path) -> None:
    head = "商品编码,商品名称,品牌\n"
    run("products", head + "P1,鲜奶,甲\n", shop)
    second = run("products", head + "P1,酸奶,乙\nP2,奶酪,乙\n", shop)
    third = run("products", head + "P2,奶酪,丙\n", shop)

    def listed() -> dict[str, tuple[str, str]]:
        with connection.cursor() as cursor:
            cursor.execute("select code, name, brand from sku where is_listed order by code")
            return {code: (name, brand) for code, name, brand in cursor.fetchall()}

    before = imports.rehearse_undo(SYSTEM, second.id)
    assert [(x.relation, x.added, x.changed, x.followed) for x in before.lists] == [("sku", 1, 1, 1)]
    done = undo(second.id)
    assert (done["rows_back"], done["rows_kept"]) == (1, 1)
    assert listed() == {"P1": ("鲜奶", "甲"), "P2": ("奶酪", "丙")}
    undo(third.id)
    assert listed() == {"P1": ("鲜奶", "甲")}


def test_a_stock_take_is_taken_back_and_counted_again(shop: Path) -> None:
    text = "门店编码,商品编码,库存数量\nS1,P1,10\nS1,P2,4\n"
    first = run("stock", text, shop)
    assert stock() == [("S1", "P1", 10000), ("S1", "P2", 4000)]
    (store,) = brand.unit_ids(["S1"]).values()
    sku = brand.find_skus(["P2"])["P2"]
    brand.count_stock(key="手工", org_unit_id=store, lines=[ledger.GoodsLine(sku, 3000)], actor=SYSTEM)
    undo(first.id)
    assert stock() == [("S1", "P2", 3000)]
    run("stock", text, shop)
    assert stock() == [("S1", "P1", 10000), ("S1", "P2", 4000)]


def test_above_a_limit_it_takes_a_second_person(shop: Path) -> None:
    dear = run("sales", sales("A1,2026-03-01 10:00:00,S1,C1,,P1,1,200000.00,,已付款"), shop)
    asked = imports.undo(OPERATOR, dear.id, reason="导错了")
    assert asked.state == "asked" and sums()[0] == 1
    with pytest.raises(NotFound):
        imports.execute_undo(dear.id)
    with pytest.raises(SecondPersonNeeded):
        imports.approve_undo(OPERATOR, dear.id)
    imports.reject_undo(BOSS, dear.id)
    assert imports.undo_of(BOSS, dear.id) is None
    imports.undo(OPERATOR, dear.id, reason="真的导错了")
    assert imports.approve_undo(BOSS, dear.id).state == "queued"
    imports.execute_undo(dear.id)
    assert sums()[0] == 0


def test_a_reason_is_asked_for_and_nothing_happens_without(shop: Path) -> None:
    first = run("sales", SALES, shop)
    with pytest.raises(imports.UndoReasonMissing):
        imports.undo(SYSTEM, first.id, reason="  ")
    assert imports.undo_of(SYSTEM, first.id) is None and sums() == (2, 5050, 35)
