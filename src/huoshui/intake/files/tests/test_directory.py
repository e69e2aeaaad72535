"""Customers, products and stores: one row each."""

from __future__ import annotations

import datetime

import pytest

from huoshui.intake.files.tests.bench import Bench, ask, problems, tables

PEOPLE = "会员卡号,手机号,姓名,性别,生日,入会时间,会员等级,年龄段,家庭年收入,宠物"


def test_people(bench: Bench) -> None:
    staged = bench.text(
        f"{PEOPLE}\nM1,138 0013 8000,林小雨,女,1992/5/20,2023-08-01 10:00,金卡,25-34,20-30 万,猫\n"
        ",13900139000,,男,,,,,,\n"
    )

    assert staged.kind == "people"
    assert ask(
        staged,
        "select row_no, card_no, phone, name, gender, birthday, joined_at, level, client_key from people",
    ) == [
        (
            2,
            "M1",
            "+8613800138000",
            "林小雨",
            "女",
            datetime.date(1992, 5, 20),
            datetime.datetime(2023, 8, 1, 10),
            "金卡",
            "card_no:M1",
        ),
        (3, None, "+8613900139000", None, "男", None, None, None, "phone:+8613900139000"),
    ]
    assert ask(staged, "select attributes from people") == [
        ({"age_band": "25-34", "income_band": "20-30 万", "宠物": "猫"},),
        (None,),
    ]


def test_where_somebody_lives_goes_by_the_name_that_rules_measure_distances_from(bench: Bench) -> None:
    staged = bench.text("会员卡号,纬度,经度\nM1,31.2304,121.4737\n")
    assert ask(staged, "select attributes from people") == [
        ({"latitude": "31.2304", "longitude": "121.4737"},)
    ]


def test_the_order_of_columns_does_not_change_the_hash(bench: Bench) -> None:
    one = bench.text("会员卡号,宠物,年龄段\nM1,猫,25-34\n")
    other = bench.text("年龄段,会员卡号,血型,宠物\n25-34,M1,,猫\n")

    assert ask(one, "select content_hash from people") == ask(other, "select content_hash from people")


def test_a_customer_needs_something_to_be_known_by(bench: Bench) -> None:
    staged = bench.text(
        "会员卡号,手机号,姓名\n,,林小雨\nM1,12345,王芳\n,138****8888,李静\n,1.38E+10,赵敏\n0,,孙丽\n"
    )

    assert ask(staged, "select row_no, card_no, phone from people") == [(3, "M1", None)]
    assert problems(staged) == [
        (2, None, None, "no_identifier"),
        (3, "手机号", "12345", "invalid_phone"),
        (4, None, None, "no_identifier"),
        (5, "手机号", "1.38E+10", "damaged"),
        (6, None, None, "no_identifier"),
    ]
    remedy = ask(staged, "select reason, remedy from problems where code = 'damaged'")[0]
    assert "科学计数法" in remedy[0]
    assert "手机号" in remedy[1] and "文本" in remedy[1]


def test_a_later_word_about_a_customer_is_kept_and_the_same_word_is_not(bench: Bench) -> None:
    staged = bench.text("会员卡号,会员等级\nM1,银卡\nM1,银卡\nM1,金卡\n")

    assert ask(staged, "select row_no, level from people") == [(2, "银卡"), (4, "金卡")]
    assert staged.counts["repeated"] == 1


def test_files_with_different_attributes_go_together(bench: Bench) -> None:
    one = bench.write("会员卡号,宠物\nM1,猫\n", "一.csv")
    other = bench.write("会员卡号,血型\nM2,A\n", "二.csv")

    assert ask(bench.stage(one, other), "select card_no, attributes from people") == [
        ("M1", {"宠物": "猫", "血型": None}),
        ("M2", {"宠物": None, "血型": "A"}),
    ]


def test_duplicate_headers_are_told_apart_by_place(bench: Bench) -> None:
    staged = bench.text("会员卡号,分销员,分销员,\nM1,张,李,王\n")

    assert staged.headers == ("会员卡号", "分销员", "分销员#2")
    assert problems(staged) == [(2, None, "王", "long_row")]

    kept = bench.text("会员卡号,分销员,分销员,\nM1,张,李,\n")
    assert ask(kept, "select attributes from people") == [({"分销员": "张", "分销员#2": "李"},)]


@pytest.mark.parametrize(
    ("header", "cells", "levels"),
    [
        ("大类,中类,小类", "食品,坚果/果干,", ("食品", "坚果/果干", None, None)),
        ("分类", "食品 > 坚果>混合", ("食品", "坚果", "混合", None)),
        ("分类", "/食品/坚果/混合/小包/红", ("食品", "坚果", "混合", "小包/红")),
        ("分类", "", (None, None, None, None)),
    ],
)
def test_product_categories(bench: Bench, header: str, cells: str, levels: tuple[str | None, ...]) -> None:
    staged = bench.text(
        f"商品编码,商品名称,品牌,零售价,上市日期,{header}\nP1,坚果,粟屿,¥89.00,2025年4月18日,{cells}\n"
    )

    assert ask(staged, "select category_1, category_2, category_3, category_4 from products") == [levels]
    assert ask(staged, "select sku_code, name, brand, list_price, launch_date from products") == [
        ("P1", "坚果", "粟屿", 8900, datetime.date(2025, 4, 18))
    ]


def test_a_code_names_one_product(bench: Bench) -> None:
    staged = bench.text("商品编码,商品名称\nP1,坚果\nP1,坚果\nP1,果干\n,无名\nP2,\n")

    assert ask(staged, "select sku_code, name from products") == [("P1", "坚果")]
    assert problems(staged) == [
        (4, "商品编码", "P1", "duplicate_key"),
        (5, "商品编码", None, "missing"),
        (6, "商品名称", None, "missing"),
    ]
    assert staged.counts["repeated"] == 1


def test_stores(bench: Bench) -> None:
    staged = bench.text(
        "门店编码,门店名称,大区,经销商,城市,开业日期,面积\nS1,稻香路店,华东,杭州粟谷雨商贸,杭州,2021-06-18,80.5\n"
    )

    assert ask(staged, "select store_code, name, region, dealer, city, opened_on, area_sqm from stores") == [
        ("S1", "稻香路店", "华东", "杭州粟谷雨商贸", "杭州", datetime.date(2021, 6, 18), 80.5)
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_any_encoding_gives_the_same_customers(bench: Bench, encoding: str) -> None:
    text = f"{PEOPLE}\nM1,13800138000,林小雨龘,女,1992/5/20,2023-08-01,金卡,25-34,20-30 万,猫\n"

    assert tables(bench.text(text.encode(encoding))) == tables(bench.text(text))
