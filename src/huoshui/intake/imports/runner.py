"""Carry out a run: stage, receive, settle. May be killed at any point and run again."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import duckdb
from django.conf import settings
from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.errors import HuoshuiError, NotFound, RetryLater
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import Batch, Source
from huoshui.intake.files.formats.registry import BY_NAME
from huoshui.intake.files.kinds import WAYS
from huoshui.intake.files.stage import AUTO, OWN, preview, stage
from huoshui.intake.files.types import Staged
from huoshui.intake.imports import (
    erasing,
    events,
    lists,
    overlap,
    quarantine_gate,
    sales,
    saved,
    tables,
    tag_column,
)
from huoshui.intake.imports.lanes import Lane, lanes
from huoshui.intake.imports.models import ImportRun
from huoshui.intake.imports.pipeline import RECEIVE_ORDERS, Run, pour
from huoshui.intake.imports.sources import source_for
from huoshui.intake.imports.types import Listener, Progress
from huoshui.intake.river.api import sweep

Q = sql.load("huoshui.intake.imports")

STAGING, RECEIVING, COMPARING = "检查表格", "写入数据", "与现有顾客比对"
_PEOPLE_CHUNK = 2_000
_LARGE = 8 << 20  # bytes
_SAY_EVERY = 1.0  # seconds between two writes of the progress


class Busy(RetryLater):
    """这次导入正在另一个程序里进行，请等它结束。"""

    code = "busy"


def folder(run_id: int) -> Path:
    return Path(settings.HUOSHUI_HOME) / "imports" / str(run_id)


def execute(run_id: int, *, actor: Actor, listener: Listener | None = None) -> ImportRun:
    """Run to the end. A refused file makes the run failed with its message; anything else is raised again after.

    One that is done already is left alone: after a kill it may have been started both by itself and by its user. So is one in
    quarantine; one that is to go there is held when it has been checked.
    """
    run = ImportRun.objects.filter(id=run_id).first()
    if run is None:
        raise NotFound
    if not sql.fetch_one(Q.try_lock, run_id=run_id).taken:
        raise Busy
    run.refresh_from_db()
    try:
        if (run.state != ImportRun.DONE or run.is_dry_run) and not quarantine_gate.is_closed(run_id):
            _Runner(run, actor, listener).run()
    except HuoshuiError as error:
        _end(run, ImportRun.FAILED, str(error))
        if isinstance(error, RetryLater):
            raise
    except Exception as error:
        _end(
            run,
            ImportRun.FAILED,
            f"没有做完：{error}。已经收下的数据不会丢，再导入一次同样的文件就会接着做。",
        )
        raise
    finally:
        # What was staged holds phone numbers in the clear
        shutil.rmtree(folder(run_id) / "work", ignore_errors=True)
        erasing.after_run(run_id)
        sql.fetch(Q.unlock, run_id=run_id)
    return run


def _end(run: ImportRun, state: str, message: str) -> None:
    run.state, run.message, run.ended_at = state, message, clock.now()
    run.save(update_fields=["state", "message", "ended_at"])


class _Runner:
    def __init__(self, run: ImportRun, actor: Actor, listener: Listener | None) -> None:
        self._run = run
        self._actor = actor
        self._listener = listener
        self._folder = folder(run.id)
        self._counts: dict[str, int] = {}
        self._said = self._started = time.monotonic()

    def run(self) -> None:
        self._run.state, self._run.phase, self._run.message = ImportRun.RUNNING, STAGING, ""
        self._run.heard_at, self._run.ended_at = clock.now(), None
        self._run.save(update_fields=["state", "phase", "message", "heard_at", "ended_at"])
        with lanes(self._actor, apart=self._is_large()) as opened:
            staged = self._stage()
            self._look_at_tags(staged)
            if not self._run.is_dry_run and quarantine_gate.must_hold(self._run):
                self._hold(staged)
            elif not self._run.is_dry_run:
                self._receive(staged, opened)
        self._save_problems(staged)
        self._run.counts, self._run.done, self._run.state = self._counts, self._run.total, ImportRun.DONE
        self._run.ended_at = clock.now()
        self._run.save(update_fields=["counts", "done", "state", "ended_at", "problems"])

    def _is_large(self) -> bool:
        """Whether a process more is worth its start, which goes on while the files are read."""
        settles = not self._run.is_dry_run and WAYS.get(self._run.kind, "orders") not in ("list", "figures")
        return settles and sum(Path(f["path"]).stat().st_size for f in self._run.files) > _LARGE

    def _stage(self) -> Staged:
        for name in ("problems.csv", "problems.parquet"):  # of an earlier try, which read the file otherwise
            (self._folder / name).unlink(missing_ok=True)
        workdir = self._folder / "work"
        shutil.rmtree(workdir, ignore_errors=True)  # half a stage of a killed run is no use
        workdir.mkdir(parents=True)
        paths = [Path(f["path"]) for f in self._run.files]
        self._read_as_before(paths, workdir)
        staged = stage(
            paths,
            kind=self._run.kind or None,
            mapping=self._run.mapping,
            workdir=workdir,
            on_progress=self._staging,
            form=self._run.format,
            zone=settings.HUOSHUI_ZONE,
        )
        self._run.kind, self._run.mapping = staged.kind, dict(staged.mapping)
        self._run.format = staged.format or OWN
        self._run.source_name = source_for(staged.kind, staged.format, given=self._run.source_name)
        self._run.problems = staged.problems
        self._run.total = staged.counts["rows"]
        self._counts = dict(staged.counts)
        self._run.counts = self._counts
        self._run.save(
            update_fields=["kind", "format", "source_name", "mapping", "problems", "total", "counts"]
        )
        return staged

    def _read_as_before(self, paths: Sequence[Path], workdir: Path) -> None:
        """Of a source whose tables have been told how to read, where nothing was said this time."""
        run = self._run
        if run.mapping is not None or run.format != AUTO or not saved.has_any(run.source_name):
            return
        seen = preview(paths, kind=run.kind or None, workdir=workdir / "look")
        kept = saved.find(seen.headers, source_name=run.source_name)
        if kept is not None and run.kind in ("", kept.kind):
            run.kind, run.format, run.mapping = kept.kind, kept.format, dict(kept.mapping)

    def _staging(self, step: str, share: float) -> None:
        self._say(Progress(f"{STAGING}：{step}", round(share * 100), 100))

    def _receive(self, staged: Staged, lanes: Sequence[Lane]) -> None:
        self._started = time.monotonic()
        of = BY_NAME.get(staged.format)
        with duckdb.connect(str(staged.database), config=_DUCKDB) as database:
            database.execute("set enable_progress_bar = false")
            match WAYS[staged.kind]:
                case "orders":
                    source = self._source()
                    sales.prepare(database, source=source, of=of)
                    chunks = ((c.batch, c.lines) for c in sales.chunks(database, size=RECEIVE_ORDERS))
                    self._pour(chunks, source, lanes)
                case "people":
                    source = self._source()
                    scope = of.scope if of else source.name
                    batches = lists.people_chunks(database, size=_PEOPLE_CHUNK, scope=scope)
                    self._pour(((b, b.facts.num_rows) for b in batches), source, lanes)
                    self._counts |= tag_column.take(self._run, database, source, self._actor)
                case "events":
                    source = self._source()
                    batches = events.chunks(
                        database, staged.kind, size=_PEOPLE_CHUNK, scope=of.scope if of else source.name
                    )
                    self._pour(((b, b.facts.num_rows) for b in batches), source, lanes)
                case _:
                    told = tables.Told(self._source(), self._run.id, self._actor)
                    self._counts |= tables.put(database, staged.kind, told)
            self._recount(database)

    def _look_at_tags(self, staged: Staged) -> None:
        """Before anything is taken in, whoever imports says what words mean that nobody knows."""
        if WAYS[staged.kind] != "people":
            return
        with duckdb.connect(str(staged.database), config=_DUCKDB) as database:
            tag_column.look(self._run, database)
        if not self._run.is_dry_run:
            tag_column.refuse_open(self._run, self._actor)

    def _hold(self, staged: Staged) -> None:
        self._say(Progress(COMPARING, 0, 0))
        quarantine_gate.hold(self._run, overlap.count(staged), place=self._folder)

    def _recount(self, database: duckdb.DuckDBPyConnection) -> None:
        """What was known of the orders may have set some aside after all."""
        (problems,) = database.execute("select count(*) from problems").fetchone() or (0,)
        self._run.problems = self._counts["problems"] = problems

    def _source(self) -> Source:
        with transaction.atomic(durable=True):
            return facts.ensure_source(
                name=self._run.source_name, label=self._run.source_name, mode=self._run.mode
            )

    def _pour(self, chunks: Iterator[tuple[Batch, int]], source: Source, lanes: Sequence[Lane]) -> None:
        totals = {"new": 0, "known": 0}
        done = 0
        for poured in pour(chunks, Run(source, self._run.mode, self._run.id, self._actor), lanes):
            done += poured.rows
            for name in totals:
                totals[name] += getattr(poured, name)
            rate = done / (time.monotonic() - self._started)
            self._say(Progress(RECEIVING, done, self._run.total, rate))
        sweep()  # an order whose facts lay in two lanes: the later could not go before the earlier
        self._counts |= {**totals, "waiting": facts.waiting_of_run(self._run.id)}

    def _say(self, progress: Progress) -> None:
        if self._listener:
            self._listener(progress)
        if time.monotonic() - self._said < _SAY_EVERY:
            return
        self._said = time.monotonic()
        self._run.phase, self._run.rate, self._run.heard_at = progress.phase, progress.rate, clock.now()
        self._run.done = progress.done if progress.phase == RECEIVING else 0
        self._run.save(update_fields=["phase", "rate", "heard_at", "done"])

    def _save_problems(self, staged: Staged) -> None:
        if self._run.problems:
            from huoshui.intake.files.problems import write_problem_rows

            write_problem_rows(staged, self._folder / "problems.csv")
            with duckdb.connect(str(staged.database), config=_DUCKDB) as database:
                path = str(self._folder / "problems.parquet").replace("'", "''")
                database.execute(f"copy problems to '{path}' (format parquet)")


_DUCKDB: dict[str, Any] = {"memory_limit": "500MB", "threads": 1}
