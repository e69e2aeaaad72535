"""Is this workbook safe to parse? Its real sizes are measured by inflating it, not taken from what its headers claim.

A spreadsheet parser keeps a sheet as a dense grid, so one cell at the far corner asks for 17 thousand million cells,
and a file of a few kilobytes can inflate without end. Both are seen here, at the speed of inflating, before a parser is.
"""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Final

from huoshui.intake.files.errors import WorkbookLocked, WorkbookUnreadable, WorkbookUnsafe

_MOST_ENTRIES: Final = 2_000
_MOST_BYTES: Final = 1 << 30
_HIGHEST_RATIO: Final = 250
_RATIO_COUNTS_FROM: Final = 32 << 20
_WIDEST: Final = 2_000
_MOST_CELLS: Final = 40_000_000
_LAST_ROW, _LAST_COLUMN = 1_048_576, 16_384
_MOST_FLAWS: Final = 10_000
_CHUNK: Final = 1 << 20
_CARRY: Final = 1 << 16

_DIMENSION = re.compile(rb'<(?:\w+:)?dimension\s[^>]*?ref="(?:[A-Z]+[0-9]+:)?([A-Z]+)([0-9]+)"')
_CELL = re.compile(rb'<(?:\w+:)?c\s(?:[^>]*?\s)?r="([A-Z]+)([0-9]+)"')
_UNCOMPUTED = re.compile(
    rb"<(?:\w+:)?c(\s[^>]*)>\s*<(?:\w+:)?f(?:\s[^>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)"
    rb"\s*(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
_REFERENCE = re.compile(rb'\sr="([A-Z]+)([0-9]+)"')
_SHEET = re.compile(rb'<(?:\w+:)?sheet\s[^>]*?name="([^"]*)"[^>]*?r:id="([^"]*)"')
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\s[^>]*>")


@dataclass
class SheetFacts:
    rows: int = 0
    columns: int = 0
    uncomputed: list[tuple[int, int]] = field(default_factory=list)
    """(row number, column number from 1) of formulas that carry no result."""


@dataclass(frozen=True)
class Workbook:
    sheets: dict[str, SheetFacts]
    """By the name on the tab."""


def check(path: Path) -> Workbook:
    """Raises WorkbookUnreadable, WorkbookLocked or WorkbookUnsafe."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise WorkbookUnreadable from error
    if len(entries) > _MOST_ENTRIES:
        raise WorkbookUnsafe(
            f"这个 Excel 文件里有 {len(entries)} 个部件，不像正常的表格，已停止读取。请另存为新的 .xlsx 再导入。"
        )
    if any(entry.flag_bits & 1 for entry in entries):
        raise WorkbookLocked
    total, facts, small = 0, {}, {}
    for entry in entries:
        pieces = _inflate(path, entry, _MOST_BYTES - total)
        if entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml"):
            facts[entry.filename] = sheet = SheetFacts()
            total += _scan(pieces, sheet)
        elif entry.filename in ("xl/workbook.xml", "xl/_rels/workbook.xml.rels"):
            small[entry.filename] = b"".join(pieces)
            total += len(small[entry.filename])
        else:
            total += sum(len(piece) for piece in pieces)
    return Workbook(_by_name(facts, small))


def _inflate(path: Path, entry: zipfile.ZipInfo, allowance: int) -> Iterator[bytes]:
    """The entry's bytes as they really are; refused where they exceed the allowance, the ratio or their own header."""
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise WorkbookUnreadable
    engine = zlib.decompressobj(-15) if entry.compress_type == zipfile.ZIP_DEFLATED else None
    read = size = 0
    with path.open("rb") as file:
        file.seek(entry.header_offset)
        header = file.read(30)
        if len(header) < 30 or header[:4] != b"PK\x03\x04":
            raise WorkbookUnreadable
        name_length, extra_length = struct.unpack("<HH", header[26:30])
        file.seek(name_length + extra_length, 1)
        while read < entry.compress_size and not (engine and engine.eof):
            data = file.read(min(_CHUNK, entry.compress_size - read))
            if not data:
                raise WorkbookUnreadable
            read += len(data)
            for piece in _pieces(engine, data):
                size += len(piece)
                _insist(entry, size, read, allowance)
                yield piece
    if size != entry.file_size:
        raise WorkbookUnsafe


def _pieces(engine: zlib._Decompress | None, data: bytes) -> Iterator[bytes]:
    if engine is None:
        yield data
        return
    try:
        while data and not engine.eof:
            if piece := engine.decompress(data, _CHUNK):
                yield piece
            data = engine.unconsumed_tail
    except zlib.error as error:
        raise WorkbookUnreadable from error


def _insist(entry: zipfile.ZipInfo, size: int, read: int, allowance: int) -> None:
    if size > allowance:
        raise WorkbookUnsafe(
            f"这个 Excel 文件展开后超过 {_MOST_BYTES >> 30} GB，已停止读取。请把数据拆成几个文件再导入。"
        )
    if size > entry.file_size or (size > _RATIO_COUNTS_FROM and size > read * _HIGHEST_RATIO):
        raise WorkbookUnsafe


def _scan(pieces: Iterator[bytes], sheet: SheetFacts) -> int:
    """Size of the sheet's XML. It is cut after whole cells, so that none is missed between two pieces."""
    size, carry = 0, b""
    for piece in pieces:
        size += len(piece)
        window = carry + piece
        cut = max(window.rfind(b"c>") + 2, len(window) - _CARRY)
        _look(window[:cut], sheet)
        carry = window[cut:]
    _look(carry, sheet)
    return size


def _look(xml: bytes, sheet: SheetFacts) -> None:
    for column, row in _DIMENSION.findall(xml):
        if len(column) > 3 or number(column) > _LAST_COLUMN or int(row) > _LAST_ROW:
            raise _too_far(column, row)
    for column, row in _CELL.findall(xml):
        if len(column) > 3 or len(row) > 7:
            raise _too_far(column, row)
        sheet.columns = max(sheet.columns, number(column))
        sheet.rows = max(sheet.rows, int(row))
        if sheet.columns > _WIDEST or sheet.rows * sheet.columns > _MOST_CELLS:
            raise _too_far(column, row)
    if b"<f" in xml or b":f" in xml:
        sheet.uncomputed += _uncomputed(xml)
        del sheet.uncomputed[_MOST_FLAWS:]


def _uncomputed(xml: bytes) -> Iterator[tuple[int, int]]:
    """A formula of type text with an empty result has been computed: it says nothing, as it was meant to."""
    for attributes in _UNCOMPUTED.findall(xml):
        place = _REFERENCE.search(attributes)
        if place and b't="str"' not in attributes:
            yield int(place[2]), number(place[1])


def number(column: bytes) -> int:
    """b'A' → 1, b'XFD' → 16384."""
    value = 0
    for letter in column:
        value = value * 26 + letter - 64
    return value


def _too_far(column: bytes, row: bytes) -> WorkbookUnsafe:
    return WorkbookUnsafe(
        f"单元格 {column.decode()[:8]}{row.decode()[:8]} 太远：最多能读 {_WIDEST} 列、{_MOST_CELLS // 10_000} 万格。"
        "请删掉数据右边和下边的空白行列，另存后再导入。"
    )


def _by_name(facts: dict[str, SheetFacts], small: dict[str, bytes]) -> dict[str, SheetFacts]:
    targets = {}
    for relation in _RELATION.findall(small.get("xl/_rels/workbook.xml.rels", b"")):
        parts = dict(re.findall(rb'(Id|Target)="([^"]*)"', relation))
        targets[parts.get(b"Id")] = parts.get(b"Target", b"").decode("utf-8", "replace")
    names = {}
    for name, relation_id in _SHEET.findall(small.get("xl/workbook.xml", b"")):
        target = targets.get(relation_id, "")
        place = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
        if place in facts:
            names[unescape(name.decode("utf-8", "replace"))] = facts[place]
    return names
