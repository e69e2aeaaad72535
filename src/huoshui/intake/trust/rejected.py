"""What was not taken in, whichever door it came to: why, where it stands, and the rows themselves."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused
from huoshui.core.facts import desk
from huoshui.intake.devices import api as devices
from huoshui.intake.imports import api as imports
from huoshui.intake.tracking import api as tracking
from huoshui.intake.trust.access import require, sees_all
from huoshui.intake.trust.types import BadRow, Cause, Fault

Q = sql.load("huoshui.intake.trust")

RUNS_LOOKED_AT = 30
MOST_ROWS = 5_000
"""A file with more bad rows than that is mended in a spreadsheet."""
_REASONS = ("原因", "怎么改")


class TooManyRows(Refused):
    """要改的行太多，不适合在网页上改。请把这些行下载下来，在 Excel 里改好后再导入。"""

    code = "too_many_rows"


class _Where(NamedTuple):
    file_no: int
    row_no: int


def causes(actor: Actor) -> list[Cause]:
    """Most first. Raises NotFound; who may not enter a door is told nothing of what lies at it."""
    require(sees_all(actor))
    found = [*_events(), *_readings(), *(_exceptions(actor) if desk.may_see(actor) else ())]
    if imports.may_import(actor):
        found += _files(actor)
    return sorted(found, key=lambda c: -c.items)


def _events() -> Iterator[Cause]:
    labels = {s.source_id: s.label for s in tracking.list_sources()}
    for source_id, code, items, _times in tracking.aside_counts():
        yield Cause("event", source_id, code, items, None, labels.get(source_id, ""))


def _readings() -> Iterator[Cause]:
    for one in devices.aside_counts():
        yield Cause("device", one.device_id, one.code, one.items, one.since, one.device)


def _exceptions(actor: Actor) -> Iterator[Cause]:
    for kind in desk.kinds(actor):
        yield Cause("exception", 0, kind.code, kind.cases, kind.since, "")


def _files(actor: Actor) -> list[Cause]:
    """Of the latest runs: each column's fault by itself."""
    runs = [
        run
        for run in imports.runs(actor, limit=RUNS_LOOKED_AT)
        if run.state == "done" and not run.is_dry_run and run.counts.get("set_aside", 0)
    ]
    found = []
    for run in runs:
        table = _problems_of(actor, run.id)
        done = {(r.file_no, r.row_no) for r in sql.fetch(Q.mended_rows, run_id=run.id)} if table else set()
        rows = [r for r in table if (r[0], r[1]) not in done]
        groups: dict[tuple[str, str, str, str], set[tuple[int, int]]] = defaultdict(set)
        for file_no, row_no, _name, column, _value, code, reason, remedy in rows:
            groups[code, column or "", reason, remedy].add((file_no, row_no))
        found += [
            Cause("file", run.id, code, len(places), run.created_at, run.files[0] if run.files else "", *rest)
            for (code, *rest), places in groups.items()
        ]
    return found


def _problems_of(actor: Actor, run_id: int) -> list[tuple[Any, ...]]:
    """file_no, row_no, file, column, value, code, reason, remedy of the rows that were not taken."""
    try:
        path = imports.problem_file(actor, run_id).with_suffix(".parquet")
    except NotFound:
        return []
    if not path.exists():
        return []
    with duckdb.connect(config={"threads": 1, "memory_limit": "200MB"}) as database:
        return database.execute(
            """select file_no, row_no, file_name, column_name, value, code, reason, remedy
            from read_parquet(?) where not kept order by file_no, row_no limit ?""",
            [str(path), 20 * MOST_ROWS],
        ).fetchall()


def bad_rows(actor: Actor, run_id: int) -> list[BadRow]:
    """The rows a run set aside, in the file's order, with what is wrong in each. Raises NotFound; TooManyRows."""
    require(imports.may_import(actor))
    faults = _problems_of(actor, run_id)
    where: dict[_Where, list[Fault]] = defaultdict(list)
    names: dict[_Where, str] = {}
    for file_no, row_no, file, column, value, code, reason, remedy in faults:
        place = _Where(file_no, row_no)
        where[place].append(Fault(column or "", value or "", code, reason, remedy))
        names[place] = file
    cells = list(islice(_cells(imports.problem_file(actor, run_id)), MOST_ROWS + 1))
    # The table of faults and the sheet of rows tell of the same rows in the same order, or rows would get others' faults
    if len(cells) > MOST_ROWS or len(cells) != len(where):
        raise TooManyRows
    record(actor, "contact.read_problems", "import_run", run_id)  # whole numbers are in them
    done = {_Where(r.file_no, r.row_no): r.new_run_id for r in sql.fetch(Q.mended_rows, run_id=run_id)}
    return [
        BadRow(*place, names[place], row, tuple(where[place]), done.get(place))
        for place, row in zip(where, cells, strict=True)
    ]


def _cells(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            yield {name: value or "" for name, value in row.items() if name and name not in _REASONS}
