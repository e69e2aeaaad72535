"""Each platform's export, end to end: recognised, its sums to the cent, the same again nothing, changed states the difference."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.intake.imports import api as imports
from huoshui.intake.imports.tests import exports as files
from huoshui.intake.imports.tests.exports import Export
from huoshui.intake.imports.tests.shop import clean_tables, shop

__all__ = ["clean_tables", "shop"]

_SALES = sql.Statement(
    "sales",
    """select s.order_key, s.amount, s.refunded, s.line_count, s.channel, u.code as store, s.person_id is not null as known
    from sale s left join org_unit u on u.id = s.org_unit_id order by s.order_key""",
)
_LINES = sql.Statement(
    "lines",
    """select k.code, sum(l.amount)::bigint as amount, sum(l.refunded)::bigint as refunded, sum(l.quantity_milli)::bigint as pieces
    from sale s cross join lateral unnest(s.fact_ids) f join fact_line l on l.fact_id = f join sku k on k.id = l.sku_id
    where s.order_key = %(key)s group by k.code having sum(abs(l.amount)) > 0 or sum(abs(l.quantity_milli)) > 0 order by k.code""",
)
_IDENTIFIERS = sql.Statement(
    "identifiers", "select kind, scope, key, tail4 from identifier order by kind, scope, key"
)
_BODIES = sql.Statement(
    "bodies", "select client_key, body from fact where body is not null order by client_key"
)


@dataclass(frozen=True)
class Case:
    export: Export
    format: str
    source: str
    sales: dict[str, tuple[int, int]]
    """Order → (paid, given back), in 分."""
    is_weak: bool = False


CASES = (
    Case(files.TAOBAO_OLD, "taobao_orders", "淘宝/天猫店", {"2603081000000000001": (8800, 0)}),
    Case(
        files.TAOBAO_NEW,
        "taobao_orders",
        "淘宝/天猫店",
        {"5001000000000000001": (3400, 0), "5001000000000000002": (2000, 2000)},
    ),
    Case(files.TAOBAO_ITEMS, "taobao_items", "淘宝/天猫店", {"5001000000000000001": (3400, 0)}),
    Case(files.JD, "jd_pop", "京东店", {"130000000001": (9001, 0)}),
    Case(
        files.PINDUODUO,
        "pinduoduo",
        "拼多多店",
        {"260308-123456789012345": (117000, 0), "260309-123456789012346": (3000, 3000)},
    ),
    Case(
        files.DOUYIN,
        "douyin_shop",
        "抖店",
        {"6917000000000000001": (5000, 0), "6917000000000000002": (7000, 7000)},
    ),
    Case(files.KUAISHOU, "kuaishou", "快手小店", {"2606700001": (3990, 0)}),
    Case(files.XIAOHONGSHU, "xiaohongshu", "小红书店", {"P700000000000000001": (110000, 0)}),
    Case(files.WEIXIN_SHOP, "weixin_shop", "微信小店", {"3700000000000000001": (10000, 1000)}),
    Case(files.YOUZAN_ORDERS, "youzan_orders", "有赞店", {"E20260308100000000001": (10000, 0)}),
    Case(files.SHOPIFY, "shopify_orders", "Shopify 店", {"#1001": (11000, 1100)}),
    Case(files.WOOCOMMERCE, "woocommerce", "WooCommerce 店", {"501": (3000, 0)}, is_weak=True),
    Case(files.MEITUAN, "meituan_bill", "美团外卖 账单", {"900001": (2150, 0)}, is_weak=True),
    Case(files.ELEME, "eleme", "饿了么/淘宝闪购 订单", {"800001": (3000, 0)}, is_weak=True),
    Case(files.JUSHUITAN, "jushuitan", "聚水潭店铺", {"77001": (4000, 0)}),
    Case(files.WANGDIANTONG, "wangdiantong", "旺店通店铺", {"JY2026030801": (2000, 0)}),
    Case(files.POSPAL, "pospal", "收银流水（银豹一类）", {"L1": (5000, 0), "L2": (1500, 0)}, is_weak=True),
)


def bring(export: Export, at: Path, **said: object) -> imports.RunView:
    run_id = imports.add_run([export.write(at)], actor=SYSTEM, **said)  # type: ignore[arg-type]  # the tests' own choices
    imports.execute(run_id, actor=SYSTEM)
    view = imports.run_for(SYSTEM, run_id)
    assert view.state == "done", view.message
    return view


def sales() -> dict[str, tuple[int, int]]:
    return {r.order_key: (r.amount, r.refunded) for r in sql.fetch(_SALES)}


def lines(key: str) -> dict[str, tuple[int, int, int]]:
    return {r.code: (r.amount, r.refunded, r.pieces) for r in sql.fetch(_LINES, key=key)}


def identifiers() -> list[tuple[str, str, str]]:
    return [(r.kind, r.scope, r.tail4 or r.key) for r in sql.fetch(_IDENTIFIERS)]


def _name(case: Case) -> str:
    return f"{case.format}-{case.export.name}"


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_an_export_is_known_and_told_once(shop: Path, case: Case) -> None:
    run_id = imports.add_run([case.export.write(shop)], actor=SYSTEM)
    seen = imports.preview(SYSTEM, run_id)
    assert (seen.format, seen.is_weak, seen.missing) == (case.format, case.is_weak, ())
    assert seen.confidence < 0.6 if case.is_weak else seen.confidence > 0.9

    first = bring(case.export, shop)
    assert (first.format, first.source_name, first.problems) == (case.format, case.source, 0)
    assert sales() == case.sales
    again = bring(case.export, shop)
    assert again.counts["new"] == 0
    assert sales() == case.sales


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_a_masked_phone_is_nobodys_key(shop: Path, case: Case) -> None:
    bring(case.export, shop)
    assert not any("*" in key or "$" in key for _, _, key in identifiers())
    phones = [key for kind, _, key in identifiers() if kind == "phone"]
    assert phones in ([], ["5678"]), "the receiver's is not the buyer's"


def test_what_is_seen_of_a_number_is_kept_as_a_hint(shop: Path) -> None:
    bring(files.PINDUODUO, shop)
    assert [json.loads(r.body) for r in sql.fetch(_BODIES)] == [
        {"phone_hint": "139****1234", "receiver_phone_hint": "138****8888", "platform_discount": "1000"}
    ]


def test_a_platforms_buyer_is_known_to_that_platform(shop: Path) -> None:
    bring(files.TAOBAO_OLD, shop)
    bring(files.JD, shop)
    assert [i for i in identifiers() if i[0] == "account"] == [
        ("account", "jd", "jd_ lin"),
        ("account", "taobao", "tb_lin88"),
    ]


def test_order_money_is_shared_to_the_cent(shop: Path) -> None:
    bring(files.JD, shop)
    assert lines("130000000001") == {"J1": (5400, 0, 1000), "J2": (3601, 0, 2000)}
    bring(files.WEIXIN_SHOP, shop)
    assert lines("3700000000000000001") == {"P1": (8333, 1000, 1000), "P2": (1667, 0, 3000)}
    bring(files.SHOPIFY, shop)
    assert lines("#1001") == {"P1": (8250, 825, 1000), "P2": (2750, 275, 1000)}
    at = sql.fetch_one(
        sql.Statement("at", "select occurred_at from sale where order_key = '#1001'")
    ).occurred_at
    assert at.isoformat() == "2026-03-08T02:30:00+00:00", "the file's own zone counts"


def test_identical_rows_of_an_erp_are_two_parcels(shop: Path) -> None:
    bring(files.JUSHUITAN, shop)
    assert lines("77001") == {"P1": (4000, 0, 2000)}


def _with(export: Export, key: str, **changes: str) -> Export:
    column = export.header[0] if export.header[0] in ("订单编号", "订单号", "主订单编号") else "订单号"
    return export.with_rows(
        *({**row, **changes} if row.get(column, "").strip('="\t') == key else row for row in export.rows)
    )


def test_a_closed_order_gives_everything_back(shop: Path) -> None:
    bring(files.TAOBAO_OLD, shop)
    key = "2603081000000000001"
    later = _with(files.TAOBAO_OLD, key, 订单状态="交易关闭", 退款金额="88.00", 买家实际支付金额="0.00")
    assert bring(later, shop).counts["new"] == 1
    assert sales() == {key: (8800, 8800)}
    assert bring(later, shop).counts["new"] == 0


def test_an_order_paid_at_last_is_a_sale(shop: Path) -> None:
    bring(files.TAOBAO_OLD, shop)
    later = _with(
        files.TAOBAO_OLD, "2603081000000000002", 订单状态="卖家已发货,等待买家确认", 买家实际支付金额="30.00"
    )
    assert bring(later, shop).counts["new"] == 1
    assert sales()["2603081000000000002"] == (3000, 0)


def test_an_order_cancelled_after_it_was_told_is_taken_back(shop: Path) -> None:
    bring(files.JD, shop)
    later = _with(files.JD, "130000000001", 订单状态="已取消", 付款确认时间="")
    assert bring(later, shop).counts["new"] == 1
    assert sales() == {"130000000001": (9001, 9001)}


def test_a_refund_after_sale_gives_the_difference(shop: Path) -> None:
    bring(files.PINDUODUO, shop)
    later = _with(files.PINDUODUO, "260308-123456789012345", 订单状态="已收货，退款成功", 售后状态="退款成功")
    assert bring(later, shop).counts["new"] == 1
    assert sales()["260308-123456789012345"] == (117000, 117000)


ORDERS = files.TAOBAO_NEW.with_rows(files.TAOBAO_NEW.rows[0])


def test_two_reports_of_one_order_are_one_order(shop: Path) -> None:
    key = "5001000000000000001"
    bring(ORDERS, shop)
    assert sales() == {key: (3400, 0)}
    bring(files.TAOBAO_ITEMS, shop)
    assert sales() == {key: (3400, 0)}
    assert lines(key) == {"P1": (2000, 0, 1000), "P2": (1400, 0, 1000)}
    for export in (ORDERS, files.TAOBAO_ITEMS, ORDERS):
        assert bring(export, shop).counts["new"] == 0
    assert sales() == {key: (3400, 0)}


def test_in_whichever_order_they_come(shop: Path) -> None:
    key = "5001000000000000001"
    bring(files.TAOBAO_ITEMS, shop)
    bring(ORDERS, shop)
    assert sales() == {key: (3400, 0)}
    assert lines(key) == {"P1": (2000, 0, 1000), "P2": (1400, 0, 1000)}
    later = files.TAOBAO_ITEMS.with_rows(
        {**files.TAOBAO_ITEMS.rows[0], "退款状态": "退款成功", "退款金额": "20.00", "买家实付金额": "0.00"},
        files.TAOBAO_ITEMS.rows[1],
    )
    assert bring(later, shop).counts["new"] == 1
    assert sales() == {key: (3400, 2000)}
    for export in (ORDERS, later):
        assert bring(export, shop).counts["new"] == 0
    changed = ORDERS.with_rows(
        {**ORDERS.rows[0], "订单状态": "交易成功", "退款金额": "20.00", "买家实付金额": "14.00"}
    )
    bring(changed, shop)
    assert sales() == {key: (3400, 2000)}, "its lines tell the money"


def test_refunds_find_their_orders(shop: Path) -> None:
    bring(files.TAOBAO_REFUNDS, shop)
    assert sales() == {}
    bring(ORDERS, shop)
    assert sales() == {"5001000000000000001": (3400, 400)}
    assert bring(files.TAOBAO_REFUNDS, shop).counts["new"] == 0


def test_items_without_a_time_wait_for_their_orders(shop: Path) -> None:
    view = bring(files.YOUZAN_ITEMS, shop)
    assert (view.problems, sales()) == (2, {})
    [problem, _] = imports.problems(SYSTEM, view.id)
    assert (problem.row_no, problem.code) == (2, "sibling_first")
    mend = imports.problem_file(SYSTEM, view.id).read_text(encoding="utf-8-sig")
    assert "E20260308100000000001" in mend and "先导入同一时期的订单表" in mend
    bring(files.YOUZAN_ORDERS, shop)
    bring(files.YOUZAN_ITEMS, shop)
    assert sales() == {"E20260308100000000001": (10000, 0)}
    assert lines("E20260308100000000001") == {"P1": (8000, 0, 1000), "P2": (2000, 0, 2000)}
    assert bring(files.YOUZAN_ITEMS, shop).counts["new"] == 0
    assert ("phone", "", "5678") in identifiers()


def test_an_order_in_other_money_is_set_aside(shop: Path) -> None:
    foreign = files.SHOPIFY.with_rows({**files.SHOPIFY.rows[0], "Currency": "USD"}, files.SHOPIFY.rows[1])
    view = bring(foreign, shop)
    assert sales() == {}
    found = imports.problems(SYSTEM, view.id)
    assert (found[0].row_no, found[0].column, found[0].value, found[0].code) == (
        2,
        "Currency",
        "USD",
        "foreign_currency",
    )


def test_a_word_nobody_told_us_is_said(shop: Path) -> None:
    strange = files.KUAISHOU.with_rows({**files.KUAISHOU.rows[0], "订单状态": "星际旅行"})
    view = bring(strange, shop)
    assert sales() == {"2606700001": (3990, 0)}
    assert [(p.row_no, p.column, p.value, p.code) for p in imports.problems(SYSTEM, view.id)] == [
        (2, "订单状态", "星际旅行", "unknown_status")
    ]


def test_a_format_may_be_asked_for_by_name(shop: Path) -> None:
    view = bring(files.JD, shop, kind="jd_pop")
    assert (view.kind, view.format, len(sales())) == ("sales", "jd_pop", 1)


def test_a_platforms_files_that_lie_there_done_are_known_by_its_format_too(shop: Path) -> None:
    file = files.WEIXIN_SHOP.write(shop)
    assert not imports.is_done([file], kind="weixin_shop")
    run_id = imports.add_run([file], kind="weixin_shop", actor=SYSTEM)
    imports.execute(run_id, actor=SYSTEM)
    assert imports.is_done([file], kind="weixin_shop") and imports.is_done([file], kind="sales")
    assert not imports.is_done([file], kind="taobao_items")
