"""Files that mean harm, or do it unasked. Each is refused with words, or costs no more than its bad rows."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from huoshui.intake.files import xlsx, xlsx_child, xlsx_guard
from huoshui.intake.files.errors import (
    BrokenQuotes,
    EmptyFile,
    FileRefused,
    FileTooLarge,
    MixedEncodings,
    NotATable,
    NulBytes,
    UnknownEncoding,
    WorkbookLocked,
    WorkbookUnreadable,
    WorkbookUnsafe,
)
from huoshui.intake.files.tests.bench import SALES, Bench, ask, problems

ROW = "A1,2025-03-08,S1,M1,P1,1,9.90"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def workbook(rows: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_sheet(xml: bytes | list[bytes]) -> bytes:
    """A workbook whose only sheet is this XML; a list is written piece by piece."""
    source = zipfile.ZipFile(io.BytesIO(workbook([["x"]])))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in source.infolist():
            if entry.filename != "xl/worksheets/sheet1.xml":
                archive.writestr(entry.filename, source.read(entry))
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for piece in [xml] if isinstance(xml, bytes) else xml:
                sheet.write(piece)
    return out.getvalue()


def sheet_of(cells: str, dimension: str = "A1:B2") -> bytes:
    return (
        f'<worksheet xmlns="{_MAIN}"><dimension ref="{dimension}"/><sheetData>{cells}</sheetData></worksheet>'
    ).encode()


def sales_cells() -> list[list[Any]]:
    return [SALES.split(","), *[cell.split(",") for cell in (ROW, ROW.replace("A1", "A2"))]]


class TestText:
    @pytest.mark.parametrize("content", [b"", b"\n\n\n", b"\xef\xbb\xbf", b" \r\n"])
    def test_an_empty_file(self, bench: Bench, content: bytes) -> None:
        with pytest.raises(EmptyFile):
            bench.text(content)

    def test_a_header_and_nothing_else_is_an_empty_import(self, bench: Bench) -> None:
        assert bench.text(SALES).counts["orders"] == 0

    def test_nul_bytes(self, bench: Bench) -> None:
        with pytest.raises(NulBytes, match="第 3 行"):
            bench.text(f"{SALES}\n{ROW}\nA2,2025-03-08,S\0,M1,P1,1,9\n")

    def test_nul_characters_in_utf16(self, bench: Bench) -> None:
        with pytest.raises(NulBytes):
            bench.text(f"{SALES}\nA\0".encode("utf-16"))

    def test_mixed_encodings(self, bench: Bench) -> None:
        content = f"{SALES},商品名称\n{ROW},每日坚果\n".encode() + f"{ROW},夏威夷果\n".encode("gb18030")
        with pytest.raises(MixedEncodings, match="第 1 行是 UTF-8，第 3 行不是"):
            bench.text(content)

    def test_mixed_encodings_the_other_way_round(self, bench: Bench) -> None:
        content = f"{SALES},商品名称\n{ROW},每日坚果\n".encode("gb18030") + f"{ROW},夏威夷果\n".encode()
        with pytest.raises(MixedEncodings, match="第 3 行是 UTF-8，第 1 行不是"):
            bench.text(content)

    def test_an_encoding_that_fits_none(self, bench: Bench) -> None:
        with pytest.raises(UnknownEncoding, match="第 2 行"):
            bench.text(SALES.encode("gb18030") + b"\nA1,\xff\xff,S1\n")

    def test_a_mark_that_lies(self, bench: Bench) -> None:
        with pytest.raises(UnknownEncoding, match="写明是 UTF-8"):
            bench.text(b"\xef\xbb\xbf" + SALES.encode("gb18030"))

    def test_a_quote_that_never_ends(self, bench: Bench) -> None:
        with pytest.raises(BrokenQuotes, match="第 2 行"):
            bench.text(f'{SALES}\n"{ROW}\n' + f"{ROW}\n" * 80_000)

    def test_a_million_columns(self, bench: Bench) -> None:
        with pytest.raises(FileTooLarge, match="列"):
            bench.text(",".join(f"c{n}" for n in range(100_000)) + "\n1,2\n")

    @pytest.mark.parametrize(
        "start", [b"%PDF-1.7", b"\x1f\x8b\x08", b"\x89PNG\r\n", b"<html><table></table>", b"<?xml version"]
    )
    def test_no_table_at_all(self, bench: Bench, start: bytes) -> None:
        with pytest.raises(NotATable):
            bench.text(start + b"rest")

    def test_the_file_is_named_when_there_are_several(self, bench: Bench) -> None:
        good = bench.write(f"{SALES}\n{ROW}\n", "三月.csv")
        bad = bench.write(b"", "四月.csv")
        with pytest.raises(EmptyFile, match=r"四月\.csv"):
            bench.stage(good, bad)

    def test_a_name_is_never_sql(self, bench: Bench) -> None:
        path = bench.write(f"{SALES},'); drop table x; --\n{ROW},a\n".replace("S1", "S'1"), "三'月\".csv")
        staged = bench.stage(path)

        assert ask(staged, "select store_code from orders") == [("S'1",)]

    def test_names_of_customers_columns_are_never_sql(self, bench: Bench) -> None:
        staged = bench.text('会员卡号,"it\'s ""x""",{},a.b\nM1,1,2,3\n')

        assert ask(staged, "select attributes from people") == [({"a.b": "3", 'it\'s "x"': "1", "{}": "2"},)]


