"""A base that was bought or comes from a partner: marked before it runs, held when it does, let in or rejected by persons."""

from __future__ import annotations

import shutil
from collections.abc import Mapping

from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.approvals import api as approvals
from huoshui.core.audit import record
from huoshui.core.jobs import defer
from huoshui.intake.files.formats.registry import ALL as FORMATS
from huoshui.intake.imports import quarantine_gate as gate
from huoshui.intake.imports.actions import waiting_run
from huoshui.intake.imports.models import ImportRun
from huoshui.intake.imports.quarantine_types import (
    ASKED,
    HELD,
    MARKED,
    REJECTED,
    RELEASED,
    AlreadyBegun,
    NotHeld,
    QuarantineReasonMissing,
    QuarantineView,
    SourceOfOurOwn,
    provenance_from,
)
from huoshui.intake.imports.reads import find_run_for
from huoshui.intake.imports.runner import folder
from huoshui.intake.imports.sources import is_default

Q = sql.load("huoshui.intake.imports")

KIND = "import.release"
ALONE_UPTO: Mapping[str, int | None] = {"boss": 0, "operator": 0}
"""Rows that a role may let in alone: none, unless the house has said otherwise."""
_REJECTED = "已拒绝，文件已删除，什么都没有入账。"


def mark_quarantine(actor: Actor, run_id: int, said: Mapping[str, str]) -> None:
    """Say where a run's files come from, before it runs. Its source is marked along: every later run of it is held too.

    Raises NotFound, ProvenanceIncomplete, SourceOfOurOwn, AlreadyBegun, Quarantined.
    """
    told = provenance_from(said, today=clock.business_day(clock.now()))
    with transaction.atomic():
        run = waiting_run(actor, run_id)
        key = gate.name_key(run.source_name)
        if run.state != ImportRun.UPLOADED and not run.is_dry_run and gate.view_of(run_id) is None:
            raise AlreadyBegun
        _refuse_ours(run.source_name, key)
        sql.run(Q.mark_quarantine, run_id=run_id, actor=str(actor), actor_name=actor.name, **vars(told))
        sql.run(Q.mark_source, run_id=run_id, name_key=key)
        said_of = {name: str(value) for name, value in vars(told).items()}
        record(actor, "import.quarantined", "import_run", run_id, source=run.source_name, **said_of)


def _refuse_ours(name: str, key: str) -> None:
    """A mark is the source's: on one that our own files go by, it would hold these too."""
    ours = {gate.name_key(each) for f in FORMATS for each in (f.shop, f.label) if each}
    if not key or is_default(name) or key in ours:
        raise SourceOfOurOwn
    if sql.fetch_one(Q.is_source_quarantined, name_key=key).is_quarantined:
        return
    if sql.fetch_one(Q.is_source_told, name=name).is_told:
        raise SourceOfOurOwn


def quarantine_of(actor: Actor, run_id: int) -> QuarantineView | None:
    """Where a run came from and how far it has been let; None: it is our own. Raises NotFound."""
    find_run_for(actor, run_id)
    return gate.view_of(run_id)


def release(actor: Actor, run_id: int, *, reason: str) -> QuarantineView:
    """Ask for all of it to be let in: by a second person, unless the actor may let so many rows in alone.

    Raises NotFound, NotHeld, QuarantineReasonMissing.
    """
    with transaction.atomic():
        run, held = _in_state(actor, run_id, HELD)
        said = _reason(reason)
        rows = held.counts.get("rows", 0)
        alone = approvals.alone_upto(KIND, actor, ALONE_UPTO)
        if alone is None or rows <= alone:
            _let_in(run, actor, said)
        else:
            _ask(run, held, actor, said)
    return _view(run_id)


def _ask(run: ImportRun, held: QuarantineView, actor: Actor, reason: str) -> None:
    times = int(sql.fetch_one(Q.times_asked, kind=KIND, run_id=run.id).times)
    asked = approvals.ask(
        kind=KIND,
        key=f"{run.id}:{times}",
        object_kind="import_run",
        object_id=run.id,
        said=dict(held.counts) | {"from_whom": held.from_whom},
        reason=reason,
        actor=actor,
    )
    sql.run(Q.ask_release, run_id=run.id, approval_id=asked.id, reason=reason)


def approve_release(actor: Actor, run_id: int) -> QuarantineView:
    """By a second person. Raises NotFound, NotHeld, AlreadyDecided, SecondPersonNeeded."""
    with transaction.atomic():
        run, held = _in_state(actor, run_id, ASKED)
        asked = approvals.undecided(held.approval_id or 0, kind=KIND, actor=actor)
        approvals.done(asked, fact_id=0, actor=actor)
        _let_in(run, actor, held.reason)
    return _view(run_id)


def decline_release(actor: Actor, run_id: int) -> None:
    """By a second person: it stays held, and may be asked for again, or rejected."""
    with transaction.atomic():
        _run, held = _in_state(actor, run_id, ASKED)
        approvals.reject(approvals.undecided(held.approval_id or 0, kind=KIND, actor=actor), actor=actor)
        sql.run(Q.decline_release, run_id=run_id)


def reject_quarantined(actor: Actor, run_id: int, *, reason: str) -> None:
    """Its files are erased; where it came from, how much it was and why it was not let in stay.

    Raises NotFound, NotHeld, QuarantineReasonMissing.
    """
    with transaction.atomic():
        run, _held = _in_state(actor, run_id, MARKED, HELD)
        waiting_run(actor, run_id, is_held_too=True)
        said = _reason(reason)
        sql.run(Q.decide_quarantine, run_id=run_id, state=REJECTED, reason=said, decided_by=actor.name)
        run.state, run.is_dry_run, run.mapping, run.message = ImportRun.FAILED, True, None, _REJECTED
        run.files = [{"name": f["name"], "path": ""} for f in run.files]
        run.ended_at = clock.now()
        run.save(update_fields=["state", "is_dry_run", "mapping", "message", "files", "ended_at"])
        record(actor, "import.rejected", "import_run", run_id, reason=said)
        # Before it is committed: a process killed here leaves a run to be rejected again, not files that nobody minds
        shutil.rmtree(folder(run_id), ignore_errors=True)


def _let_in(run: ImportRun, actor: Actor, reason: str) -> None:
    from huoshui.intake.imports.jobs import run_import

    sql.run(Q.decide_quarantine, run_id=run.id, state=RELEASED, reason=reason, decided_by=actor.name)
    run.state, run.is_dry_run, run.message = ImportRun.QUEUED, False, ""
    run.save(update_fields=["state", "is_dry_run", "message"])
    defer(run_import, run_id=run.id, queueing_lock=f"import {run.id}")
    record(actor, "import.released", "import_run", run.id, reason=reason)


def _in_state(actor: Actor, run_id: int, *wanted: str) -> tuple[ImportRun, QuarantineView]:
    run = find_run_for(actor, run_id, lock=True)
    held = gate.view_of(run_id)
    if held is None or held.state not in wanted:
        raise NotHeld
    return run, held


def _reason(said: str) -> str:
    if not said.strip():
        raise QuarantineReasonMissing
    return said.strip()[:200]


def _view(run_id: int) -> QuarantineView:
    found = gate.view_of(run_id)
    assert found is not None
    return found
