"""A staging folder, and short ways to stage text and to look into what came out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb

from huoshui.intake.files.stage import stage
from huoshui.intake.files.types import Mapped, Staged

SALES = "销售单号,交易时间,门店编码,会员卡号,商品编码,数量,实付金额"


class Bench:
    """Stages files in a folder of its own each time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._runs = 0

    def write(self, content: str | bytes, name: str = "数据.csv") -> Path:
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    def stage(
        self, *files: Path, kind: str | None = None, mapping: Mapped | None = None, sheet: str = ""
    ) -> Staged:
        self._runs += 1
        return stage(
            files,
            kind=kind,
            mapping=mapping,
            workdir=self.folder / f"run{self._runs}",
            on_progress=lambda step, share: None,
            sheet=sheet,
        )

    def text(self, content: str | bytes, **said: Any) -> Staged:
        return self.stage(self.write(content), **said)

    def sales(self, *rows: str, header: str = SALES) -> Staged:
        return self.text("\n".join([header, *rows]) + "\n")


def ask(staged: Staged, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(staged.database), read_only=True) as connection:
        return connection.execute(query).fetchall()


def problems(staged: Staged) -> list[tuple[int, str | None, str | None, str]]:
    """(row number, column, value, code), in the order of the file."""
    return ask(
        staged,
        "select row_no, column_name, value, code from problems order by file_no, row_no, column_name, code",
    )


def tables(staged: Staged) -> dict[str, list[tuple[Any, ...]]]:
    names: Sequence[str] = ("orders", "lines") if staged.kind == "sales" else (staged.kind,)
    return {name: ask(staged, f"select * from {name} order by all") for name in names}
