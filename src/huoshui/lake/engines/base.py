"""Engines run Ibis expressions over the plain Parquet files of the lake's current snapshots.

Since there are no delete files, a table *is* its list of files. An engine asks the catalog which snapshot
is current (one small query) and plans the files again only when it changed. The tables it hands out are
bound to the snapshots they were asked at: an answer made of several queries sees one state of the lake,
however often the writer commits meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

import ibis

from huoshui.core import sql
from huoshui.core.errors import HuoshuiError, Refused
from huoshui.core.spark import EngineMissing as EngineMissing
from huoshui.lake import tables
from huoshui.lake.files import part_of
from huoshui.lake.reads import Q

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

    from huoshui.lake.engines.asking import Question

READ = ("facts", "order_lines", "state_now", "products", "org_units", "properties")


class CalledOff(Refused):
    """已经停下，没有算完。"""

    code = "called_off"


class LakeUnreadable(HuoshuiError):
    """数据仓的文件读不到了。请检查 HUOSHUI_LAKE 指向的位置，或者运行 huoshui lake rebuild 重建。"""

    code = "lake_unreadable"


class UnknownEngine(HuoshuiError):
    """不认识的计算引擎。HUOSHUI_ENGINE 请填 duckdb、chdb 或者 spark://主机:端口；chdb 只读本机磁盘上的数据仓。"""

    code = "unknown_engine"


@dataclass(frozen=True)
class LakeTables:
    """The lake at one moment. `persons` has everyone a fact or state names, and who they are one with."""

    facts: ir.Table
    order_lines: ir.Table
    state_now: ir.Table
    products: ir.Table
    org_units: ir.Table
    properties: ir.Table
    persons: ir.Table


class Engine(Protocol):
    def tables(self) -> LakeTables:
        """The lake as it is now; empty tables when nothing was ever written."""

    def tables_of(
        self, person_ids: Sequence[int], states: Sequence[str] = ()
    ) -> AbstractContextManager[LakeTables]:
        """The same for whoever asks of these born ids alone, on this thread: what is known of others may be missing. What is
        made of it is run inside. `states` are keys of state that will be asked for, or how they begin; it is slower to ask
        for others."""

    def run(self, expr: ir.Expr) -> pa.Table:
        """The rows of an expression made of `tables()`."""

    def ask(
        self,
        question: Question,
        *,
        lake: LakeTables | None = None,
        given: Mapping[str, pa.Table] | None = None,
        is_called_off: Callable[[], bool] | None = None,
    ) -> pa.Table:
        """The rows of what a question makes of the lake (`tables()` unless handed in) and of tables given along. What it was
        written down as may be kept for the next time. Raises CalledOff."""

    def run_unless(self, expr: ir.Expr, is_called_off: Callable[[], bool]) -> pa.Table:
        """The same while nobody has called it off; asked for now and then, on the caller's thread. Raises CalledOff."""

    def fresh_at(self) -> datetime | None:
        """The lake has everything settled before this instant; None when it was never written."""


@dataclass(frozen=True)
class Shelf:
    """A table at one snapshot: the paths of its files, and how many rows each has."""

    name: str
    snapshot_id: int
    files: tuple[str, ...]
    rows: tuple[int, ...] = ()
    parts: tuple[object, ...] = ()
    """Which part of the table each file is of: a month, a key."""


class Shelves:
    """The current files of all tables, planned again only for a table whose metadata moved."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, Shelf]] = {}

    def now(self) -> dict[str, Shelf]:
        places = {
            row.table_name: row.metadata_location
            for row in sql.fetch(Q.places, catalog=tables.CATALOG, namespace=tables.NAMESPACE)
        }
        return {name: self._shelf(name, places.get(name, "")) for name in READ}

    def _shelf(self, name: str, place: str) -> Shelf:
        known = self._known.get(name)
        if known and known[0] == place:
            return known[1]
        shelf = _plan(name) if place else Shelf(name, 0, ())
        self._known[name] = (place, shelf)
        return shelf


def _plan(name: str) -> Shelf:
    try:
        table = tables.find(name)
        snapshot = table.current_snapshot() if table else None
        if not table or not snapshot:
            return Shelf(name, 0, ())
        files = [task.file for task in table.scan().plan_files()]
    except OSError as error:
        raise LakeUnreadable from error
    paths, rows = (f.file_path for f in files), (f.record_count for f in files)
    return Shelf(name, snapshot.snapshot_id, tuple(paths), tuple(rows), tuple(map(part_of, files)))


def fresh_at() -> datetime | None:
    row = sql.fetch_one(Q.last_read)
    return row.read_at if row else None


def ibis_schema(name: str) -> ibis.Schema:
    if name == "persons":
        return ibis.schema({"person_id": "int64", "canonical_id": "int64"})
    return ibis.schema(tables.arrow_schema(name))