class TestWorkbooks:
    def test_one_that_inflates_without_end(self, bench: Bench) -> None:
        bomb = with_sheet([b"<x>"] + [b"\0" * (1 << 20)] * 200)
        assert len(bomb) < 1 << 20

        with pytest.raises(WorkbookUnsafe):
            bench.stage(bench.write(bomb, "炸弹.xlsx"))

    def test_one_whose_headers_lie_about_its_size(self, bench: Bench) -> None:
        content = bytearray(with_sheet(sheet_of("<row/>") + b" " * 100_000))
        name = b"xl/worksheets/sheet1.xml"
        central = content.rfind(b"PK\x01\x02", 0, content.rfind(name))
        struct.pack_into("<I", content, central + 24, 1_000)

        with pytest.raises(WorkbookUnsafe):
            bench.stage(bench.write(bytes(content), "谎话.xlsx"))

    def test_one_of_too_many_parts(self, bench: Bench) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for number in range(3_000):
                archive.writestr(f"xl/{number}", b"")
        with pytest.raises(WorkbookUnsafe, match="3000 个部件"):
            bench.stage(bench.write(out.getvalue(), "碎片.xlsx"))

    def test_a_cell_at_the_far_corner(self, bench: Bench) -> None:
        content = with_sheet(
            sheet_of(
                '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
            )
        )
        with pytest.raises(WorkbookUnsafe, match="XFD1048576"):
            bench.stage(bench.write(content, "远.xlsx"))

    def test_a_million_columns(self, bench: Bench) -> None:
        cells = "".join(f'<c r="{column_name(n)}1"><v>1</v></c>' for n in range(1, 1_000_001))
        with pytest.raises(WorkbookUnsafe, match="最多能读 2000 列"):
            bench.stage(bench.write(with_sheet(sheet_of(f'<row r="1">{cells}</row>')), "宽.xlsx"))

    def test_a_million_columns_without_references(self, bench: Bench) -> None:
        content = with_sheet(sheet_of("<row>" + "<c><v>1</v></c>" * 1_000_000 + "</row>"))
        with pytest.raises(FileRefused):
            bench.stage(bench.write(content, "宽.xlsx"))

    def test_a_declared_size_beyond_any_sheet(self, bench: Bench) -> None:
        with pytest.raises(WorkbookUnsafe):
            bench.stage(bench.write(with_sheet(sheet_of("<row/>", "A1:ZZZZ99999999")), "假.xlsx"))

    def test_a_wrong_declared_size_is_not_believed(self, bench: Bench) -> None:
        book = openpyxl.load_workbook(io.BytesIO(workbook(sales_cells())))
        out = io.BytesIO()
        book.save(out)
        content = out.getvalue()
        source = zipfile.ZipFile(io.BytesIO(content))
        xml = source.read("xl/worksheets/sheet1.xml").replace(b'ref="A1:G3"', b'ref="A1:XFD1048576"')
        assert b"XFD1048576" in xml

        staged = bench.stage(bench.write(with_sheet(xml), "宽.xlsx"))
        assert staged.counts["orders"] == 2

    def test_no_workbook_inside(self, bench: Bench) -> None:
        for content in (b"PK\x03\x04 nothing", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600):
            with pytest.raises(FileRefused):
                bench.stage(bench.write(content, "坏.xlsx"))

    def test_one_with_a_password(self, bench: Bench) -> None:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("xl/workbook.xml", b"x")
        content = bytearray(out.getvalue())
        content[6] |= 1
        content[content.rfind(b"PK\x01\x02") + 8] |= 1
        with pytest.raises(WorkbookLocked):
            bench.stage(bench.write(bytes(content), "锁.xlsx"))

    def test_the_death_of_the_reader_is_an_answer(
        self, bench: Bench, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        dying = bench.folder / "dying.py"
        dying.write_text("import os, signal\nos.kill(os.getpid(), signal.SIGABRT)\n")
        monkeypatch.setattr(xlsx, "_CHILD", dying)
        with pytest.raises(WorkbookUnsafe, match="已经损坏"):
            bench.stage(bench.write(workbook(sales_cells()), "好.xlsx"))

    def test_a_reader_that_does_not_end_is_ended(self, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
        sleeping = bench.folder / "sleeping.py"
        sleeping.write_text("import time\ntime.sleep(60)\n")
        monkeypatch.setattr(xlsx, "_CHILD", sleeping)
        monkeypatch.setattr(xlsx, "_WALL_SECONDS", 0.5)
        with pytest.raises(WorkbookUnsafe, match="很久"):
            bench.stage(bench.write(workbook(sales_cells()), "慢.xlsx"))

    def test_the_reader_cannot_take_all_memory(self, bench: Bench) -> None:
        greedy = bench.folder / "greedy.py"
        child = Path(xlsx_child.__file__)
        greedy.write_text(
            child.read_text(encoding="utf-8").replace(
                "    try:\n        answer = convert",
                "    bytearray(MEMORY)\n    try:\n        answer = convert",
            ),
            encoding="utf-8",
        )
        assert "bytearray(MEMORY)" in greedy.read_text(encoding="utf-8")
        command = [sys.executable, "-I", str(greedy), "a", "b", ""]
        done = subprocess.run(command, capture_output=True, check=False)

        assert done.returncode != 0
        assert b"MemoryError" in done.stderr

    def test_formulas_give_their_result_or_a_problem(self, bench: Bench) -> None:
        cells: list[list[Any]] = [
            SALES.split(","),
            ["A1", "2025-03-08", "S1", "M1", "P1", 1, "=1+2"],
            ["A2", "2025-03-08", "S1", "M1", "P1", 1, 9.9],
            ["A3", "2025-03-08", "S1", "M1", "P1", 1, 9.9, "=1+1"],
            ["合计", None, None, None, None, None, "=SUM(G2:G4)"],
        ]
        staged = bench.stage(bench.write(workbook(cells), "公式.xlsx"))

        assert problems(staged) == [(2, None, None, "formula")]
        assert "第 7 列是公式" in ask(staged, "select reason from problems")[0][0]
        assert ask(staged, "select order_key from orders order by 1") == [("A2",), ("A3",)]
        assert staged.counts["totals"] == 1

    def test_a_formula_whose_result_is_blank_is_blank(self, bench: Bench) -> None:
        cell = '<c r="C2" t="str"><f>IF(1,"","")</f><v></v></c>'
        rows = (
            '<row r="1"><c r="A1" t="inlineStr"><is><t>会员卡号</t></is></c><c r="C1" t="inlineStr"><is><t>姓名</t></is></c></row>'
            f'<row r="2"><c r="A2" t="inlineStr"><is><t>M1</t></is></c>{cell}</row>'
        )
        staged = bench.stage(bench.write(with_sheet(sheet_of(rows, "A1:C2")), "公式.xlsx"))

        assert ask(staged, "select card_no, name from people") == [("M1", None)]
        assert staged.problems == 0

    def test_formulas_with_results_are_read(self, bench: Bench) -> None:
        xml = zipfile.ZipFile(
            io.BytesIO(workbook([*sales_cells(), ["A3", "2025-03-08", "S1", "M1", "P1", 1, "=1+2"]]))
        ).read("xl/worksheets/sheet1.xml")
        computed = xml.replace(b"<f>1+2</f><v />", b"<f>1+2</f><v>3</v>").replace(
            b"<f>1+2</f><v></v>", b"<f>1+2</f><v>3</v>"
        )
        assert computed != xml

        staged = bench.stage(bench.write(with_sheet(computed), "公式.xlsx"))
        assert ask(staged, "select amount from orders where order_key = 'A3'") == [(300,)]
        assert staged.problems == 0


def column_name(number: int) -> str:
    name = ""
    while number:
        number, letter = divmod(number - 1, 26)
        name = chr(65 + letter) + name
    return name


def test_column_numbers() -> None:
    assert [xlsx_guard.number(name.encode()) for name in ("A", "Z", "AA", "XFD")] == [1, 26, 27, 16384]
    assert column_name(16384) == "XFD"


def test_an_old_binary_workbook_that_is_none(bench: Bench) -> None:
    with pytest.raises((WorkbookUnreadable, WorkbookUnsafe, WorkbookLocked)):
        bench.stage(bench.write(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(256)) * 8, "旧.xls"))
