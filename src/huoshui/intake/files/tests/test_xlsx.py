"""Workbooks that mean well."""

from __future__ import annotations

import datetime
import io
from typing import Any

import openpyxl
import pytest

from huoshui.intake.files.errors import EmptyFile, NotATable
from huoshui.intake.files.tests.bench import SALES, Bench, ask, tables


def book_of(**sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_cells_come_as_a_person_reads_them(bench: Bench) -> None:
    rows: list[list[Any]] = [
        ["会员卡号", "手机号", "生日", "入会时间", "备注", "消费金额", "有效"],
        [
            123456789012345,
            13800138000,
            datetime.date(1992, 5, 20),
            datetime.datetime(2023, 8, 1, 10, 30),
            "一行\n两行",
            0.5,
            True,
        ],
    ]
    staged = bench.stage(bench.write(book_of(顾客=rows), "顾客.xlsx"))

    assert ask(staged, "select card_no, phone, birthday, joined_at from people") == [
        (
            "123456789012345",
            "+8613800138000",
            datetime.date(1992, 5, 20),
            datetime.datetime(2023, 8, 1, 10, 30),
        )
    ]
    assert ask(staged, "select attributes from people") == [
        ({"备注": "一行 两行", "有效": "TRUE", "消费金额": "0.5"},)
    ]


def test_an_id_that_a_number_cannot_hold_is_set_aside(bench: Bench) -> None:
    rows: list[list[Any]] = [SALES.split(","), [4200000000000001234, "2025-03-08", "S1", "M1", "P1", 1, 9.9]]
    staged = bench.stage(bench.write(book_of(销售=rows), "销售.xlsx"))

    assert ask(staged, "select code from problems") == [("damaged",)]


def test_a_workbook_and_a_text_file_give_the_same_tables(bench: Bench) -> None:
    rows: list[list[Any]] = [
        ["A1", datetime.datetime(2025, 3, 8, 14, 30), "S1", "M1", "P1", 2, 19.8],
        ["A2", 45725, "S1", None, "P1", 1, 5],
    ]
    staged = bench.stage(bench.write(book_of(销售=[SALES.split(","), *rows]), "销售.xlsx"))

    assert tables(staged) == tables(
        bench.sales("A1,2025-03-08 14:30:00,S1,M1,P1,2,19.8", "A2,2025-03-09,S1,,P1,1,5")
    )


def test_rows_keep_the_numbers_of_the_sheet(bench: Bench) -> None:
    rows: list[list[Any]] = [
        ["销售明细"],
        [],
        [None, *SALES.split(",")],
        [],
        [None, "A1", "坏", "S1", "M1", "P1", 1, 9],
    ]
    staged = bench.stage(bench.write(book_of(销售=rows), "销售.xlsx"))

    assert ask(staged, "select row_no, column_name, value from problems") == [(5, "交易时间", "坏")]


def test_the_first_sheet_that_holds_anything_or_the_one_named(bench: Bench) -> None:
    content = book_of(
        空=[], 甲=[["门店编码", "门店名称"], ["S1", "甲店"]], 乙=[["门店编码", "门店名称"], ["S2", "乙店"]]
    )
    path = bench.write(content, "门店.xlsx")

    assert ask(bench.stage(path), "select store_code from stores") == [("S1",)]
    assert ask(bench.stage(path, sheet="乙"), "select store_code from stores") == [("S2",)]
    with pytest.raises(NotATable, match="没有这张工作表"):
        bench.stage(path, sheet="丙")
    with pytest.raises(EmptyFile):
        bench.stage(bench.write(book_of(空=[]), "空.xlsx"))


def test_parquet(bench: Bench) -> None:
    import duckdb

    path = bench.folder / "销售.parquet"
    duckdb.sql(
        f"""copy (select 31198570044::bigint as "销售单号", timestamp '2025-03-08 14:30:00' as "交易时间", 330 as "门店编码",
            900 as "会员卡号", 'P1' as "商品编码", 1.0::double as "数量", 0.1::double + 0.2::double as "实付金额")
        to '{path}' (format parquet)"""
    )
    staged = bench.stage(path)

    assert tables(staged) == tables(bench.sales("31198570044,2025-03-08 14:30:00,330,900,P1,1,0.30"))
