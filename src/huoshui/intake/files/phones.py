"""Phone columns: each distinct odd number is judged once, by the rules of `core.phone`; plain mobiles never leave SQL."""

from __future__ import annotations

import re
from collections.abc import Sequence

import duckdb
import pyarrow as pa

from huoshui.core.phone import NotAPhone, normalise
from huoshui.intake.files.rows import Cell, Layout

_MASKED = re.compile(r"\*|##|\$\$|^1\d{2}[xX]{4}")
_EXTENSION = re.compile(r"(转|#|ext\.?|(?<=\d{11})-)\d{1,5}$", re.IGNORECASE)
_EXPONENT = re.compile(r"\d(\.\d+)?[eE]\+?\d+")
_FLOAT = re.compile(r"(\d{7,15})\.0+")


def judge(connection: duckdb.DuckDBPyConnection, layout: Layout) -> None:
    """Temp table `phones`: cell as written → number in E.164, or its fault: damaged, masked or invalid."""
    connection.execute("create temp table phones (written varchar, number varchar, fault varchar)")
    cells = [cell for cell in layout.cells if cell.field.type == "phone"]
    if not cells:
        return
    query = " union ".join(_odd_ones(cell) for cell in cells)
    odd = [row[0] for row in connection.execute(query).fetchall()]
    judged = [_judge(written) for written in odd]
    _insert(connection, odd, judged)


def _odd_ones(cell: Cell) -> str:
    return (
        f"select {cell.raw} as written from raw_{cell.file_no} "
        f"where {cell.raw} is not null and hs_mobile({cell.raw}) is null and hs_text({cell.raw}) is not null"
    )


def _judge(written: str) -> tuple[str | None, str | None]:
    text = re.sub(r"^=?\"(.*)\"$", r"\1", written.strip().strip("\u200b\ufeff")).lstrip("'`")
    if whole := _FLOAT.fullmatch(text):
        text = whole[1]
    if text in {"0", "无", "没有", "暂无", "未留", ""}:
        return None, None
    if _EXPONENT.fullmatch(text):
        return None, "damaged"
    if _MASKED.search(text) or _EXTENSION.search(text):
        return None, "masked"
    try:
        return normalise(text), None
    except NotAPhone:
        return None, "invalid"


def _insert(
    connection: duckdb.DuckDBPyConnection, odd: Sequence[str], judged: Sequence[tuple[str | None, str | None]]
) -> None:
    found = pa.table(
        {
            "written": pa.array(odd, pa.string()),
            "number": pa.array([number for number, _ in judged], pa.string()),
            "fault": pa.array([fault for _, fault in judged], pa.string()),
        }
    )
    connection.register("judged_phones", found)
    connection.execute("insert into phones select * from judged_phones")
    connection.unregister("judged_phones")
