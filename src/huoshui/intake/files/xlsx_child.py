"""Run as a process of its own: one sheet to CSV, within hard limits. It imports nothing of ours and may die.

Arguments: workbook, target CSV, sheet name or ''. Prints one line of JSON.
"""

from __future__ import annotations

import csv
import datetime
import json
import resource
import sys
from pathlib import Path
from typing import Any

MEMORY = 1 << 30
CPU_SECONDS = 120
OUTPUT = 2 << 30
WIDEST = 2_000

_LAST_EXACT = 10**15


def text(cell: Any) -> str:
    """As a person reads it in the cell. A number that a float no longer holds exactly ends in '.0', for the cleaning
    to see; every shorter one is written out, without exponent.
    """
    if isinstance(cell, str):
        return cell.replace("\r\n", " ").replace("\n", " ").replace("\r", " ").replace("\0", "")
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        if cell.is_integer():
            return str(int(cell)) if abs(cell) < _LAST_EXACT else f"{cell:.1f}"
        return repr(cell)
    if isinstance(cell, datetime.datetime):
        return cell.isoformat(" ", "seconds")
    if isinstance(cell, datetime.timedelta):
        seconds = round(cell.total_seconds())
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return str(cell)


def convert(source: str, target: str, wanted: str) -> dict[str, Any]:
    from python_calamine import CalamineWorkbook, SheetVisibleEnum

    with CalamineWorkbook.from_path(source) as book:
        names = [sheet.name for sheet in book.sheets_metadata if sheet.visible == SheetVisibleEnum.Visible]
        for name in [wanted] if wanted else names or book.sheet_names:
            sheet = book.get_sheet_by_name(name)
            if sheet.height == 0:
                continue
            if sheet.width > WIDEST:
                return {"error": "too_wide", "columns": sheet.width}
            with Path(target).open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file, lineterminator="\n")
                writer.writerows([text(cell) for cell in row] for row in sheet.iter_rows())
            return {"sheet": name, "first_column": (sheet.start or (0, 0))[1]}
        return {"error": "empty"}


def main(source: str, target: str, wanted: str) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT, OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from python_calamine import CalamineError, PasswordError, WorksheetNotFound

    try:
        answer = convert(source, target, wanted)
    except PasswordError:
        answer = {"error": "locked"}
    except WorksheetNotFound:
        answer = {"error": "no_sheet"}
    except CalamineError as error:
        answer = {"error": "unreadable", "detail": str(error)}
    print(json.dumps(answer))


if __name__ == "__main__":
    main(*sys.argv[1:4])
