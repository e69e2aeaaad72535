"""ClickHouse in this process: how a brand that has one sees that its SQL says what DuckDB says."""

from __future__ import annotations

import tempfile
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import ibis.expr.operations as ops
import pyarrow as pa
import pyarrow.parquet as pq
from django.conf import settings

from huoshui.lake import tables
from huoshui.lake.engines import clickhouse
from huoshui.lake.engines.base import EngineMissing, LakeUnreadable, Shelf, UnknownEngine
from huoshui.lake.engines.views import ViewEngine, persons_select

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Chdb:
    """A ClickHouse of its own, as if it were one connection to a server. One question at a time."""

    def __init__(self) -> None:
        try:
            import chdb  # type: ignore[import-not-found, unused-ignore]  # an extra
        except ImportError as error:
            raise EngineMissing from error
        self._connection: Any = chdb.connect(":memory:")
        self._lock = threading.RLock()
        for name, value in (clickhouse.SETTINGS | {"session_timezone": settings.HUOSHUI_ZONE}).items():
            self.execute(f"set {name} = {_quoted(str(value))}")

    def execute(self, statement: str) -> None:
        with self._lock:
            self._connection.query(statement)

    def to_pyarrow(self, expr: ir.Expr) -> pa.Table:
        asked = expr.as_table()
        with self._lock, self._given(asked):
            try:
                told = self._connection.query(clickhouse.sql_of(asked), "Arrow").bytes()
            except RuntimeError as error:
                if "FILE_DOESNT_EXIST" in str(error):
                    raise LakeUnreadable from error
                raise
        rows = pa.ipc.open_file(pa.BufferReader(told)).read_all()
        return rows.cast(asked.schema().to_pyarrow())

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def _given(self, asked: ir.Table) -> Iterator[None]:
        """Rows given in Python, as tables for the time of one question."""
        given = asked.op().find(ops.InMemoryTable)
        try:
            with tempfile.TemporaryDirectory(prefix="huoshui-chdb-") as folder:
                for number, op in enumerate(given):
                    file = Path(folder) / f"{number}.parquet"
                    pq.write_table(op.data.to_pyarrow(op.schema), file)
                    rows = f"file({_quoted(str(file))}, Parquet)"
                    self.execute(f'create table "{op.name}" engine = Memory as select * from {rows}')
            yield
        finally:
            for op in given:
                self.execute(f'drop table if exists "{op.name}"')


class ChdbEngine(ViewEngine):
    def __init__(self) -> None:
        super().__init__()
        if "://" in tables.warehouse() and not tables.warehouse().startswith("file://"):
            # a server reads an object store with keys of its own
            raise UnknownEngine
        self._chdb = Chdb()

    def run(self, expr: ir.Expr) -> pa.Table:
        return self._chdb.to_pyarrow(expr)

    def _show(self, shelf: Shelf) -> str:
        return self._view(shelf.name, rows_of(shelf))

    def _show_persons(self, shelves: Mapping[str, Shelf], relations: Mapping[str, str]) -> dict[str, str]:
        ids = " union ".join(
            f"select person_id from {relations[name]} where person_id is not null"
            for name in ("facts", "state_now")
        )
        return {"persons": self._view("persons", persons_select(f"({ids})", relations["state_now"]))}

    def _drop(self, name: str, relation: str) -> None:
        self._chdb.execute(f"drop view {relation}")

    def _new_name(self, name: str) -> str:
        """A process has one ClickHouse, whose views all engines share."""
        return f"{super()._new_name(name)}_{uuid.uuid4().hex[:8]}"

    def _view(self, name: str, select: str) -> str:
        view = self._new_name(name)
        self._chdb.execute(f"create view {view} as {select}")
        return view


def rows_of(shelf: Shelf) -> str:
    """A query over the files of a shelf, in ClickHouse's SQL."""
    columns = clickhouse.columns_of(shelf.name)
    if not shelf.files:
        return f"select * from null({_quoted(columns)})"
    paths = [file.removeprefix("file://") for file in shelf.files]
    if any(set(path) & set("*?{},") for path in paths):
        # a path is a pattern to ClickHouse
        raise LakeUnreadable
    # one by one: of files named together in a pattern, one that is gone would be passed over in silence
    return " union all ".join(
        f"select * from file({_quoted(path)}, Parquet, {_quoted(columns)})" for path in paths
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
