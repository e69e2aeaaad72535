"""Where every run passes, whoever starts it: what comes from others is held here until somebody has let it in."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from django.db import transaction

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.audit import record
from huoshui.intake.imports.models import ImportRun
from huoshui.intake.imports.quarantine_types import CLOSED, HELD, MARKED, QuarantineView

Q = sql.load("huoshui.intake.imports")


def name_key(source_name: str) -> str:
    return "".join(source_name.split()).casefold()


def view_of(run_id: int) -> QuarantineView | None:
    row = sql.fetch_one(Q.quarantine_of, run_id=run_id)
    return QuarantineView(**row._asdict() | {"counts": json.loads(row.counts)}) if row else None


def states(run_ids: Sequence[int]) -> dict[int, str]:
    return {r.run_id: r.state for r in sql.fetch(Q.quarantines, run_ids=list(run_ids))}


def is_closed(run_id: int) -> bool:
    return states([run_id]).get(run_id) in CLOSED


def must_hold(run: ImportRun) -> bool:
    """Asked when the source's name stands fast, before anything is received."""
    sql.run(Q.inherit_quarantine, run_id=run.id, name_key=name_key(run.source_name))
    return states([run.id]).get(run.id) in (MARKED, HELD)


def hold(run: ImportRun, counts: Mapping[str, int], *, place: Path) -> None:
    """Keep the files with the run, so that what is let in is what was looked at: a run that is only tried so far."""
    run.files = [_kept(place, number, file) for number, file in enumerate(run.files)]
    run.is_dry_run = True
    with transaction.atomic():
        run.save(update_fields=["files", "is_dry_run"])
        sql.run(Q.hold_quarantine, run_id=run.id, counts=json.dumps(counts))
        record(SYSTEM, "import.held", "import_run", run.id, **counts)


def _kept(place: Path, number: int, file: Mapping[str, str]) -> dict[str, str]:
    path = Path(file["path"])
    if path.is_relative_to(place):
        return dict(file)
    own = place / "files" / str(number) / path.name
    own.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, own)
    return {"name": file["name"], "path": str(own)}
