"""A web page's table under a workbook's name, as some back-ends export: its first table to CSV."""

from __future__ import annotations

import csv
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

from huoshui.intake.files.errors import FileTooLarge, NotATable

_LARGEST: Final = 256 << 20
_WIDEST: Final = 2_000
_CHUNK: Final = 1 << 20


class _Table(HTMLParser):
    """Writes each row as it ends; what stands outside cells is not looked at. Only the first table with cells counts."""

    def __init__(self, writer: csv._writer) -> None:  # type: ignore[name-defined]  # csv names its writer nowhere else
        super().__init__(convert_charrefs=True)
        self._writer = writer
        self._row: list[str] = []
        self._cell: list[str] | None = None
        self._is_over = False
        self.rows = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("td", "th"):
            self._end_cell()
            if len(self._row) >= _WIDEST:
                raise FileTooLarge(f"第 {self.rows + 1} 行超过 {_WIDEST} 列。请删掉多余的列，另存后再导入。")
            self._cell = []
        elif tag == "tr":
            self._end_row()

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th"):
            self._end_cell()
        elif tag == "tr":
            self._end_row()
        elif tag == "table":
            self._end_row()
            self._is_over = self.rows > 0

    def handle_data(self, data: str) -> None:
        if self._cell is not None:
            self._cell.append(data)

    def close(self) -> None:
        super().close()
        self._end_row()

    def _end_cell(self) -> None:
        if self._cell is not None:
            self._row.append(" ".join("".join(self._cell).split()))
            self._cell = None

    def _end_row(self) -> None:
        self._end_cell()
        if self._row and not self._is_over:
            self._writer.writerow(self._row)
            self.rows += 1
        self._row = []


def to_csv(path: Path, target: Path) -> None:
    """`path` is UTF-8 by now. Raises NotATable for a page without a table, FileTooLarge."""
    if path.stat().st_size > _LARGEST:
        raise FileTooLarge
    with (
        path.open(encoding="utf-8-sig", newline="") as file,
        target.open("w", encoding="utf-8", newline="") as out,
    ):
        table = _Table(csv.writer(out, lineterminator="\n"))
        while chunk := file.read(_CHUNK):
            table.feed(chunk)
        table.close()
    if not table.rows:
        raise NotATable("这个文件其实是网页，里面没有表格。请从原系统重新导出 Excel 或 CSV。")
