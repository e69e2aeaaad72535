"""What a file really is, told by its first bytes and not by its name, and made ready for DuckDB."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from huoshui.intake.files import xlsx
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
    if start.startswith((_ZIP, _OLE)):
        target = staging / f"{file_no}.sheet.csv"
        read = xlsx.to_csv(path, target, sheet=sheet, old_format=start.startswith(_OLE))
        decoded = decode(target, staging)
        return Source(file_no, path.name, decoded.path, "text", decoded.lines, read.uncomputed)
    for mark, message in _OTHERS.items():
        if start.startswith(mark):
            raise NotATable(message)
    if _is_markup(start):
        raise NotATable("这个文件其实是网页表格。请在 Excel 里打开，另存为 .xlsx 后再导入。")
    decoded = decode(path, staging, name=f"{file_no}.utf8.csv")
    return Source(file_no, path.name, decoded.path, "text", decoded.lines)


def _is_markup(start: bytes) -> bool:
    head = start.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return head.startswith((b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta", b"<style"))
