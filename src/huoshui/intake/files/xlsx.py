"""A workbook to a UTF-8 CSV, by a child process that may die without taking anyone down."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from huoshui.intake.files import xlsx_guard
from huoshui.intake.files.errors import (
    EmptyFile,
    FileRefused,
    FileTooLarge,
    NotATable,
    WorkbookLocked,
    WorkbookUnreadable,
    WorkbookUnsafe,
)

_CHILD = Path(__file__).with_name("xlsx_child.py")
_WALL_SECONDS: Final = 180


@dataclass(frozen=True)
class Sheet:
    path: Path
    name: str
    uncomputed: tuple[tuple[int, int], ...]
    """(row number, position) of formulas without a result; calamine reads them as blank."""


def to_csv(path: Path, target: Path, *, sheet: str = "", old_format: bool = False) -> Sheet:
    """The first sheet that holds anything, unless one is named. Raises FileRefused."""
    book = None if old_format else xlsx_guard.check(path)
    answer = _run_child(path, target, sheet)
    if "error" in answer:
        raise _refusal(answer)
    first_column = int(answer["first_column"])
    facts = book.sheets.get(answer["sheet"]) if book else None
    uncomputed = tuple((row, column - 1 - first_column) for row, column in facts.uncomputed) if facts else ()
    return Sheet(target, answer["sheet"], uncomputed)


def _run_child(path: Path, target: Path, sheet: str) -> dict[str, Any]:
    command = [sys.executable, "-I", str(_CHILD), str(path), str(target), sheet]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_WALL_SECONDS, check=False)
    except subprocess.TimeoutExpired as error:
        raise WorkbookUnsafe(
            "这个 Excel 文件读了很久还没有读完，已停止。请把数据拆成几个文件再导入。"
        ) from error
    if done.returncode != 0:
        raise WorkbookUnsafe(
            "这个 Excel 文件太大或已经损坏，没能读完。请把数据复制到新工作簿里，另存后再导入。"
        )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _refusal(answer: dict[str, Any]) -> FileRefused:
    match answer["error"]:
        case "locked":
            return WorkbookLocked()
        case "empty":
            return EmptyFile()
        case "no_sheet":
            return NotATable("文件里没有这张工作表。请核对工作表的名字。")
        case "too_wide":
            return FileTooLarge(
                f"表格有 {answer['columns']} 列，最多能读 2000 列。请删掉多余的列，另存后再导入。"
            )
        case _:
            return WorkbookUnreadable()
