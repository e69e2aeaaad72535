"""Which table is it, and which column is which."""

from __future__ import annotations

import json

import pytest

from huoshui.intake.files import headers
from huoshui.intake.files.errors import MissingColumns, MixedKinds, UnknownField, UnknownKind
from huoshui.intake.files.stage import preview
from huoshui.intake.files.tests.bench import SALES, Bench, ask


@pytest.mark.parametrize("kind", headers.KINDS)
def test_no_synonym_serves_two_fields_of_a_kind(kind: str) -> None:
    owners: dict[str, set[str]] = {}
    for field in headers.kind(kind).fields:
        for synonym in (field.label, *field.synonyms):
            owners.setdefault(headers.normalise(synonym), set()).add(field.name)

    assert {synonym: names for synonym, names in owners.items() if len(names) > 1} == {}


@pytest.mark.parametrize("kind", headers.KINDS)
def test_a_kind_is_told_by_its_own_labels(kind: str) -> None:
    found = headers.recognise([field.label for field in headers.kind(kind).fields])

    assert found.kind.name == kind
    assert found.missing == ()
    assert set(found.columns) == {field.name for field in headers.kind(kind).fields}


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("会员卡号,年龄段,家庭年收入,住房情况,婚姻状况,家庭人数,家庭构成,孩子数", "people"),
        ("商品编码,商品名称,品牌,生产商编码,大类,中类,小类,规格", "products"),
        ("门店编码,门店名称", "stores"),
        ("订单号,下单时间,商品编码,数量,金额", "sales"),
        # 京东 POP, 拼多多, 有赞 (shortened)
        (
            "订单号,商品ID,商品名称,订购数量,支付方式,下单时间,京东价,订单金额,结算金额,余额支付,应付金额,订单状态",
            "sales",
        ),
        (
            "商品,订单号,订单状态,商品总价(元),用户实付金额(元),商品数量(件),支付时间,商家编码-规格维度,售后状态",
            "sales",
        ),
        (
            "客户姓名,客户昵称,客户手机号,客户生日,客户性别,标签,是否会员,成长值,免费等级,客户积分,成为客户时间",
            "people",
        ),
    ],
)
def test_headers_of_real_exports(header: str, kind: str) -> None:
    found = headers.recognise(header.split(","))

    assert found.kind.name == kind
    assert found.missing == ()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("\ufeff会员 卡号", "会员卡号"),
        ("会员卡号（必填）", "会员卡号"),
        ("下单帐号", "下单账号"),
        ("SKU ID", "skuid"),
        ("实付金额（元）", "实付金额"),
        ("ｏｐｅｎＩＤ\t", "openid"),
        ("order_no", "Order No"),
    ],
)
def test_headers_fold(written: str, meant: str) -> None:
    assert headers.normalise(written) == headers.normalise(meant)


def test_the_user_has_the_last_word(bench: Bench) -> None:
    text = "编号,什么时候,卖了多少,商品编码\nA1,2025-03-08,9.90,P1\n"
    with pytest.raises(MissingColumns, match="销售单号"):
        bench.text(text, kind="sales")

    mapping = {"order_no": "编号", "ordered_at": "什么时候", "amount": "卖了多少"}
    staged = bench.text(text, kind="sales", mapping=json.loads(json.dumps(mapping)))

    assert staged.mapping == mapping
    assert ask(staged, "select order_key, amount from orders") == [("A1", 990)]
    assert ask(staged, "select sku_code from lines") == [(None,)]  # he left it out


def test_a_mapping_survives_its_own_json(bench: Bench) -> None:
    text = f"{SALES},会员折扣,店铺优惠\nA1,2025-03-08,S1,M1,P1,1,80,10,5\n"
    first = bench.text(text)
    again = bench.text(text, kind="sales", mapping=json.loads(json.dumps(first.mapping)))

    assert again.mapping == first.mapping
    assert ask(again, "select discount, content_hash from orders") == ask(
        first, "select discount, content_hash from orders"
    )


def test_a_file_of_another_month_may_name_a_column_otherwise(bench: Bench) -> None:
    first = bench.write(f"{SALES}\nA1,2025-03-08,S1,M1,P1,1,80\n", "三月.csv")
    second = bench.write("单号,日期,实收金额\nA2,2025-04-08,70\n", "四月.csv")

    for mapping in (None, {"order_no": "销售单号", "ordered_at": "交易时间", "amount": "实付金额"}):
        staged = bench.stage(first, second, kind="sales", mapping=mapping)
        assert ask(staged, "select amount from orders") == [(8000,), (7000,)]


def test_preview_before_anything_is_staged(bench: Bench) -> None:
    path = bench.write(f"{SALES}\nA1,2025-03-08,S1,M1,P1,1,80\n")

    seen = preview([path], workdir=bench.folder / "look")

    assert (seen.kind, seen.confidence, seen.missing) == ("sales", 1.0, ())
    assert seen.mapping["card_no"] == "会员卡号"
    assert seen.samples == (("A1", "2025-03-08", "S1", "M1", "P1", "1", "80"),)


def test_an_unknown_table_is_asked_about_not_guessed(bench: Bench) -> None:
    with pytest.raises(UnknownKind):
        bench.text("甲,乙,丙\n1,2,3\n")


def test_what_is_missing_is_said_where_the_kind_is_plain(bench: Bench) -> None:
    with pytest.raises(MissingColumns, match="销售表缺少必需的列：实付金额"):
        bench.text("销售单号,交易时间,商品编码,数量\nA1,2025-03-08,P1,1\n")


def test_a_field_that_is_none_is_refused(bench: Bench) -> None:
    with pytest.raises(UnknownField, match="order_nr"):
        bench.text(f"{SALES}\n", kind="sales", mapping={"order_nr": "销售单号"})


def test_two_kinds_in_one_go_are_refused_by_name(bench: Bench) -> None:
    sales = bench.write(f"{SALES}\nA1,2025-03-08,S1,M1,P1,1,80\n", "销售.csv")
    stores = bench.write("门店编码,门店名称\nS1,稻香路店\n", "门店.csv")

    with pytest.raises(MixedKinds, match=r"门店\.csv 像是门店表"):
        bench.stage(sales, stores)
