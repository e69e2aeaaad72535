"""Bytes to UTF-8, strictly and in a fixed order: UTF-8, UTF-16 with its mark, GB18030; else the file is refused.

UTF-8 comes first because its bytes may also pass as GB18030, while real GB18030 text never passes as UTF-8. Nothing
is replaced or skipped: a file that fits none is refused with the line where it stops fitting.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from huoshui.intake.files.errors import EmptyFile, MixedEncodings, NulBytes, UnknownEncoding

_CHUNK = 4 << 20
_OVERLAP = 64
# Four Chinese characters in a row, in UTF-8: each a lead byte (L) and two that continue (C). Random GB18030 text looks
# like this about once in 10¹¹ characters. Bytes are put into these classes first, for a plain find is ten times as
# fast as a pattern.
_CLASSES = bytes(
    ord("L") if 0xE3 <= byte <= 0xE9 or byte == 0xEF else ord("C") if 0x80 <= byte <= 0xBF else ord(".")
    for byte in range(256)
)
_UTF8_RUN = b"LCC" * 4


@dataclass(frozen=True)
class Decoded:
    """A UTF-8 file: the original when it was one already, else a copy in the staging folder."""

    path: Path
    encoding: str
    lines: int
    """Physical lines; blank ones at the very end do not count."""


def decode(path: Path, staging: Path, *, name: str = "decoded.csv") -> Decoded:
    """`name`: of the copy, when one is needed. Raises EmptyFile, NulBytes, MixedEncodings or UnknownEncoding."""
    with path.open("rb") as file:
        mark = file.read(3)
    if not mark:
        raise EmptyFile
    if mark[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return _transcode(path, staging / name, "utf-16")
    fault = _fault(path, "utf-8")
    if fault is None:
        return Decoded(path, "utf-8", _lines(path))
    if mark == codecs.BOM_UTF8:
        raise UnknownEncoding(
            f"文件开头写明是 UTF-8 编码，但第 {_line_of(path, fault)} 行不是。请在 Excel 里另存为「CSV UTF-8」后再导入。"
        )
    run = _utf8_run(path)
    if run is not None:
        raise MixedEncodings(
            f"文件里混着两种文字编码：第 {_line_of(path, run)} 行是 UTF-8，第 {_line_of(path, fault)} 行不是。"
            "请把几份文件分开导入，或在 Excel 里另存为「CSV UTF-8」。"
        )
    return _transcode(path, staging / name, "gb18030")


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def _fault(path: Path, encoding: str) -> int | None:
    """Offset of the first byte that does not fit, or None. NUL bytes are refused on the way."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    offset = 0
    for chunk in _chunks(path):
        if (nul := chunk.find(b"\0")) >= 0:
            raise _nul(path, offset + nul)
        held = len(decoder.getstate()[0])
        try:
            if held or not chunk.isascii():
                decoder.decode(chunk)
        except UnicodeDecodeError as error:
            return offset - held + error.start
        offset += len(chunk)
    held = len(decoder.getstate()[0])
    return offset - held if held else None


def _transcode(path: Path, target: Path, encoding: str) -> Decoded:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    offset = 0
    with target.open("wb") as out:
        for chunk in _with_end(path):
            held = len(decoder.getstate()[0])
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                raise _unknown(path, offset - held + error.start) from error
            if "\0" in text:
                raise _nul(path, offset)
            out.write(text.encode("utf-8"))
            offset += len(chunk)
    return Decoded(target, encoding, _lines(target))


def _with_end(path: Path) -> Iterator[bytes]:
    yield from _chunks(path)
    yield b""


def _utf8_run(path: Path) -> int | None:
    """Offset of text that is surely UTF-8, though the file as a whole is not."""
    offset, tail = 0, b""
    for chunk in _chunks(path):
        found = (tail + chunk).translate(_CLASSES).find(_UTF8_RUN)
        if found >= 0:
            return offset - len(tail) + found
        offset += len(chunk)
        tail = (tail + chunk)[-_OVERLAP:]
    return None


def _lines(path: Path) -> int:
    feeds = returns = size = 0
    tail = b""
    for chunk in _chunks(path):
        feeds += chunk.count(b"\n")
        returns += chunk.count(b"\r") if not feeds else 0
        size += len(chunk)
        tail = (tail + chunk)[-_OVERLAP:]
    end = b"\n" if feeds else b"\r"
    blank = len(tail) - len(tail.rstrip(b"\r\n"))
    closing = tail[len(tail) - blank :].count(end)
    return (feeds or returns) - closing + 1


def _line_of(path: Path, offset: int) -> int:
    feeds = returns = seen = 0
    for chunk in _chunks(path):
        part = chunk[: offset - seen]
        feeds += part.count(b"\n")
        returns += part.count(b"\r")
        seen += len(chunk)
        if seen >= offset:
            break
    return (feeds or returns) + 1


def _nul(path: Path, offset: int) -> NulBytes:
    return NulBytes(
        f"第 {_line_of(path, offset)} 行有空字节：文件可能没有下载完整，或不是文本表格。"
        "请重新导出，或在 Excel 里另存为「CSV UTF-8」。"
    )


def _unknown(path: Path, offset: int) -> UnknownEncoding:
    return UnknownEncoding(
        f"第 {_line_of(path, offset)} 行（第 {offset + 1} 个字节）的文字编码认不出来，既不是 UTF-8 也不是 GB18030。"
        "请在 Excel 里另存为「CSV UTF-8」后再导入。"
    )
