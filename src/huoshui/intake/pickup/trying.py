"""A trial: go there, tell what is seen, take nothing in."""

from __future__ import annotations

import json
import re
import tempfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
from django.conf import settings

from huoshui.core import clock, crypto, sql
from huoshui.core.errors import Refused
from huoshui.intake.files.formats.registry import BY_NAME
from huoshui.intake.files.stage import AUTO, preview
from huoshui.intake.files.types import Preview
from huoshui.intake.imports import api as imports
from huoshui.intake.pickup import copies, reads, rules, sayings
from huoshui.intake.pickup.faults import Fault
from huoshui.intake.pickup.places.opening import opened
from huoshui.intake.pickup.types import Pickup, Trial

Q = sql.load("huoshui.intake.pickup")

_SHOWN_FILES, _SHOWN_ROWS = 20, 8
_LARGEST: Final = 64 << 20
_PHONE = re.compile(r"(?<!\d)(1\d{2})\d{4}(\d{4})(?!\d)")
_EMAIL = re.compile(r"(?<![\w.])([\w.+-])[\w.+-]*(@[\w-]+\.)")


def answer(pickup: Pickup) -> None:
    """Write down what the trial saw, sealed."""
    at = clock.now().isoformat()
    with tempfile.TemporaryDirectory(prefix="trial-", dir=settings.HUOSHUI_HOME) as scratch:
        try:
            seen = _rows(pickup, Path(scratch)) if pickup.kind == "sql" else _files(pickup, Path(scratch))
        except Fault as fault:
            seen = Trial(at, code=fault.code, said=str(fault))
    told = json.dumps(msgspec.to_builtins(seen), ensure_ascii=False)
    sql.run(Q.answer_trial, pickup_id=pickup.id, asked_at=pickup.trial_asked_at, trial=crypto.seal(told))


def _files(pickup: Pickup, scratch: Path) -> Trial:
    at = clock.now().isoformat()
    with opened(pickup, reads.secret_of(pickup.id)) as place:
        if place.host_key and not pickup.host_key:
            sql.run(Q.pin, pickup_id=pickup.id, host_key=place.host_key)
        found = place.look(rules.globs(pickup.files, clock.today()))
        found = rules.not_put_away(found, pickup.files.done_folder)
        fit = sorted((e for e in found if e.is_fit), key=lambda e: -e.modified)
        listed = tuple(
            (e.path, e.size, datetime.fromtimestamp(e.modified, UTC).isoformat()) for e in fit[:_SHOWN_FILES]
        )
        notes = [sayings.UNFIT_NAMES.format(n=n)] if (n := len(found) - len(fit)) else []
        seen = Trial(at, host_key=place.host_key, files=listed, found=len(fit), notes=tuple(notes))
        if not fit:
            return seen
        path = scratch / rules.local_name(fit[0].path)
        try:
            with copies.Copy(path, size=fit[0].size, largest=_LARGEST) as copy:
                place.fetch(fit[0], copy)
        except Fault as fault:
            return replace(seen, notes=(*notes, str(fault)))
    return _recognised(pickup, path, seen, scratch)


def _rows(pickup: Pickup, scratch: Path) -> Trial:
    from huoshui.intake.pickup.places.database import Database

    database = Database(pickup.place, reads.secret_of(pickup.id))
    path = scratch / "rows.parquet"
    try:
        headers, rows, notes = database.first_rows(pickup.query, path, most=50)
    finally:
        database.close()
    seen = Trial(clock.now().isoformat(), found=len(rows), headers=headers, notes=tuple(notes))
    return _recognised(pickup, path, seen, scratch) if rows else seen


def _recognised(pickup: Pickup, path: Path, seen: Trial, scratch: Path) -> Trial:
    """What kind of table it is, and whether it would go in unseen."""
    form = pickup.form
    is_format = form in BY_NAME
    try:
        table = preview(
            [path],
            kind=None if form == "auto" or is_format else form,
            workdir=scratch / "look",
            form=form if is_format else AUTO,
        )
    except Refused as error:
        return replace(seen, notes=(*seen.notes, str(error)))
    why = "" if imports.is_told(table.headers, source_name=pickup.source_name) else _doubt(pickup, table)
    return replace(
        seen,
        headers=table.headers,
        rows=tuple(tuple(masked(cell) for cell in row) for row in table.samples[:_SHOWN_ROWS]),
        label=table.label,
        is_sure=not why,
        notes=(*seen.notes, *([why] if why else [])),
    )


def _doubt(pickup: Pickup, table: Preview) -> str:
    return rules.doubt(table, source_name=pickup.source_name, is_told=pickup.form != "auto")


def masked(cell: str) -> str:
    return _EMAIL.sub(r"\1***\2", _PHONE.sub(r"\1****\2", cell or ""))
