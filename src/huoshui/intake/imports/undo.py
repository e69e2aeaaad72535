"""An import taken back (ADR 0017), for a reason, by somebody who may: alone, or with a second person above a limit."""

from __future__ import annotations

import json
from collections.abc import Sequence

from django.db import transaction

from huoshui.core import sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.approvals import api as approvals
from huoshui.core.approvals.api import Approval
from huoshui.core.audit import record
from huoshui.core.jobs import defer
from huoshui.intake.imports.models import ImportRun
from huoshui.intake.imports.reads import find_run_for
from huoshui.intake.imports.rehearsal import rehearse_undo
from huoshui.intake.imports.undo_types import (
    AlreadyUndone,
    NotUndoable,
    Rehearsal,
    UndoReasonMissing,
    UndoView,
)

Q = sql.load("huoshui.intake.imports")

KIND = "import.undo"
ALONE_UPTO = {"boss": None, "operator": 10_000_000}
"""Money of the orders (minor units) that a role may take back alone; None: any."""
_REASON_LENGTH = 200


def undo(actor: Actor, run_id: int, *, reason: str) -> UndoView:
    """Ask for an import to be taken back: it begins at once, or waits for a second person where it is about more money than
    the actor may decide alone.

    One that failed may be asked for again, and goes on where it ended. Raises NotFound, NotUndoable, AlreadyUndone,
    UndoReasonMissing.
    """
    said = reason.strip()[:_REASON_LENGTH]
    with transaction.atomic():
        run = find_run_for(actor, run_id, lock=True)
        present = undo_of(actor, run_id)
        if present is not None and present.state != "failed":
            raise AlreadyUndone
        if run.is_dry_run or run.state not in (ImportRun.DONE, ImportRun.FAILED):
            raise NotUndoable
        if not said:
            raise UndoReasonMissing
        if present is not None:
            _begin(run_id)
        else:
            _ask(actor, rehearse_undo(actor, run_id), said)
    return _view(run_id)


def _ask(actor: Actor, before: Rehearsal, reason: str) -> None:
    if before.is_empty:
        raise NotUndoable("这次导入没有留下可以撤销的数据。")
    alone = approvals.alone_upto(KIND, actor, ALONE_UPTO)
    is_alone = alone is None or abs(before.amount) <= alone
    said = figures(before)
    approval_id = None
    if not is_alone:
        asked = approvals.ask(
            kind=KIND,
            key=f"{before.run_id}:{_times_asked(before.run_id)}",
            object_kind="import_run",
            object_id=before.run_id,
            said=said,
            reason=reason,
            actor=actor,
        )
        approval_id = asked.id
    sql.run(
        Q.add_undo,
        run_id=before.run_id,
        state="queued" if is_alone else "asked",
        reason=reason,
        actor=str(actor),
        actor_name=actor.name,
        approval_id=approval_id,
        before=json.dumps(said),
    )
    record(actor, "import.undo_asked", "import_run", before.run_id, reason=reason, **said)
    if is_alone:
        _begin(before.run_id)


def _times_asked(run_id: int) -> int:
    return int(sql.fetch_one(Q.times_asked, kind=KIND, run_id=run_id).times)


def figures(before: Rehearsal) -> dict[str, int]:
    """The numbers of a rehearsal that are kept with what was done."""
    return {
        "orders": before.orders,
        "refunds": before.refunds,
        "amount": before.amount,
        "persons_told": before.persons_told,
        "persons": before.persons,
        "persons_staying": before.persons_staying,
        "points": before.points,
        "points_short": before.points_short,
        "coupons_used": len(before.coupons_used),
        "statements_closed": sum(c.statements for c in before.closed),
        "also_told": before.also_told,
        "list_rows": sum(x.added + x.changed for x in before.lists),
        "documents": before.documents,
        "tags": before.tags,
    }


def approve_undo(actor: Actor, run_id: int) -> UndoView:
    """By a second person. Raises NotFound, AlreadyDecided, SecondPersonNeeded."""
    with transaction.atomic():
        asked = _waiting(actor, run_id)
        approvals.done(asked, fact_id=0, actor=actor)
        _begin(run_id)
    return _view(run_id)


def reject_undo(actor: Actor, run_id: int) -> None:
    """The import stays. It may be asked for again."""
    with transaction.atomic():
        approvals.reject(_waiting(actor, run_id), actor=actor)
        sql.run(Q.drop_undo, run_id=run_id)


def _waiting(actor: Actor, run_id: int) -> Approval:
    find_run_for(actor, run_id, lock=True)
    present = _view(run_id)
    return approvals.undecided(present.approval_id or 0, kind=KIND, actor=actor)


def _begin(run_id: int) -> None:
    from huoshui.intake.imports.jobs import undo_import

    put(run_id, state="queued")
    defer(undo_import, run_id=run_id, queueing_lock=f"undo import {run_id}")
    record(SYSTEM, "import.undo_started", "import_run", run_id)


def put(
    run_id: int,
    *,
    state: str,
    phase: str = "",
    message: str = "",
    counts: dict[str, int] | None = None,
) -> None:
    told = None if counts is None else json.dumps(counts)
    sql.run(Q.put_undo, run_id=run_id, state=state, phase=phase, message=message, counts=told)


def undo_of(actor: Actor, run_id: int) -> UndoView | None:
    """How far the undoing of an import has come; None: nobody has asked for it. Raises NotFound."""
    find_run_for(actor, run_id)
    return _view(run_id) if sql.fetch_one(Q.undo_of, run_id=run_id) else None


def undo_states(run_ids: Sequence[int]) -> dict[int, str]:
    """Of those of these runs that are, or are to be, taken back."""
    return {r.run_id: r.state for r in sql.fetch(Q.undos, run_ids=list(run_ids))}


def _view(run_id: int) -> UndoView:
    row = sql.fetch_one(Q.undo_of, run_id=run_id)
    return UndoView(**row._asdict() | {"before": json.loads(row.before), "counts": json.loads(row.counts)})
