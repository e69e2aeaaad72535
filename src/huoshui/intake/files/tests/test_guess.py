"""A file from a stranger: twenty columns under names nobody has told us."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from huoshui.intake.files.errors import FileRefused
from huoshui.intake.files.guess import SURE
from huoshui.intake.files.stage import preview
from huoshui.intake.files.tests.bench import Bench
from huoshui.intake.files.types import Preview

GOODS = ["坚果礼盒", "绿茶", "鲜牛奶 250ml", "燕麦片"]


def _minute(number: int) -> str:
    return (datetime(2026, 3, 1) + timedelta(minutes=37 * number)).strftime("%Y-%m-%d %H:%M:%S")


def _row(number: int) -> list[str]:
    """Two lines an order; the clerk's and the receiver's phones, the courier's number and the time of a change mislead."""
    dice = random.Random(number)
    count = number % 3 + 1
    order, paid = number // 2, f"{30 * count - 5}.00"
    return [
        f"XS26{order:06d}",
        _minute(order),
        "一店" if order % 3 else "二店",
        f"139{10000000 + order * 7919 % 90000000}",
        "林**",
        dice.choice(GOODS),
        f"K{number % 9:04d}",
        str(count),
        "30.00",
        "5.00",
        paid,
        "周敏",
        "13800138001",
        "",
        f"SF{number:012d}",
        "138****1234",
        _minute(order + 900),
        "微信",
        "0.00",
        str(number),
    ]


ZH = "票据编号,成单时刻,分店,顾客手机号码,客人称呼,货物品名,款号,几件,吊牌单价,让利优惠,客人实付,收银,收银员电话,附言,快递单号,收件人电话,更新时间,支付方式,退款额,积分"
EN = "bill_ref,sold_on,branch,cust_mobile,cust_name,article,barcode,pcs,unit_price,disc,grand_total,clerk,clerk_phone,memo,tracking,ship_phone,updated,tender,refund,pts"
NOTHING = ",".join(f"列{number}" for number in range(20))
WANTED = {"phone": 3, "ordered_at": 1, "amount": 10, "order_no": 0, "product_name": 5}


def look(
    bench: Bench, header: str, row: Callable[[int], list[str]] = _row, kind: str | None = None
) -> Preview:
    rows = [",".join(row(number)) for number in range(60)]
    path = bench.write("\n".join([header, *rows]) + "\n", "生人.csv")
    return preview([path], kind=kind, workdir=bench.folder / "look")


def is_right_or_unsure(seen: Preview, header: str) -> None:
    names = header.split(",")
    for field, place in WANTED.items():
        if seen.mapping.get(field) != names[place]:
            assert field not in seen.mapping or seen.guessed.get(field, 1.0) < SURE, field


@pytest.mark.parametrize("header", [ZH, EN])
def test_twenty_strange_columns(bench: Bench, header: str) -> None:
    seen = look(bench, header)
    names = header.split(",")
    assert seen.kind == "sales"
    assert {field: seen.mapping.get(field) for field in WANTED} == {f: names[at] for f, at in WANTED.items()}
    assert seen.missing == ()


@pytest.mark.parametrize("seed", range(8))
def test_wherever_the_columns_stand(bench: Bench, seed: int) -> None:
    order = list(range(20))
    random.Random(seed).shuffle(order)
    header = ",".join(ZH.split(",")[at] for at in order)
    seen = look(bench, header, lambda number: [_row(number)[at] for at in order])
    names = ZH.split(",")
    assert {field: seen.mapping.get(field) for field in WANTED} == {f: names[at] for f, at in WANTED.items()}


@pytest.mark.parametrize("kind", [None, "sales"])
def test_without_words_nothing_is_sure(bench: Bench, kind: str | None) -> None:
    seen = look(bench, NOTHING, kind=kind)
    is_right_or_unsure(seen, NOTHING)
    assert all(score < SURE for score in seen.guessed.values())
    assert seen.confidence < SURE


