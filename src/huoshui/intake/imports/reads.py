from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.intake.files.formats.registry import BY_NAME
from huoshui.intake.files.stage import AUTO
from huoshui.intake.files.stage import preview as preview_files
from huoshui.intake.files.types import Preview
from huoshui.intake.imports import quarantine_gate, saved
from huoshui.intake.imports.models import ImportRun
from huoshui.intake.imports.runner import folder
from huoshui.intake.imports.types import INTERRUPTED, Problem, Progress, RunView

Q = sql.load("huoshui.intake.imports")

_MAY_IMPORT = frozenset({"boss", "operator"})


def may_import(actor: Actor) -> bool:
    return actor.kind == "system" or bool(actor.roles & _MAY_IMPORT)


def find_run_for(actor: Actor, run_id: int, *, lock: bool = False) -> ImportRun:
    runs = ImportRun.objects.select_for_update() if lock else ImportRun.objects.all()
    run = runs.filter(id=run_id).first() if may_import(actor) else None
    if run is None:
        raise NotFound
    return run


def runs(actor: Actor, *, limit: int = 50) -> list[RunView]:
    """The newest runs first."""
    if not may_import(actor):
        raise NotFound
    found = list(ImportRun.objects.order_by("-id")[:limit])
    quarantined = quarantine_gate.states([run.id for run in found])
    return [_view(run, quarantined.get(run.id, "")) for run in found]


def is_done(files: Sequence[Path], *, kind: str) -> bool:
    """Whether these very files, as they lie on disk, have been imported to the end. `kind` may be a format's name."""
    marks = [mark(f) for f in files]
    of = BY_NAME.get(kind)
    asked = {"kind": of.kind, "format": of.name} if of else {"kind": kind}
    finished = ImportRun.objects.filter(**asked, state=ImportRun.DONE, is_dry_run=False)
    return any([f.get("mark") for f in run.files] == marks for run in finished)


def mark(path: Path) -> str:
    """Tells a file apart from what it was before it changed."""
    stat = path.stat()
    return f"{path.resolve()}:{stat.st_size}:{stat.st_mtime_ns}"


def run_for(actor: Actor, run_id: int) -> RunView:
    return _view(find_run_for(actor, run_id), quarantine_gate.states([run_id]).get(run_id, ""))


def preview(actor: Actor, run_id: int) -> Preview:
    """What the run's files seem to be, read as the user once said of files like these where he has said nothing of them yet.

    Raises FileRefused with the reason where one cannot be read.
    """
    run = find_run_for(actor, run_id)
    workdir = folder(run_id) / "preview"
    workdir.mkdir(parents=True, exist_ok=True)
    paths = [Path(f["path"]) for f in run.files]
    seen = preview_files(paths, kind=run.kind or None, mapping=run.mapping, workdir=workdir, form=run.format)
    if run.mapping is not None or run.format != AUTO:
        return seen
    own = saved.find(seen.headers, source_name=run.source_name) if run.source_name else None
    kept = own or saved.find(seen.headers)
    if kept is None:
        return seen
    again = preview_files(paths, kind=kept.kind, mapping=kept.mapping, workdir=workdir, form=kept.format)
    return replace(again, saved_for=kept.source_name)


def is_told(headers: Sequence[str], *, source_name: str) -> bool:
    """Whether somebody has said of this source how such a table is read."""
    return saved.find(headers, source_name=source_name) is not None


def source_names(actor: Actor) -> list[str]:
    """The sources that files have come from, for the user to pick one again."""
    if not may_import(actor):
        raise NotFound
    used = ImportRun.objects.exclude(source_name="").values_list("source_name", flat=True)
    return sorted(set(used.order_by("-id")[:200]))


def problem_file(actor: Actor, run_id: int) -> Path:
    """The rows set aside, in their own columns, to mend and import again."""
    find_run_for(actor, run_id)
    path = folder(run_id) / "problems.csv"
    if not path.exists():
        raise NotFound
    return path


def problems(actor: Actor, run_id: int, limit: int = 100) -> list[Problem]:
    find_run_for(actor, run_id)
    path = folder(run_id) / "problems.parquet"
    if not path.exists():
        return []
    with duckdb.connect() as database:
        rows = database.execute(
            "select file_name, row_no, column_name, value, code, reason, remedy from read_parquet(?)"
            " order by file_no, row_no limit ?",
            [str(path), limit],
        ).fetchall()
    return [Problem(*row) for row in rows]


def state_of(run: ImportRun) -> str:
    """Its state, or 'interrupted' where nobody carries it out any more."""
    if run.state == ImportRun.RUNNING and not sql.fetch_one(Q.is_locked, run_id=run.id).locked:
        return INTERRUPTED
    return run.state


def _view(run: ImportRun, quarantine: str) -> RunView:
    return RunView(
        id=run.id,
        kind=run.kind,
        format=run.format,
        files=tuple(f["name"] for f in run.files),
        state=state_of(run),
        phase=run.phase,
        is_dry_run=run.is_dry_run,
        done=run.done,
        total=run.total,
        rate=run.rate,
        seconds_left=Progress(run.phase, run.done, run.total, run.rate).seconds_left,
        counts=run.counts,
        problems=run.problems,
        mode=run.mode,
        message=run.message,
        source_name=run.source_name,
        mapping=run.mapping,
        actor_name=run.actor_name,
        created_at=run.created_at,
        ended_at=run.ended_at,
        quarantine=quarantine,
    )
