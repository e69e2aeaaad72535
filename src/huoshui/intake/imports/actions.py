"""Writes of imports: make a run, correct its mapping, start it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from django.db import transaction

from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused
from huoshui.core.facts.names import OWN_SOURCES, folded
from huoshui.core.jobs import defer
from huoshui.intake.files.formats.registry import BY_NAME
from huoshui.intake.files.kinds import KINDS
from huoshui.intake.files.names import normalise
from huoshui.intake.files.stage import AUTO, OWN
from huoshui.intake.imports import quarantine_gate
from huoshui.intake.imports.models import ImportRun, SavedMapping
from huoshui.intake.imports.quarantine_types import REJECTED, AlreadyRejected, Quarantined
from huoshui.intake.imports.reads import find_run_for, mark, may_import, state_of
from huoshui.intake.imports.runner import folder
from huoshui.intake.imports.sources import source_for

MODES = ("live", "history")


def add_run(
    files: Sequence[Path],
    *,
    kind: str = "",
    mode: str = "live",
    source_name: str = "",
    mapping: Mapping[str, object] | None = None,
    is_dry_run: bool = False,
    form: str = AUTO,
    is_ours: bool = False,
    actor: Actor,
) -> int:
    """A run over files where they lie. Returns its id.

    `kind` may be a format's name. `form`: a format's name, OWN for a table of one's own, AUTO to let the headers tell.
    `is_ours`: the files are copies that somebody fetched for us; they are kept with the run as uploads are.
    """
    if not may_import(actor):
        raise NotFound
    if kind in BY_NAME:  # a platform's format says of which kind its table is
        kind, form = BY_NAME[kind].kind, kind
    _check(kind, mode, form)
    _refuse_own(source_name)
    run = ImportRun.objects.create(
        kind=kind,
        format=form,
        mode=mode,
        source_name=source_name or source_for(kind),
        mapping=mapping,
        is_dry_run=is_dry_run,
        files=[{"name": f.name, "path": str(f.resolve()), "mark": mark(f)} for f in files],
        actor=str(actor),
        actor_name=actor.name,
    )
    if is_ours:
        run.files = [_taken_over(run.id, number, file) for number, file in enumerate(files)]
        run.save(update_fields=["files"])
    return run.id


def _taken_over(run_id: int, number: int, file: Path) -> dict[str, str]:
    path = folder(run_id) / "files" / str(number) / file.name
    path.parent.mkdir(parents=True)
    shutil.move(file, path)
    return {"name": path.name, "path": str(path)}


def _check(kind: str, mode: str, form: str = AUTO) -> None:
    if kind and kind not in KINDS:
        raise Refused("没有这一种表。请选择表格的种类，例如顾客、商品、门店或销售。")
    if form not in (AUTO, OWN) and (form not in BY_NAME or kind not in ("", BY_NAME[form].kind)):
        raise Refused("没有这一种格式。请重新选择。")
    if mode not in MODES:
        raise Refused("请选择数据是「现在的」还是「过去的」。")


def upload(actor: Actor, files: Sequence[tuple[str, IO[bytes]]], kind: str = "") -> int:
    """Keep uploaded files and make a run of them. Returns its id."""
    if not files:
        raise Refused("请先选择要导入的文件。")
    with transaction.atomic():
        run_id = add_run([], kind=kind, actor=actor)
        place = folder(run_id) / "files"
        place.mkdir(parents=True)
        kept = []
        for number, (name, content) in enumerate(files):
            # Each in a folder of its own, so that two of one name both keep it: set-aside rows tell their file by it
            path = place / str(number) / _safe_name(name)
            path.parent.mkdir()
            with path.open("wb") as target:
                shutil.copyfileobj(content, target, 1 << 20)
            kept.append({"name": path.name, "path": str(path)})
        ImportRun.objects.filter(id=run_id).update(files=kept)
        record(actor, "import.uploaded", "import_run", run_id, files=[f["name"] for f in kept])
    return run_id


def _safe_name(name: str) -> str:
    """The user's own name for a file without anything a path could be made of, short enough for any file system."""
    whole = Path(name.replace("\\", "/")).name
    suffix = Path(whole).suffix.lower()
    suffix = suffix if suffix in {".csv", ".tsv", ".txt", ".xlsx", ".xls", ".zip", ".parquet"} else ".csv"
    stem = re.sub(r"[^\w（）() -]", "_", Path(whole).stem)[:60].strip() or "表格"
    return stem + suffix