def test_content_refutes_a_header(bench: Bench) -> None:
    """A column headed as money that holds names is no money."""
    names = ZH.replace("客人实付", "甲").replace("附言", "实付说明金额")
    seen = look(bench, names, lambda number: [*_row(number)[:13], "好吃", *_row(number)[14:]])
    assert seen.mapping.get("amount") != "实付说明金额"


def test_two_that_are_alike_are_asked_about(bench: Bench) -> None:
    header = ZH.replace("更新时间", "成单时间")
    seen = look(bench, header)
    assert "ordered_at" not in seen.mapping or seen.guessed["ordered_at"] < SURE
    assert "ordered_at" in seen.maybe or "ordered_at" in seen.guessed


def test_a_guess_is_shown_and_never_imported_unseen(bench: Bench) -> None:
    rows = [",".join(_row(number)) for number in range(60)]
    with pytest.raises(FileRefused):
        bench.text("\n".join([ZH, *rows]) + "\n")
    seen = look(bench, ZH)
    staged = bench.text("\n".join([ZH, *rows]) + "\n", kind=seen.kind, mapping=dict(seen.mapping))
    assert staged.counts["orders"] == 30


def test_few_rows_make_nothing_sure(bench: Bench) -> None:
    path = bench.write(ZH + "\n" + ",".join(_row(0)) + "\n", "生人.csv")
    seen = preview([path], workdir=bench.folder / "look")
    assert all(score < SURE for score in seen.guessed.values())


def test_a_total_before_the_discount_is_not_taken_for_what_was_paid(bench: Bench) -> None:
    """`合计` is a word for money, and here it is what the goods cost before three yuan were taken off."""
    header = "交易编号,移动电话,商品,购买量,售价,合计,让利,到手价,网点,时间"

    def row(number: int) -> list[str]:
        count, price = number % 3 + 1, (12.9, 25.8, 9.9)[number % 3 - 1]
        total = price * count
        told = (f"DD{20260000 + number}", f"139{10000000 + number * 7919}", GOODS[number % 4], str(count))
        return [*told, f"{price:.2f}", f"{total:.2f}", "3.00", f"{total - 3:.2f}", "东门店", _minute(number)]

    seen = look(bench, header, row, kind="sales")
    assert seen.mapping.get("amount") != "合计" or seen.guessed["amount"] < SURE


def _many(kind: str, number: int) -> str:
    """A cell of a column of this content."""
    return {
        "phone": f"139{10000000 + number * 7919 % 90000000}",
        "other phone": f"138{10000000 + number * 7919 % 90000000}",
        "time": _minute(number),
        "money": f"{20 + number * 37 % 400}.{number % 10}0",
        "order": f"XS26{number:06d}",
        "goods": GOODS[number % 4],
        "gift": "帆布袋",
    }[kind]


STRANGERS = {
    "an optician": (
        "inv#:order,dt:time,rx_date:time,pt_mobile:phone,sku_desc:goods,copay:money,ext_price:money",
        {"amount": "ext_price", "ordered_at": "dt"},
    ),
    "a tea house": (
        "结账单号:order,结账时间:time,介绍会员手机:other phone,本人电话:phone,赠品名称:gift,服务项目:goods,实收:money",
        {"phone": "本人电话", "product_name": "服务项目", "amount": "实收"},
    ),
    "an ERP": (
        "单据编号:order,单据日期:time,客户电话:phone,品名:goods,净重合计:money,价税合计:money",
        {"amount": "价税合计"},
    ),
    "a café": (
        "Bill No:order,Sold on:time,Mobile:phone,Item:goods,Net weight:money,Col7:money",
        {"amount": "Col7"},
    ),
}


@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_column_that_only_sounds_right_is_never_sure(bench: Bench, stranger: str) -> None:
    told, right = STRANGERS[stranger]
    names, kinds = zip(*(column.split(":") for column in told.split(",")), strict=True)
    seen = look(bench, ",".join(names), lambda n: [_many(kind, n) for kind in kinds], "sales")
    for field, name in right.items():
        taken = seen.mapping.get(field)
        assert taken in (None, name) or seen.guessed.get(field, 1) < SURE, (field, taken, seen.guessed)
        assert taken == name or stranger in ("an optician", "a café"), (field, taken)
