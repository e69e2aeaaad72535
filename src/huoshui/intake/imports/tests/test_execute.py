"""Whole runs over small files, through the api."""

from __future__ import annotations

from pathlib import Path

from django.db import connection

from huoshui.core.actor import SYSTEM
from huoshui.core.ledger import api as ledger
from huoshui.core.tests.ground import wait_for_readers
from huoshui.intake.imports import api as imports
from huoshui.intake.imports.tests.shop import SALES, clean_tables, run, shop, sums
from huoshui.intake.river.tests.world import check_books
from huoshui.people import api as people

__all__ = ["clean_tables", "shop"]

SHIPPED = SALES.replace("已付款", "已发货")
PART_REFUNDED = SHIPPED.replace("P2,1,5.50,,已发货", "P2,1,5.50,5.50,部分退款")
REFUND_FIRST = """销售单号,交易时间,门店编码,会员卡号,商品编码,数量,实付金额,类型,原订单号
R9,2026-03-05 10:00:00,S1,C9,P1,1,15.00,退货,A9
"""
ITS_SALE = """销售单号,交易时间,门店编码,会员卡号,商品编码,数量,实付金额,类型,原订单号
A9,2026-03-04 10:00:00,S1,C9,P1,2,30.00,销售,
"""
PEOPLE = "会员卡号,姓名,手机号,生日,爱好\nC1,王小丽,139 1234 5678,1990-02-03,登山\nC2,李敏,13800138000,,\n"


def test_the_same_file_twice_changes_nothing(shop: Path) -> None:
    assert run("sales", SALES, shop).counts["new"] == 2
    before = sums()
    assert before == (2, 5050, 35)
    again = run("sales", SALES, shop, encoding="gb18030")
    assert (again.state, again.counts["new"], again.counts["known"]) == ("done", 0, 2)
    assert sums() == before
    check_books()


def test_shipped_then_part_refunded_settles_the_differences(shop: Path) -> None:
    run("sales", SALES, shop)
    run("sales", SHIPPED, shop)
    assert sums() == (2, 5050, 35)
    run("sales", PART_REFUNDED, shop)
    assert sums() == (2, 4500, 30)
    check_books()


def test_a_refund_that_comes_first_waits_for_its_sale(shop: Path) -> None:
    assert run("sales", REFUND_FIRST, shop).counts["waiting"] == 1
    assert sums() == (0, 0, 0)
    run("sales", ITS_SALE, shop)
    assert sums() == (1, 1500, 15)
    check_books()


def test_a_member_list_names_the_customer_of_a_sale(shop: Path) -> None:
    run("sales", SALES, shop)
    assert run("people", PEOPLE, shop, encoding="gb18030").counts["new"] == 2
    wait_for_readers()
    people.refresh_cards()
    cards = people.search(SYSTEM, "王小丽", people.Filters()).rows
    assert [(c.card_no, c.phone_tail4, c.orders) for c in cards] == [("C1", "5678", 1)]
    assert {a.label: a.value for a in people.attributes_for(SYSTEM, cards[0].person_id)}["爱好"] == "登山"


def test_no_phone_lies_in_the_clear(shop: Path) -> None:
    run("people", "姓名,手机号\n王小丽,13912345678\n", shop)
    with connection.cursor() as cursor:
        for table in (
            "fact",
            "fact_identifier",
            "fact_trait",
            "identifier",
            "attribute",
            "person_card",
            "settlement",
        ):
            cursor.execute(f"select count(*) from {table} t where t::text like '%%13912345678%%'")
            assert cursor.fetchone()[0] == 0, table
    assert not list(shop.glob("imports/*/work"))


def test_history_records_and_moves_neither_points_nor_stock(shop: Path) -> None:
    run("sales", SALES, shop, mode="history")
    assert sums() == (2, 5050, 0)
    assert ledger.audit_stock().places == 0
    check_books()


def test_a_dry_run_writes_nothing(shop: Path) -> None:
    view = run("sales", SALES, shop, is_dry_run=True)
    assert (view.state, view.counts["orders"]) == ("done", 2)
    assert sums() == (0, 0, 0)


def test_bad_rows_are_set_aside_mended_and_imported(shop: Path) -> None:
    view = run("sales", SALES.replace("A2,2026-03-01", "A2,2026-02-30"), shop)
    assert (view.state, view.counts["new"]) == ("done", 1)
    problem = imports.problems(SYSTEM, view.id)[0]
    assert (problem.row_no, problem.column) == (4, "交易时间")
    mended = (
        imports.problem_file(SYSTEM, view.id)
        .read_text(encoding="utf-8-sig")
        .replace("2026-02-30", "2026-03-01")
    )
    run("sales", mended, shop)
    assert sums() == (2, 5050, 35)


def test_a_file_that_is_no_table_fails_with_its_reason(shop: Path) -> None:
    view = run("sales", "", shop)
    assert view.state == "failed"
    assert "没有数据" in view.message
