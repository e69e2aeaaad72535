"""The folder of formats: all alike, none mistaken for another, and honest about what was never seen."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from huoshui.intake.files import headers
from huoshui.intake.files.formats import registry
from huoshui.intake.files.formats.base import Format
from huoshui.intake.files.names import normalise
from huoshui.intake.files.stage import preview
from huoshui.intake.files.states import State, state_of
from huoshui.intake.files.tests.bench import Bench, ask


def test_every_module_is_one_tuple() -> None:
    for module in registry.MODULES:
        assert module.__doc__ and all(isinstance(each, Format) for each in module.FORMATS)
    assert len(registry.BY_NAME) == len(registry.ALL)
    assert len({each.label for each in registry.ALL}) == len(registry.ALL)


@pytest.mark.parametrize("each", registry.ALL, ids=lambda each: each.name)
def test_a_format_says_what_it_may(each: Format) -> None:
    fields = {field.name for field in headers.kind(each.kind).fields}
    assert each.columns.keys() <= fields
    assert each.shared <= fields and each.shared <= each.columns.keys()
    told = registry.known(each.name)
    for print_ in each.fingerprints:
        assert set(map(normalise, print_)) <= told, print_
    for header in (*each.fills_down, *each.alias, *each.only):
        assert normalise(header) in told, header
    assert {state for _, state in each.states} <= set(get_args(State))
    assert not (each.is_whole_order and each.shared)


@pytest.mark.parametrize("each", registry.ALL, ids=lambda each: each.name)
def test_its_own_full_header_is_its_own(each: Format) -> None:
    """And of no other format, whatever they have in common."""
    found = registry.recognise(each.header)
    assert found is not None and found.name == each.name
    sure = registry.confidence(each, each.header, is_complete=True)
    assert sure < 0.6 if each.is_weak else sure > 0.9


@pytest.mark.parametrize("each", [f for f in registry.ALL if f.name != "meituan_items"], ids=lambda f: f.name)
def test_its_own_full_header_lacks_nothing(each: Format) -> None:
    match = headers.match(each.header, each.kind)
    assert (match.format, match.missing) == (each, ())


def test_a_bare_list_of_items_says_what_it_lacks(bench: Bench) -> None:
    header = ",".join(registry.BY_NAME["meituan_items"].header)
    seen = preview(
        [bench.write(header + "\n" + "," * header.count(",") + "\n")], workdir=bench.folder / "look"
    )
    assert (seen.format, seen.missing) == ("meituan_items", ("实付金额",))


def test_one_who_copies_a_header_is_not_the_platform() -> None:
    """1688 has most of Taobao's columns and its own beside them."""
    assert (
        registry.recognise(["订单编号", "买家公司名", "买家支付宝账号", "买家应付邮费", "货品总价(元)"])
        is None
    )


@pytest.mark.parametrize(
    ("status", "after_sale", "state"),
    [
        ("等待买家付款", None, "unpaid"),
        ("买家已付款,等待卖家发货", None, "paid"),
        ("买家已付款，等待卖家发货", None, "paid"),
        ("卖家已发货,等待买家确认", None, "paid"),
        ("交易成功", "没有申请退款", "paid"),
        ("交易成功", "退款成功", "refunded"),
        ("交易关闭", None, "closed"),
        ("(锁定)等待出库", None, "paid"),
        ("(删除)等待出库", None, "closed"),
        ("已取消", None, "closed"),
        ("未发货，退款成功", None, "refunded"),
        ("已取消，退款成功", None, "refunded"),
        ("已发货，待收货", "无售后或售后取消", "paid"),
        ("已收货", "退款中", "paid"),
        ("已完成", "同意退款，退款成功", "refunded"),
        ("已完成", "换货成功", "paid"),
        ("已完成", "售后关闭", "paid"),
        ("待付款", "-", "unpaid"),
        ("partially_refunded", None, "paid"),
        ("refunded", None, "refunded"),
        ("voided", None, "closed"),
        ("completed", None, "paid"),
        ("", "", "paid"),
        (None, None, "paid"),
        ("星际旅行", None, "unknown"),
    ],
)
def test_what_status_words_mean(status: str | None, after_sale: str | None, state: str) -> None:
    assert state_of(status, after_sale) == state


def test_a_platforms_own_words_come_first() -> None:
    assert state_of("pending", None) == "unpaid"
    assert state_of("authorized", None) == "paid"
    assert state_of("authorized", None, registry.BY_NAME["shopify_orders"].states) == "unpaid"


def test_patterns_are_patterns() -> None:
    for each in registry.ALL:
        for pattern in (
            *(p for p, _ in each.states),
            *each.only.values(),
            each.ends_at,
            each.day_in_order_no,
        ):
            re.compile(pattern)


def test_a_table_of_ones_own_may_say_that_it_is_no_platforms(bench: Bench) -> None:
    header = "订单号,商品ID,商品名称,订购数量,下单时间,京东价,应付金额,订单状态,下单帐号\n"
    path = bench.write(header + "1,J1,坚果,1,2026-03-08,60,60,等待付款,a\n")
    assert preview([path], workdir=bench.folder / "a").format == "jd_pop"
    assert preview([path], kind="sales", form="own", workdir=bench.folder / "b").format == ""


def test_unpaid_orders_of_a_table_of_ones_own_are_no_sales(bench: Bench) -> None:
    staged = bench.text(
        "销售单号,交易时间,实付金额,订单状态\nA1,2026-03-08,5,待付款\nA2,2026-03-08,6,已完成\nA3,2026-03-08,7,已取消\n"
    )
    assert (staged.counts["orders"], staged.counts["no_sales"]) == (1, 2)
    assert ask(staged, "select order_key from orders where not is_void") == [("A2",)]
