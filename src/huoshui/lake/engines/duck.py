"""DuckDB in this process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import duckdb
import ibis
import pyarrow as pa
from django.conf import settings
from fsspec.implementations.arrow import ArrowFSWrapper  # type: ignore[import-untyped]  # has no types
from ibis.backends.duckdb import Backend
from pyiceberg.io import load_file_io
from pyiceberg.io.pyarrow import PyArrowFileIO

from huoshui.lake import tables
from huoshui.lake.engines import by_person
from huoshui.lake.engines.asking import Question, Texts, names_of
from huoshui.lake.engines.base import CalledOff, LakeTables, LakeUnreadable, Shelf
from huoshui.lake.engines.views import ViewEngine, persons_select

if TYPE_CHECKING:
    import ibis.expr.types as ir

_LOOKS_EVERY = 0.2
"""Seconds between two looks whether somebody has called a question off."""

_TYPES = {
    "int": "INTEGER",
    "long": "BIGINT",
    "string": "VARCHAR",
    "double": "DOUBLE",
    "date": "DATE",
    "timestamptz": "TIMESTAMPTZ",
    "boolean": "BOOLEAN",
}


@dataclass
class _Persons:
    """Every person id that a file names. While files are only added it only grows, so moments share it."""

    table: str = ""
    files: set[str] = field(default_factory=set)


class _Tables(Backend):  # type: ignore[misc]  # Ibis tells no types
    """Rows given in Python are tables, as DuckDB 1.5 fails where it would push a join's filter into an Arrow scan."""

    def _register_in_memory_table(self, op: Any) -> None:
        keep(self.con, op.name, op.data.to_pyarrow(op.schema))
        self.__dict__.setdefault("given", []).append(op)

    def forget_given(self) -> None:
        for op in self.__dict__.pop("given", []):
            self.con.execute(f'drop table if exists "{op.name}"')
            self._memtables.discard(op)


