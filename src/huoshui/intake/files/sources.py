"""What a file really is, told by its first bytes and not by its name, and made ready for DuckDB."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from huoshui.intake.files import archive, backticks, markup, xlsx
from huoshui.intake.files.decode import decode
from huoshui.intake.files.errors import EmptyFile, NotATable
from huoshui.intake.files.types import Source

_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PARQUET: Final = b"PAR1"
_OTHERS: Final = {
    b"%PDF": "这是 PDF 文件。请从原系统导出 Excel 或 CSV。",
    b"\x1f\x8b": "这是压缩文件。请先解压，再导入里面的表格。",
    b"Rar!": "这是压缩文件。请先解压，再导入里面的表格。",
    b"7z\xbc\xaf": "这是压缩文件。请先解压，再导入里面的表格。",
    b"\x89PNG": "这是图片。请从原系统导出 Excel 或 CSV。",
    b"\xff\xd8\xff": "这是图片。请从原系统导出 Excel 或 CSV。",
}


def prepare(path: Path, file_no: int, staging: Path, *, sheet: str = "") -> Source:
    """Raises FileRefused."""
    with path.open("rb") as file:
        start = file.read(2048)
    if not start:
        raise EmptyFile
    if start.startswith(_PARQUET):
        return Source(file_no, path.name, path, "parquet")
    if start.startswith(_ZIP) and not archive.is_workbook(path):
        table = staging / f"{file_no}.zip.csv"
        archive.take_table(path, table)
        return _text(table, path.name, file_no, staging)
    if start.startswith((_ZIP, _OLE)):
        target = staging / f"{file_no}.sheet.csv"
        read = xlsx.to_csv(path, target, sheet=sheet, old_format=start.startswith(_OLE))
        decoded = decode(target, staging)
        return Source(file_no, path.name, decoded.path, "text", decoded.lines, read.uncomputed)
    for mark, message in _OTHERS.items():
        if start.startswith(mark):
            raise NotATable(message)
    if _is_markup(start):
        return _page(path, file_no, staging)
    return _text(path, path.name, file_no, staging)


def _text(path: Path, name: str, file_no: int, staging: Path) -> Source:
    decoded = decode(path, staging, name=f"{file_no}.utf8.csv")
    if backticks.is_so(decoded.path):
        plain = staging / f"{file_no}.bill.csv"
        backticks.to_csv(decoded.path, plain)
        return Source(file_no, name, plain, "text", decoded.lines)
    return Source(file_no, name, decoded.path, "text", decoded.lines)


def _page(path: Path, file_no: int, staging: Path) -> Source:
    decoded = decode(path, staging, name=f"{file_no}.page.html")
    table = staging / f"{file_no}.page.csv"
    markup.to_csv(decoded.path, table)
    again = decode(table, staging, name=f"{file_no}.utf8.csv")
    return Source(file_no, path.name, again.path, "text", again.lines)


def _is_markup(start: bytes) -> bool:
    head = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return head.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<style"))
