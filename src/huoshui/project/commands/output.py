"""How commands speak: progress and remarks on stderr, answers on stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

say = Console(stderr=True, highlight=False)
# Read by a program, a table is as wide as it needs to be.
out = Console(highlight=False, width=None if sys.stdout.isatty() else 400)


def print_json(value: Any) -> None:
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write("\n")


def print_new_key(prefix: str, token: str, *, as_json: bool) -> None:
    """A key is shown once, when it is made."""
    if as_json:
        print_json({"prefix": prefix, "token": token})
        return
    say.print("请马上保存，它不会再显示：")
    print(token)


def print_table(headers: Sequence[str], rows: Sequence[Sequence[Any]], *, right: Sequence[bool]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for header, is_right in zip(headers, right, strict=True):
        table.add_column(header, justify="right" if is_right else "left")
    for row in rows:
        table.add_row(*("" if cell is None else str(cell) for cell in row))
    out.print(table)


class Bar:
    """One line of work: what it is, how far, how fast, how long still."""

    def __init__(self, progress: Progress, title: str) -> None:
        self._progress = progress
        self._task = progress.add_task(title, total=None, rate="")

    def at(self, done: float, total: float, *, rate: float = 0.0, title: str | None = None) -> None:
        shown = f"{rate:,.0f} 行/秒" if rate else ""
        self._progress.update(self._task, completed=done, total=total or None, rate=shown)
        if title:
            self._progress.update(self._task, description=title)

    def finish(self, title: str) -> None:
        self._progress.update(self._task, description=title, completed=1, total=1, rate="")


@contextmanager
def bars() -> Iterator[Progress]:
    with Progress(
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=28),
        TaskProgressColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        TextColumn("剩"),
        TimeRemainingColumn(),
        console=say,
        refresh_per_second=4,
    ) as progress:
        yield progress