def keep(cursor: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    """As a table of the cursor alone."""
    cursor.register("rows_to_keep", rows)
    cursor.execute(f'create or replace temp table "{name}" as select * from rows_to_keep')
    cursor.unregister("rows_to_keep")


class DuckEngine(ViewEngine):
    def __init__(self) -> None:
        super().__init__()
        self._cursors = threading.local()
        self._persons = _Persons()
        self._books = by_person.ByPerson()
        self._texts = Texts()
        self._database = self._open()

    def run(self, expr: ir.Expr) -> pa.Table:
        backend = self._cursor()
        try:
            return backend.to_pyarrow(expr.as_table())
        except duckdb.IOException as error:
            raise LakeUnreadable from error
        finally:
            backend.forget_given()

    @contextmanager
    def tables_of(self, person_ids: Sequence[int], states: Sequence[str] = ()) -> Iterator[LakeTables]:
        """Read from books by person, as soon as the lake is large."""
        with self._lock:
            moment = self._now()
        large = [n for n in by_person.COLUMNS if sum(moment.shelves[n].rows) >= by_person.WORTH_IT]
        held, made = {}, list[str]()
        try:
            for name in large:
                rows = self._books.rows(moment.shelves[name], person_ids, partial(self._ask, name))
                held[name] = self._held(rows, f"{name}_of", made)
            shelf = moment.shelves[by_person.STATE]
            rows, beside = self._books.state(shelf, person_ids, states, partial(self._ask, shelf.name))
            if len(beside) < len(shelf.files):
                held[shelf.name] = self._held(rows, "state_of", made, also=_select(shelf, beside))
            yield replace(moment.tables, **held)
        finally:
            for statement in reversed(made):
                self._cursor().con.execute(statement)

    def _held(self, rows: pa.Table, name: str, made: list[str], *, also: str = "") -> ir.Table:
        """These rows, and those of a query, as a relation of this thread's cursor; `made` is told how to be rid of it."""
        cursor = self._cursor().con
        with self._lock:
            table, view = self._new_name(name), self._new_name(f"{name}_all")
        keep(cursor, table, rows)
        made.append(f"drop table {table}")
        if also:
            columns = ", ".join(f'"{column}"' for column in rows.column_names)
            both = f"select {columns} from {table} union all select {columns} from ({also})"
            cursor.execute(f"create temp view {view} as {both}")
            made.append(f"drop view {view}")
        return ibis.table(ibis.schema(rows.schema), name=view if also else table)

    def _ask(self, name: str, files: Sequence[str], select: str) -> Any:
        rows = _select(Shelf(name, 0, ()), list(files))
        return self._cursor().con.execute(select.format(rows=f"({rows})"))

    def ask(
        self,
        question: Question,
        *,
        lake: LakeTables | None = None,
        given: Mapping[str, pa.Table] | None = None,
        is_called_off: Callable[[], bool] | None = None,
    ) -> pa.Table:
        answer = partial(self._answer, question, lake or self.tables(), given or {})
        return answer() if is_called_off is None else self._unless(answer, is_called_off)

    def _answer(self, question: Question, lake: LakeTables, given: Mapping[str, pa.Table]) -> pa.Table:
        backend, names = self._cursor(), names_of(lake)
        text = self._texts.of(question, lake, given, backend.compile)
        held: list[str] = []
        try:
            for name, rows in given.items():
                with self._lock:
                    names[name] = self._new_name(name)
                held.append(names[name])
                keep(backend.con, names[name], rows)
            return backend.con.execute(text.said(names)).to_arrow_table().cast(text.columns)
        except duckdb.IOException as error:
            raise LakeUnreadable from error
        finally:
            for name in held:
                backend.con.execute(f'drop table if exists "{name}"')

    def run_unless(self, expr: ir.Expr, is_called_off: Callable[[], bool]) -> pa.Table:
        return self._unless(partial(self.run, expr), is_called_off)

    def _unless(self, ask: Callable[[], pa.Table], is_called_off: Callable[[], bool]) -> pa.Table:
        """On another thread, whose cursor alone is interrupted."""
        if is_called_off():
            raise CalledOff
        running: list[_Tables] = []

        def run() -> pa.Table:
            running.append(self._cursor())
            return ask()

        with ThreadPoolExecutor(1, "called-off") as pool:
            answer = pool.submit(run)
            while not wait([answer], timeout=_LOOKS_EVERY).done:
                if is_called_off():
                    while not answer.done():
                        # Again and again: it may have been between two pieces of work
                        for backend in running:
                            backend.con.interrupt()
                        wait([answer], timeout=_LOOKS_EVERY)
                    raise CalledOff
            return answer.result()

    def _open(self) -> duckdb.DuckDBPyConnection:
        database = duckdb.connect(
            config={
                "memory_limit": getattr(settings, "HUOSHUI_LAKE_MEMORY", "600MB"),
                "threads": 2,
                "temp_directory": str(Path(settings.HUOSHUI_HOME) / "spill"),
                "autoinstall_known_extensions": False,
            }
        )
        # the files of a lake never change, they are only replaced
        database.execute("set parquet_metadata_cache = true")
        if tables.warehouse().startswith("s3://"):
            database.register_filesystem(_remote_files())
        return database

    def _cursor(self) -> _Tables:
        """Each thread has its own cursor on the one database."""
        backend: _Tables | None = getattr(self._cursors, "backend", None)
        if backend is None:
            with self._lock:
                cursor = self._database.cursor()
            backend = _Tables.from_connection(cursor)
            backend.raw_sql(f"set timezone = '{settings.HUOSHUI_ZONE}'")
            self._cursors.backend = backend
        return backend

    def _show(self, shelf: Shelf) -> str:
        return self._view(shelf.name, _select(shelf, shelf.files))

    def _view(self, name: str, select: str) -> str:
        view = self._new_name(name)
        self._database.execute(f"create view {view} as {select}")
        return view

    def _drop(self, name: str, relation: str) -> None:
        self._database.execute(f"drop {'table' if name == 'person_ids' else 'view'} {relation}")

    def _show_persons(self, shelves: Mapping[str, Shelf], relations: Mapping[str, str]) -> dict[str, str]:
        self._count_persons([shelves["facts"], shelves["state_now"]])
        ids = self._persons.table
        return {
            "persons": self._view("persons", persons_select(ids, relations["state_now"])),
            "person_ids": ids,
        }

    def _count_persons(self, shelves: list[Shelf]) -> None:
        """Only files not seen before are read; all of them again when some are gone (compacted, erased)."""
        files = {file for shelf in shelves for file in shelf.files}
        known = self._persons
        if not known.table or not known.files <= files:
            known = self._persons = _Persons(self._new_name("person_ids"))
            self._database.execute(f"create table {known.table} (person_id bigint)")
        for shelf in shelves:
            new = _select(shelf, [file for file in shelf.files if file not in known.files])
            self._database.execute(
                f"insert into {known.table} select distinct person_id from ({new}) as new "
                f"where person_id is not null and person_id not in (select person_id from {known.table})"
            )
        known.files = files


def _select(shelf: Shelf, files: list[str] | tuple[str, ...]) -> str:
    """A query over some files of a shelf.

    Columns are found by Iceberg's field id, so that files written before a column was added still serve.
    """
    fields = tables.SCHEMAS[shelf.name].fields
    if not files:
        columns = ", ".join(f'null::{_TYPES[str(f.field_type)]} as "{f.name}"' for f in fields)
        return f"select {columns} where false"
    schema = ", ".join(
        f"{f.field_id}: {{name: '{f.name}', type: '{_TYPES[str(f.field_type)]}', default_value: null}}"
        for f in fields
    )
    paths = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    return f"select * from read_parquet([{paths}], schema = map {{{schema}}}, hive_partitioning = false)"


def _remote_files() -> ArrowFSWrapper:
    """The object store as the writer sees it, with the same keys; DuckDB needs no extension of its own."""
    place = tables.warehouse()
    scheme, netloc, _ = PyArrowFileIO.parse_location(place)
    io = cast(PyArrowFileIO, load_file_io(properties=tables.catalog().properties, location=place))
    return ArrowFSWrapper(io.fs_by_scheme(scheme, netloc))
