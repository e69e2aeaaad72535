"""Tables beside orders and people: bills, coupons, sell-in, targets, market figures, staff, stock. The same again, nothing."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.insight import api as insight
from huoshui.intake.imports import api as imports
from huoshui.intake.imports.tests import exports as files
from huoshui.intake.imports.tests.shop import clean_tables, run, shop
from huoshui.intake.imports.tests.test_formats import bring, identifiers
from huoshui.people import api as people
from huoshui.trade.dealers import api as dealers

__all__ = ["clean_tables", "shop"]

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
_FACTS = sql.Statement(
    "facts",
    """select f.name, f.body::jsonb ->> 'amount' as amount, s.person_id is not null as known
    from fact f join settlement s on s.fact_id = f.id where f.body is not null order by f.occurred_at, f.name""",
)


def facts() -> list[tuple[str, str, bool]]:
    return [tuple(r) for r in sql.fetch(_FACTS)]


def test_a_wechat_bill_is_payments_and_refunds(shop: Path) -> None:
    view = bring(files.WEIXIN_PAY, shop)
    assert (view.format, view.problems, view.counts["new"], view.counts["totals"]) == ("weixin_pay", 0, 2, 2)
    assert facts() == [("Payment Made", "8800", True), ("Payment Refunded", "800", True)]
    assert identifiers() == [("openid", "wx1", "oOpen1")]
    assert bring(files.WEIXIN_PAY, shop).counts["new"] == 0
    assert sql.fetch(sql.Statement("sales", "select from sale")) == [], "a bill is no second sale"


def test_an_alipay_bill_in_its_zip(shop: Path) -> None:
    plain = files.ALIPAY.write(shop)
    packed = shop / "20880000_20260308.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(plain, "20880000_业务明细.csv")
        archive.writestr("20880000_业务明细(汇总).csv", "#汇总\n")
    run_id = imports.add_run([packed], actor=SYSTEM)
    imports.execute(run_id, actor=SYSTEM)
    view = imports.run_for(SYSTEM, run_id)
    assert (view.state, view.format, view.problems, view.counts["new"]) == ("done", "alipay", 0, 2)
    assert [(name, amount) for name, amount, _ in facts()] == [
        ("Payment Made", "5000"),
        ("Payment Refunded", "2000"),
    ]
    assert bring(files.ALIPAY, shop).counts["new"] == 0


def test_a_page_that_calls_itself_a_workbook(shop: Path) -> None:
    head = "".join(
        f"<th>{h}</th>"
        for h in (
            "订单编号",
            "门店ID",
            "商家sku",
            "商品数量",
            "订单状态",
            "成交时间",
            "门店收单时间",
            "门店应收金额",
        )
    )
    cells = ("JDDJ1", "M1", "P1", "1", "已完成", "2026-03-08 10:00:00", "2026-03-08 10:01:00", "12.50")
    page = f"<html><meta charset=utf-8><body><table><tr>{head}</tr><tr>{''.join(f'<td>{c}</td>' for c in cells)}</tr></table></body></html>"
    path = shop / "订单查询.xlsx"
    path.write_text(page, encoding="utf-8")
    run_id = imports.add_run([path], actor=SYSTEM)
    imports.execute(run_id, actor=SYSTEM)
    view = imports.run_for(SYSTEM, run_id)
    assert (view.state, view.format, view.counts["new"]) == ("done", "jd_hourly", 1)


COUPONS = "券码,券名称,手机号,领取时间,使用时间,面额,使用订单\nK1,满100减20,13912345678,2026-03-01 10:00:00,2026-03-05 10:00:00,20.00,A1\nK2,满100减20,13912345679,2026-03-02 10:00:00,,20.00,\n"


def test_coupons_of_another_system_are_remembered(shop: Path) -> None:
    assert run("coupons", COUPONS, shop).counts["new"] == 3
    assert [name for name, _, _ in facts()] == ["Coupon Received", "Coupon Received", "Coupon Used"]
    assert all(known for _, _, known in facts())
    used = COUPONS.replace("2026-03-02 10:00:00,,", "2026-03-02 10:00:00,2026-03-09 10:00:00,")
    assert run("coupons", used, shop).counts["new"] == 1


DEALERS = "经销商编码,经销商名称,大区,联系人,联系电话,合同开始,合同结束\nD1,杭州粟谷雨商贸,华东,赵总,13800138002,2026-01-01,2026-12-31\nD2,成都稻香商贸,西南,钱总,,2026-01-01,\n"
PURCHASES = "进货单号,经销商编码,进货日期,商品编码,商品名称,进货数量,进货金额,单据类型\nX1,D1,2026-03-01,P1,坚果,10,440.00,进货\nX1,D1,2026-03-01,P2,绿茶,20,200.00,进货\nX1,D1,2026-03-01,P2,绿茶,20,200.00,进货\nX2,成都稻香商贸,2026-03-02,P1,坚果,2,88.00,退货\n"
PAYMENTS = "收款日期,经销商编码,收款单号,收款金额,收款方式\n2026-03-05,D1,S1,500.00,对公转账\n"
SHELVES = "经销商,盘点日期,商品编码,库存数量\nD1,2026-03-31,P1,34\nD1,2026-04-30,P1,20\n"


def sell_in(actor: Actor = SYSTEM) -> list[tuple[str, int, int, int, int]]:
    return [
        (s.code, s.bought, s.quantity_milli, s.paid, s.owed)
        for s in dealers.sell_in_for(actor, first=FIRST, last=LAST)
    ]


@pytest.mark.parametrize("first", [True, False], ids=["list first", "list last"])
def test_what_dealers_buy_and_pay(shop: Path, first: bool) -> None:
    tables = [("dealer_purchases", PURCHASES, 4), ("dealer_payments", PAYMENTS, 1)]
    told = [("dealers", DEALERS, 2), *tables] if first else [*tables, ("dealers", DEALERS, 2)]
    if not first:
        told[0] = ("dealer_purchases", PURCHASES.replace("成都稻香商贸", "D2"), 4)
    for kind, text, changed in told:
        assert run(kind, text, shop).counts["changed"] == changed
    expected = [("D1", 84000, 50000, 50000, 34000), ("D2", -8800, -2000, 0, -8800)]
    assert sell_in() == expected
    for kind, text, _ in told:
        assert run(kind, text, shop).counts["changed"] == 0
    assert sell_in() == expected
    mended = told[1 if first else 0][1].replace("440.00", "450.00")
    assert run("dealer_purchases", mended, shop).counts["changed"] == 1
    assert sell_in()[0] == ("D1", 85000, 50000, 50000, 35000)


def test_a_dealer_only_named_so_far_takes_its_code(shop: Path) -> None:
    run("dealer_payments", PAYMENTS.replace("D1", "杭州粟谷雨商贸"), shop)
    run("dealers", DEALERS, shop)
    assert [(d.code, d.name, d.phone_tail4) for d in dealers.dealers_for(SYSTEM)] == [
        ("D1", "杭州粟谷雨商贸", "8002"),
        ("D2", "成都稻香商贸", None),
    ]
    assert sell_in()[0][3] == 50000


def test_a_dealer_sees_itself_alone(shop: Path) -> None:
    run("dealers", DEALERS, shop)
    run("dealer_purchases", PURCHASES, shop)
    mine = dealers.dealers_for(SYSTEM)[0]
    assert mine.org_unit_id is not None
    dealer = Actor("staff", 1, "赵总", frozenset({"dealer"}), frozenset({mine.org_unit_id}))
    assert [d.code for d in dealers.dealers_for(dealer)] == ["D1"]
    assert [s[0] for s in sell_in(dealer)] == ["D1"]


def test_what_dealers_hold(shop: Path) -> None:
    assert run("dealer_stock", SHELVES, shop).counts["changed"] == 2
    assert run("dealer_stock", SHELVES, shop).counts["changed"] == 0
    [dealer] = dealers.dealers_for(SYSTEM)
    held = [
        [h.quantity_milli for h in dealers.stock_for(SYSTEM, dealer.id, day=day)]
        for day in (date(2026, 3, 30), date(2026, 4, 1), date(2026, 5, 1))
    ]
    assert held == [[], [34000], [20000]]


MARKET = "竞品,指标,期间,数值,单位,出处\n竞品甲,市场份额,2026Q1,12.5%,%,行业月报\n竞品甲,销售额,2026年2月,3.2万,元,行业月报\n"


def test_market_figures(shop: Path) -> None:
    assert run("market", MARKET, shop).counts["changed"] == 2
    assert run("market", MARKET, shop).counts["changed"] == 0
    found = {
        f.metric: (f.subject, f.period_start, f.period_end, f.value)
        for f in insight.figures("market", first=FIRST, last=LAST)
    }
    assert found == {
        "市场份额": ("竞品甲", date(2026, 1, 1), date(2026, 3, 31), Decimal("12.5")),
        "销售额": ("竞品甲", date(2026, 2, 1), date(2026, 2, 28), Decimal(32000)),
    }
    assert run("market", MARKET.replace("12.5%", "13%"), shop).counts["changed"] == 1
    view = run("market", MARKET.replace("2026Q1", "去年春天"), shop)
    assert [(p.row_no, p.column, p.value, p.code) for p in imports.problems(SYSTEM, view.id)] == [
        (2, "期间", "去年春天", "bad_period")
    ]


def test_targets(shop: Path) -> None:
    text = "门店编码,月份,销售目标\nS1,2026-03,300000\nS1,2026-04,320000\n"
    assert run("targets", text, shop).counts["changed"] == 2
    assert [
        (f.subject, f.metric, f.period_start, f.value)
        for f in insight.figures("targets", first=FIRST, last=LAST)
    ] == [
        ("S1", "销售额", date(2026, 3, 1), Decimal(300000)),
        ("S1", "销售额", date(2026, 4, 1), Decimal(320000)),
    ]


def test_each_number_of_a_promotion_report_is_a_figure(shop: Path) -> None:
    text = "日期,推广计划,渠道,花费,展现量,点击量,成交金额\n2026-03-08,三八节,千川,1280.50,52000,1430,4980.00\n合计,,,1280.50,52000,1430,4980.00\n"
    assert run("promotion", text, shop).counts["changed"] == 4
    assert run("promotion", text, shop).counts["changed"] == 0
    found = {
        f.metric: (f.value, f.unit, f.origin) for f in insight.figures("promotion", first=FIRST, last=LAST)
    }
    assert found["花费"] == (Decimal("1280.5"), "元", "千川")
    assert found["展现"] == (Decimal(52000), "", "千川")


def test_a_calendar_of_campaigns(shop: Path) -> None:
    text = "活动名称,开始日期,结束日期,渠道,预算\n三八女神节,2026-03-01,2026-03-08,全渠道,50000\n"
    assert run("campaigns", text, shop).counts["changed"] == 1
    assert run("campaigns", text, shop).counts["changed"] == 0
    [event] = insight.events(first=date(2026, 3, 8), last=date(2026, 3, 31))
    assert (event.name, event.ends_on, event.budget) == ("三八女神节", date(2026, 3, 8), 5000000)
    assert insight.events(first=date(2026, 3, 9), last=date(2026, 3, 31)) == []


def test_groups_of_wecom(shop: Path) -> None:
    export = files.Export(
        "群",
        files.split("群名字,群主名字,群主所属部门,群人数,今日进群人数,今日退群人数,群标签,创建时间"),
        ({"群名字": "一群", "群主名字": "周敏", "群人数": "186", "今日进群人数": "5", "今日退群人数": "1"},),
    )
    view = bring(replace(export, suffix=".xlsx"), shop)
    assert (view.format, view.counts["changed"]) == ("wecom_groups", 3)


STAFF = "工号,姓名,岗位,门店编码,手机号,离职日期\nG1,周敏,店长,S1,13800138001,\nG2,李雷,导购,S1,,\nG3,韩梅,老板,S2,,\n"
_SERVED = sql.Statement(
    "served",
    "select o.order_key, s.number from fact_order o left join staff s on s.id = o.staff_id order by o.order_key",
)
_PLACED = sql.Statement(
    "placed",
    """select s.number, s.name, p.role, u.code, p.ended_on::text as ended_on from placement p join staff s on s.id = p.staff_id
    join org_unit u on u.id = p.org_unit_id order by 1, 4""",
)


def test_who_served_an_order_is_credited_by_the_staff_list(shop: Path) -> None:
    run("staff", STAFF, shop)
    served = (
        "销售单号,交易时间,门店编码,商品编码,数量,实付金额,导购工号\n"
        "A1,2026-03-01 10:00:00,S1,P1,1,10.00,G2\nA2,2026-03-01 11:00:00,S1,P1,1,10.00,G99\n"
    )
    assert run("sales", served, shop).counts["new"] == 2
    assert [tuple(r) for r in sql.fetch(_SERVED)] == [("A1", "G2"), ("A2", None)]


def test_staff_are_placed_and_leave(shop: Path) -> None:
    assert run("staff", STAFF, shop).counts["changed"] == 3
    assert run("staff", STAFF, shop).counts["changed"] == 0
    placed = [tuple(r) for r in sql.fetch(_PLACED)]
    assert placed[0] == ("G1", "周敏", "manager", "S1", None)
    assert placed[2][2] == "guide", "a list gives nobody the run of the house"
    later = STAFF.replace("李雷,导购,S1,,", "李雷,导购,S2,,").replace(
        "韩梅,老板,S2,,", "韩梅,老板,S2,,2026-03-31"
    )
    assert run("staff", later, shop).counts["changed"] == 2
    ended = {(r.number, r.code): r.ended_on for r in sql.fetch(_PLACED)}
    assert (
        ended[("G3", "S2")] == "2026-03-31"
        and ended[("G2", "S2")] is None
        and ended[("G2", "S1")] is not None
    )


def test_phones_of_the_staff_name_no_customer(shop: Path) -> None:
    text = "工号,姓名,门店编码,手机号\nG1,周敏,S1,15900010001\nG2,李雷,S1,\n"
    assert run("staff", text, shop).counts["changed"] == 2
    people_text = "会员卡号,手机号,姓名\nC1,15900010001,王芳\nC2,15900010001,刘洋\n"
    run("people", people_text, shop)
    found = [people.find("card_no", card) for card in ("C1", "C2")]
    assert None not in found and found[0] != found[1]
    assert people.find("phone", "15900010001") is None
    assert run("staff", text, shop).counts["changed"] == 0


def test_stock_is_counted(shop: Path) -> None:
    text = "门店编码,商品编码,商品名称,库存数量,盘点日期\nS1,P1,坚果,36,2026-03-31\nS1,P2,绿茶,5,2026-03-31\nS2,P1,坚果,7,2026-03-31\n"
    for _ in range(2):
        run("stock", text, shop)
        units = brand.unit_ids(["S1", "S2"])
        held = [
            (x.code, x.on_hand_milli) for code in ("S1", "S2") for x in brand.stock_list(SYSTEM, units[code])
        ]
        assert held == [("P1", 36000), ("P2", 5000), ("P1", 7000)]
    [item, _] = brand.stock_list(SYSTEM, units["S1"])
    assert len(brand.stock_movements(SYSTEM, units["S1"], item.sku_id)) == 1, (
        "the same count is the same document"
    )
