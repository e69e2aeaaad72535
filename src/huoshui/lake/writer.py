"""The one writer: what PostgreSQL has settled goes into the lake, every fact once.

A flush reads the bound first: all our transactions below it have ended, so whatever they settled can be seen,
and whatever a slow transaction will settle lies at or above it. Each table takes in what lies between its
own mark and the bound, and moves the mark in the commit that adds the rows. A kill between two commits
leaves one table behind; the next flush lets it catch up. Two writers at once would be wasteful, which the
lock prevents; they could not double anything, because a commit on a snapshot that is no longer the latest
fails.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING

import psycopg
import pyarrow as pa
from django.conf import settings
from django.db import connection

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.errors import Refused, RetryLater
from huoshui.core.facts import api as facts
from huoshui.core.ledger import api as ledger
from huoshui.lake import properties, reads, state, tables
from huoshui.lake.effects import Settled, effects
from huoshui.lake.files import XID, Parts, all_anew, bound, commit, current_files, marks, without
from huoshui.lake.maintenance import tidy
from huoshui.lake.reads import Q
from huoshui.lake.types import FlushReport

if TYPE_CHECKING:
    from pyiceberg.table import Table

_EFFECTS = ("facts", "order_lines")
_LOCK = 0x4C414B45  # "LAKE"
_LOCK_WAIT = "60s"
_VERSION = "huoshui.version"


class LakeBusy(RetryLater):
    """数据仓正在被另一个任务写入，请稍后再试。"""

    code = "lake_busy"


class LakeAhead(Refused):
    """数据仓和数据库的进度对不上：数据库多半是从备份恢复的。请运行 huoshui lake rebuild 重建数据仓。"""

    code = "lake_ahead"


@contextmanager
def sole_writer(*, wait: bool = True) -> Iterator[None]:
    """Be the only one who writes.

    The lock lives on its own connection, in a transaction that does nothing else, so that it holds through a
    pooler too. Having no id and no snapshot, it holds back neither the bound nor vacuum.
    """
    with psycopg.connect(settings.HUOSHUI_DATABASE_URL) as lock:
        lock.execute("set local idle_in_transaction_session_timeout = 0")
        if wait:
            lock.execute(f"set local lock_timeout = '{_LOCK_WAIT}'")
            try:
                lock.execute("select pg_advisory_xact_lock(%s)", (_LOCK,))
            except psycopg.errors.LockNotAvailable:
                raise LakeBusy from None
        else:
            row = lock.execute("select pg_try_advisory_xact_lock(%s)", (_LOCK,)).fetchone()
            if not (row and row[0]):
                raise LakeBusy
        yield


def flush(*, wait: bool = True) -> FlushReport:
    """Take in all that is settled. A second writer waits, or with `wait=False` is told `busy` at once."""
    started = perf_counter()
    _stay_out_of_transactions()
    try:
        with sole_writer(wait=wait):
            high, rows = _flush()
    except LakeBusy:
        if wait:
            raise
        return FlushReport(bound=0, rows={}, seconds=perf_counter() - started, busy=True)
    return FlushReport(bound=high, rows=rows, seconds=perf_counter() - started)


def rebuild() -> FlushReport:
    """Write every table anew from PostgreSQL. Readers see the old content until each table's one commit.

    After a restore on another server, its transactions are those that count from now on.
    """
    started = perf_counter()
    _stay_out_of_transactions()
    with sole_writer():
        if sql.run(Q.adopt):
            # What others have read ends at transactions that this server has still to come to
            ledger.refold_goods()
            facts.forget_readers()
        seen = sql.fetch_one(Q.bound)
        lake = {name: tables.renew(name) for name in tables.COLUMNS}
        rows = _take_in(lake, 0, seen.bound, anew=True)
        rows |= properties.rebuild(lake["properties"], high=seen.bound)
        rows |= state.rebuild(lake["state"], lake["state_now"], high=seen.bound)
        rows |= _replace_lists(lake, seen.bound, anew=True)
        sql.run(Q.note_read, bound=seen.bound, open=seen.open)
    return FlushReport(bound=seen.bound, rows=rows, seconds=perf_counter() - started)


def _stay_out_of_transactions() -> None:
    # Reading for seconds inside a transaction would hold back vacuum, and its own rows would never be
    # below the bound.
    if connection.in_atomic_block:
        raise RuntimeError("the lake is written outside of transactions")


def _flush() -> tuple[int, dict[str, int]]:
    seen = sql.fetch_one(Q.bound)
    lake = {name: tables.ensure(name) for name in tables.COLUMNS}
    if seen.is_foreign or max(bound(lake[name]) for name in _EFFECTS) > seen.bound:
        raise LakeAhead
    rows = dict.fromkeys(_EFFECTS, 0)
    behind: dict[int, dict[str, Table]] = {}
    for name in _EFFECTS:
        behind.setdefault(bound(lake[name]), {})[name] = lake[name]
    for low, same in behind.items():
        rows |= _take_in(same, low, seen.bound)
    rows |= properties.take_in(lake["properties"], high=seen.bound)
    rows |= state.take_in(lake["state"], lake["state_now"], high=seen.bound)
    rows |= _replace_lists(lake, seen.bound)
    sql.run(Q.note_read, bound=seen.bound, open=seen.open)
    for table in lake.values():
        tidy(table)
    return seen.bound, rows


def _take_in(lake: Mapping[str, Table], low: int, high: int, *, anew: bool = False) -> dict[str, int]:
    """Bring these tables, all at `low`, to `high`. One snapshot each, however much there is."""
    news = reads.news(low, high)
    if not news and not anew:
        return {}
    parts = {name: Parts(lake[name]) for name in _EFFECTS if name in lake}
    _fill(parts, news.settled)
    for name, waiting in parts.items():
        table = lake[name]
        changed = all_anew(table) if anew else without(table, news.withdrawn)
        commit(
            table,
            add=[*waiting.close(), *changed.added],
            drop=changed.dropped,
            new_marks={XID: str(high)},
        )
    return {name: waiting.rows for name, waiting in parts.items()}


def _fill(parts: Mapping[str, Parts], fact_ids: pa.Array) -> None:
    """Read on this thread, which has the connection, while another sorts and writes what was read before."""
    with ThreadPoolExecutor(1, "lake-files") as writing:
        last: Future[None] | None = None
        for batch in reads.in_batches(fact_ids):
            if last:
                last.result()
            last = writing.submit(_add, parts, batch)
        if last:
            last.result()


def _add(parts: Mapping[str, Parts], batch: Settled) -> None:
    made = effects(batch)
    for name, waiting in parts.items():
        waiting.add(getattr(made, name))


def _replace_lists(lake: Mapping[str, Table], high: int, *, anew: bool = False) -> dict[str, int]:
    """Products and org units are short: replaced whole when the brand has changed them."""
    version = brand.catalog_version()
    sources = {"products": brand.products_table, "org_units": brand.org_units_table}
    rows = {}
    for name, read in sources.items():
        table = lake[name]
        if not anew and marks(table).get(_VERSION) == version:
            continue
        parts = Parts(table)
        parts.add(read())
        commit(
            table, add=parts.close(), drop=current_files(table), new_marks={XID: str(high), _VERSION: version}
        )
        rows[name] = parts.rows
    return rows