def _refuse_own(source_name: str) -> None:
    """What stands under one of these we have said ourselves: readers take it for a decision of the house (ADR 0054)."""
    if folded(source_name) in OWN_SOURCES:
        raise Refused(f"“{source_name.strip()[:60]}”是活水自己的来源名，请换一个。")


def set_mapping(
    actor: Actor,
    run_id: int,
    mapping: Mapping[str, object] | None,
    kind: str,
    mode: str,
    source_name: str = "",
    form: str = AUTO,
) -> None:
    """Correct what the file is and which column serves which field, before it starts; None lets the headers tell."""
    _check(kind, mode, form)
    _refuse_own(source_name)
    with transaction.atomic():
        run = waiting_run(actor, run_id)
        source = source_for(kind, form, given=source_name.strip()[:60])
        if quarantine_gate.states([run_id]) and source != run.source_name:
            raise Refused("这次导入已标明来历，来源名不能再改。")
        run.kind, run.mode, run.mapping = kind, mode, None if mapping is None else dict(mapping)
        run.format, run.source_name = form, source
        run.save(update_fields=["kind", "format", "mode", "mapping", "source_name"])


def save_mapping(
    actor: Actor,
    *,
    source_name: str,
    kind: str,
    form: str,
    mapping: Mapping[str, object],
    headers: Sequence[str],
) -> None:
    """Keep for next time how this source's table of this kind is read; `headers` are the file's, by which it is known again."""
    if not may_import(actor):
        raise NotFound
    _check(kind, "live", form)
    SavedMapping.objects.update_or_create(
        source_name=source_name,
        kind=kind,
        defaults={
            "format": form,
            "mapping": dict(mapping),
            "headers": sorted({normalise(header) for header in headers} - {""}),
            "actor": str(actor),
            "saved_at": clock.now(),
        },
    )
    record(actor, "import.mapping_saved", "source", 0, source=source_name, kind=kind)


def start(actor: Actor, run_id: int, dry_run: bool = False) -> None:
    """Hand the run to a worker. Once started it is not started again; an interrupted or failed one may be."""
    from huoshui.intake.imports.jobs import run_import

    with transaction.atomic():
        run = waiting_run(actor, run_id)
        run.state, run.is_dry_run, run.message = ImportRun.QUEUED, dry_run, ""
        run.save(update_fields=["state", "is_dry_run", "message"])
        defer(run_import, run_id=run_id, queueing_lock=f"import {run_id}")
        record(actor, "import.started", "import_run", run_id, dry_run=dry_run)


def waiting_run(actor: Actor, run_id: int, *, is_held_too: bool = False) -> ImportRun:
    """Locked, and nobody at work on it. One in quarantine waits for somebody's word and for nothing else."""
    run = find_run_for(actor, run_id, lock=True)
    if not is_held_too and quarantine_gate.is_closed(run_id):
        state = quarantine_gate.states([run_id])[run_id]
        raise AlreadyRejected if state == REJECTED else Quarantined
    if state_of(run) in (ImportRun.QUEUED, ImportRun.RUNNING):
        raise Refused("这次导入已经在进行了，请等它结束。")
    if run.state == ImportRun.DONE and not run.is_dry_run:
        raise Refused("这次导入已经完成。要再导入，请重新上传文件。")
    return run
