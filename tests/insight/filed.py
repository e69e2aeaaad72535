"""Small lakes as Parquet files, shown by an installation's own engine as it shows the lake's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from huoshui.insight.rules.tests.fixture import NAMES, Rows, SmallEngine
from huoshui.lake.api import arrow_schema
from huoshui.lake.engines import views
from huoshui.lake.engines.base import Shelf


@dataclass(frozen=True)
class _Asked:
    engine: views.ViewEngine

    def to_pyarrow(self, expr: Any) -> pa.Table:
        return self.engine.run(expr)


def lakes_in(folder: Path) -> Callable[[views.ViewEngine, Rows], SmallEngine]:
    """Lakes whose tables each lie in two files of this folder."""
    numbers = count()

    def made(engine: views.ViewEngine, rows: Rows) -> SmallEngine:
        shelves = {}
        for name in NAMES:
            whole = pa.Table.from_pylist([dict(r) for r in rows.get(name, ())], schema=arrow_schema(name))
            files = []
            for half in (whole[: len(whole) // 2], whole[len(whole) // 2 :]):
                files.append(folder / f"{next(numbers)}.parquet")
                pq.write_table(half, files[-1])
            shelves[name] = Shelf(name, 1, tuple(map(str, files)))
        relations = {name: engine._show(shelf) for name, shelf in shelves.items()}
        relations |= engine._show_persons(shelves, relations)
        return SmallEngine(_Asked(engine), views._tables(relations))

    return made
