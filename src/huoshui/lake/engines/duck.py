"""DuckDB in this process."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast

import duckdb
import ibis
import pyarrow as pa
from django.conf import settings
from fsspec.implementations.arrow import ArrowFSWrapper  # type: ignore[import-untyped]  # has no types
from ibis.backends.duckdb import Backend
from pyiceberg.io import load_file_io
from pyiceberg.io.pyarrow import PyArrowFileIO

from huoshui.core import clock
from huoshui.lake import tables
from huoshui.lake.engines.base import (
    LakeTables,
    LakeUnreadable,
    Shelf,
    Shelves,
    fresh_at,
    ibis_schema,
    lake_tables,
)

if TYPE_CHECKING:
    import ibis.expr.types as ir

# Whoever was handed tables may still be asking about them; longer than any request lives.
_KEPT_FOR = timedelta(minutes=5)

_DUCK_TYPES = {
    "int": "INTEGER",
    "long": "BIGINT",
    "string": "VARCHAR",
    "double": "DOUBLE",
    "date": "DATE",
    "timestamptz": "TIMESTAMPTZ",
    "boolean": "BOOLEAN",
}


@dataclass
class _Moment:
    """The views of one set of snapshots."""

    shelves: dict[str, Shelf]
    views: dict[str, str]
    tables: LakeTables
    replaced_at: datetime | None = None


@dataclass
class _Persons:
    """Every person id that a file names. While files are only added it only grows, so moments share it."""

    table: str = ""
    files: set[str] = field(default_factory=set)


class DuckEngine:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cursors = threading.local()
        self._shelves = Shelves()
        self._moments: list[_Moment] = []
        self._persons = _Persons()
        self._made = 0
        self._database = self._open()

    def tables(self) -> LakeTables:
        with self._lock:
            shelves = self._shelves.now()
            if not self._moments or self._moments[-1].shelves != shelves:
                self._turn_to(shelves)
            return self._moments[-1].tables

    def run(self, expr: ir.Expr) -> pa.Table:
        try:
            rows = self._cursor().to_pyarrow(expr.as_table())
        except duckdb.IOException as error:
            raise LakeUnreadable from error
        return rows

    def fresh_at(self) -> datetime | None:
        return fresh_at()

    def _open(self) -> duckdb.DuckDBPyConnection:
        spill = Path(settings.HUOSHUI_HOME) / "spill"
        database = duckdb.connect(
            config={
                "memory_limit": getattr(settings, "HUOSHUI_LAKE_MEMORY", "600MB"),
                "threads": 2,
                "temp_directory": str(spill),
                "autoinstall_known_extensions": False,
            }
        )
        # the files of a lake never change, they are only replaced
        database.execute("set parquet_metadata_cache = true")
        if tables.warehouse().startswith("s3://"):
            database.register_filesystem(_remote_files())
        return database

    def _cursor(self) -> Backend:
        """Each thread has its own cursor on the one database."""
        backend: Backend | None = getattr(self._cursors, "backend", None)
        if backend is None:
            backend = ibis.duckdb.from_connection(self._database.cursor())
            backend.raw_sql(f"set timezone = '{settings.HUOSHUI_ZONE}'")
            self._cursors.backend = backend
        return backend

    def _turn_to(self, shelves: dict[str, Shelf]) -> None:
        last = self._moments[-1] if self._moments else None
        views = {}
        for name, shelf in shelves.items():
            same = last and last.shelves[name] == shelf
            views[name] = last.views[name] if last and same else self._view(name, _select(shelf))
        self._count_persons(shelves, views)
        views["persons"] = self._view("persons", _persons_select(self._persons.table, views["state_now"]))
        asked = lake_tables(lambda name: ibis.table(ibis_schema(name), name=views[name]))
        if last:
            last.replaced_at = clock.now()
        self._moments.append(_Moment(shelves, views, asked))
        self._forget()

    def _view(self, name: str, select: str) -> str:
        self._made += 1
        view = f"{name}_{self._made}"
        self._database.execute(f'create view "{view}" as {select}')
        return view

    def _count_persons(self, shelves: dict[str, Shelf], views: dict[str, str]) -> None:
        """Only files not seen before are read; all of them again when some are gone (compacted, erased)."""
        files = {file for name in ("facts", "state_now") for file in shelves[name].files}
        known = self._persons
        if known.table and known.files <= files:
            selects = [_select(shelf, without=known.files) for shelf in _of_people(shelves)]
            self._database.execute(
                f'insert into "{known.table}" '
                f"select distinct person_id from ({_persons_of(selects)}) as seen "
                f'where person_id is not null and person_id not in (select person_id from "{known.table}")'
            )
        else:
            self._made += 1
            known.table = f"person_ids_{self._made}"
            seen = _persons_of([f'select * from "{views[name]}"' for name in ("facts", "state_now")])
            self._database.execute(
                f'create table "{known.table}" as '
                f"select distinct person_id from ({seen}) as seen where person_id is not null"
            )
        known.files = files
        views["person_ids"] = known.table

    def _forget(self) -> None:
        """Drop what only moments long past were made of."""
        before = clock.now() - _KEPT_FOR
        kept = [moment for moment in self._moments if not moment.replaced_at or moment.replaced_at > before]
        in_use = {view for moment in kept for view in moment.views.values()}
        for moment in self._moments:
            for name, view in moment.views.items():
                if view not in in_use:
                    kind = "table" if name == "person_ids" else "view"
                    self._database.execute(f'drop {kind} if exists "{view}"')
        self._moments = kept


def _remote_files() -> ArrowFSWrapper:
    """The object store as the writer sees it, with the same keys; DuckDB needs no extension of its own."""
    place = tables.warehouse()
    scheme, netloc, _ = PyArrowFileIO.parse_location(place)
    io = cast(PyArrowFileIO, load_file_io(properties=tables.catalog().properties, location=place))
    files = ArrowFSWrapper(io.fs_by_scheme(scheme, netloc))
    files.protocol = "s3"
    return files


def _of_people(shelves: dict[str, Shelf]) -> list[Shelf]:
    return [shelves["facts"], shelves["state_now"]]


def _persons_of(selects: list[str]) -> str:
    return " union all ".join(f"select person_id from ({select}) as told" for select in selects)


def _select(shelf: Shelf, *, without: set[str] | None = None) -> str:
    """A query over the files of a shelf. Columns are found by Iceberg's field id, so files written before a
    column was added still serve."""
    fields = tables.SCHEMAS[shelf.name].fields
    files = [file for file in shelf.files if not without or file not in without]
    if not files:
        columns = ", ".join(f'null::{_DUCK_TYPES[str(f.field_type)]} as "{f.name}"' for f in fields)
        return f"select {columns} where false"
    schema = ", ".join(
        f"{f.field_id}: {{name: '{f.name}', type: '{_DUCK_TYPES[str(f.field_type)]}', default_value: null}}"
        for f in fields
    )
    paths = ", ".join("'" + file.replace("'", "''") + "'" for file in files)
    return f"select * from read_parquet([{paths}], schema = map {{{schema}}}, hive_partitioning = false)"


def _persons_select(ids: str, state_now: str) -> str:
    return (
        f"select person_id, coalesce(canonical_id, person_id) as canonical_id "
        f'from "{ids}" left join (select person_id, number::bigint as canonical_id from "{state_now}" '
        f"where key = 'cluster') as cluster using (person_id)"
    )
