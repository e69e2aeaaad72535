"""The one door of the room: what happened, in columns."""

from __future__ import annotations

from datetime import UTC, datetime
from time import perf_counter

from huoshui.core import sql
from huoshui.lake import maintenance, tables
from huoshui.lake.engines import (
    CalledOff,
    Engine,
    EngineMissing,
    LakeTables,
    LakeUnreadable,
    UnknownEngine,
    engine,
)
from huoshui.lake.engines.asking import Question, Texts, names_of, plainly
from huoshui.lake.engines.base import ibis_schema
from huoshui.lake.erasing import drop_properties
from huoshui.lake.files import bound, current_files
from huoshui.lake.reads import Q
from huoshui.lake.reconcile import reconcile
from huoshui.lake.tables import arrow_schema
from huoshui.lake.types import (
    CompactReport,
    Difference,
    FlushReport,
    LakeStatus,
    ReconcileReport,
    TableStatus,
)
from huoshui.lake.writer import LakeAhead, LakeBusy, flush, rebuild, sole_writer

__all__ = [
    "CalledOff",
    "CompactReport",
    "Difference",
    "Engine",
    "EngineMissing",
    "FlushReport",
    "LakeAhead",
    "LakeBusy",
    "LakeStatus",
    "LakeTables",
    "LakeUnreadable",
    "Question",
    "ReconcileReport",
    "TableStatus",
    "Texts",
    "UnknownEngine",
    "arrow_schema",
    "compact",
    "drop_properties",
    "engine",
    "flush",
    "flush_if_due",
    "ibis_schema",
    "names_of",
    "plainly",
    "read_upto",
    "rebuild",
    "reconcile",
    "status",
]

_DUE_SECONDS = 60.0
_DUE_SECONDS_WHEN_AWAITED = 5.0
_FULL_BATCH = 10_000
_COUNTED = 1_000_000


def flush_if_due(*, awaited: bool = False) -> FlushReport | None:
    """Flush when a minute has passed, five seconds when someone waits, or a full batch lies ready.

    None when it is not due. Never waits for another writer.
    """
    last = sql.fetch_one(Q.last_read)
    limit = _DUE_SECONDS_WHEN_AWAITED if awaited else _DUE_SECONDS
    if last and last.age_seconds < limit:
        ready = sql.fetch_one(Q.waiting, low=last.bound, enough=_FULL_BATCH).facts
        if ready < _FULL_BATCH:
            return None
    return flush(wait=False)


def read_upto() -> int:
    """The lake has whatever settled in transactions below this id; 0 when it was never written."""
    last = sql.fetch_one(Q.last_read)
    return int(last.bound) if last else 0


def compact() -> CompactReport:
    """Merge small files, forget old snapshots, and delete files that nothing has named for two days."""
    started = perf_counter()
    before, after, swept = {}, {}, 0
    with sole_writer():
        for name in tables.COLUMNS:
            table = tables.ensure(name)
            before[name] = len(current_files(table))
            if name in maintenance.COMPACTED:
                maintenance.compact(table)
            maintenance.expire(table)
            swept += maintenance.sweep(table)
            after[name] = len(current_files(table))
    return CompactReport(before, after, swept, perf_counter() - started)


def status() -> LakeStatus:
    last = sql.fetch_one(Q.last_read)
    shown = tuple(_table_status(name) for name in tables.COLUMNS)
    low = max(table.bound for table in shown if table.name == "facts")
    return LakeStatus(
        place=tables.warehouse(),
        fresh_at=last.read_at if last else None,
        waiting=sql.fetch_one(Q.waiting, low=low, enough=_COUNTED).facts,
        tables=shown,
    )


def _table_status(name: str) -> TableStatus:
    table = tables.find(name)
    if not table:
        return TableStatus(name, 0, 0, 0, 0, 0, None)
    files = current_files(table)
    snapshot = table.current_snapshot()
    return TableStatus(
        name=name,
        rows=sum(file.record_count for file in files),
        files=len(files),
        bytes=sum(file.file_size_in_bytes for file in files),
        snapshots=len(table.metadata.snapshots),
        bound=bound(table),
        committed_at=datetime.fromtimestamp(snapshot.timestamp_ms / 1000, UTC) if snapshot else None,
    )
