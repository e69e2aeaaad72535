"""Mend what was not taken in, and tell it again: rows of files, events, and facts that wait. Once, however often asked."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, NamedTuple

from django.db import transaction

from huoshui.core import audit, sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.facts import desk
from huoshui.intake.imports import api as imports
from huoshui.intake.river import api as river
from huoshui.intake.tracking import api as tracking
from huoshui.intake.trust.access import may_act, require
from huoshui.intake.trust.rejected import bad_rows
from huoshui.intake.trust.types import BadRow

Q = sql.load("huoshui.intake.trust")

MOST_AT_ONCE = 200
"""So many events, or facts, a press of the button tells again; the rest stay and are told with the next."""

Place = tuple[int, int]


class NothingToMend(Refused):
    """没有选中还没处理的行。可能刚才已经有人改好并重新导入了。"""

    code = "nothing_to_mend"


class NothingChanged(Refused):
    """还没有改。请把标出来的格子改对，再重新导入。"""

    code = "nothing_changed"


class Swap(NamedTuple):
    """In this column, wherever it says the one, let it say the other."""

    column: str
    was: str
    to: str


class Told(NamedTuple):
    """How many were taken in now, how many still are not, and how many are left for the next time."""

    taken: int
    refused: int
    left: int


def mend_rows(
    run_id: int, edits: Mapping[Place, Mapping[str, str]], swaps: Sequence[Swap] = (), *, actor: Actor
) -> int:
    """Bring the mended rows of a run again, as a run of their own that a worker carries out. Returns its id.

    `edits` are by (file_no, row_no). A row is brought again once: of two who mend it at once, one finds it done. All of it
    happens or nothing does. What is still wrong is set aside by the new run, in its own words.
    """
    require(may_act(actor) and imports.may_import(actor))
    with transaction.atomic():
        run = imports.run_for(actor, run_id)
        rows_set_aside = bad_rows(actor, run_id)
        mended = _mended(rows_set_aside, edits, swaps)
        if not mended:
            raise NothingChanged
        mended += _companions(rows_set_aside, mended, _order_column(run))
        taken = sql.fetch(
            Q.take_rows,
            run_id=run_id,
            file_nos=[row.file_no for row, _ in mended],
            row_nos=[row.row_no for row, _ in mended],
            by=str(actor),
        )
        places = {(r.file_no, r.row_no) for r in taken}
        rows = [(row, cells) for row, cells in mended if (row.file_no, row.row_no) in places]
        if not rows:
            raise NothingToMend
        new_run_id = _bring(actor, run, [cells for _, cells in rows])
        sql.run(Q.name_new_run, run_id=run_id, new_run_id=new_run_id)
        audit.record(
            actor,
            "rows.mended",
            "import_run",
            run_id,
            new_run_id=new_run_id,
            rows=[[row.file_no, row.row_no] for row, _ in rows],
        )
    return new_run_id


def _mended(
    rows: Sequence[BadRow], edits: Mapping[Place, Mapping[str, str]], swaps: Sequence[Swap]
) -> list[tuple[BadRow, dict[str, str]]]:
    """The rows that differ now from what they were, with their new cells. Done ones among them are told apart by the taking."""
    changed = []
    for row in rows:
        cells = dict(row.cells)
        for swap in swaps:
            if cells.get(swap.column) == swap.was:
                cells[swap.column] = swap.to
        own = edits.get((row.file_no, row.row_no), {})
        cells |= {column: value for column, value in own.items() if column in cells}
        if cells != row.cells:
            changed.append((row, cells))
    return changed


def _order_column(run: imports.RunView) -> str:
    """The header under which its file says which order a row belongs to; '' where rows stand alone."""
    found = (run.mapping or {}).get("order_no", "")
    return found if isinstance(found, str) else ""


def _companions(
    rows: Sequence[BadRow], mended: Sequence[tuple[BadRow, dict[str, str]]], column: str
) -> list[tuple[BadRow, dict[str, str]]]:
    """Rows with nothing wrong but that their order had a wrong row: they go with it."""
    orders = {row.cells.get(column) for row, _ in mended} - {None, ""}
    taken = {(row.file_no, row.row_no) for row, _ in mended}
    return [
        (row, dict(row.cells))
        for row in rows
        if row.cells.get(column) in orders
        and (row.file_no, row.row_no) not in taken
        and row.is_held
        and row.new_run_id is None
    ]


def _bring(actor: Actor, run: imports.RunView, rows: Sequence[Mapping[str, str]]) -> int:
    """In the caller's transaction: the job is there exactly when the run and the marks of its rows are."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    name = f"改好的行 第{run.id}次导入.csv"
    new_run_id = imports.upload(actor, [(name, io.BytesIO(text.getvalue().encode("utf-8-sig")))], run.kind)
    imports.set_mapping(
        actor, new_run_id, run.mapping, run.kind, run.mode, run.source_name, run.format or imports.AUTO
    )
    imports.start(actor, new_run_id)
    return new_run_id


def tell_events(
    source_id: int,
    code: str,
    *,
    pointer: str = "",
    value: Any = None,
    actor: Actor,
    limit: int = MOST_AT_ONCE,
) -> Told:
    """Tell the events of one cause again; where `pointer` is given, those that are wrong there, each with that value.

    Each by itself and for good, so that one that fails or a kill in between leaves the others as they are.
    """
    require(may_act(actor))
    taken = refused = 0
    for one in islice(_waiting(source_id, code, pointer), limit):
        try:
            text = _changed(tracking.open_one(one.id).text, pointer, value, aside_id=one.id)
            verdict = tracking.replay(one.id, text=text, actor=actor)
        except NotFound:
            raise
        except (
            Refused
        ):  # somebody else has dealt with it meanwhile, or what came is no JSON to put a value into
            refused += 1
            continue
        if verdict.status == tracking.REJECTED:
            refused += 1
        else:
            taken += 1
    left = sum(items for s, c, items, _ in tracking.aside_counts() if (s, c) == (source_id, code))
    return Told(taken, refused, left)


def _waiting(source_id: int, code: str, pointer: str) -> Iterator[tracking.AsideView]:
    """Newest first; of those with something wrong at `pointer`, where one is given."""
    before: int | None = None
    while page := tracking.set_aside(source_id=source_id, code=code, before=before, limit=MOST_AT_ONCE):
        before = page[-1].id
        yield from (one for one in page if pointer in ("", one.pointer))


def _changed(text: str, pointer: str, value: Any, *, aside_id: int) -> str:
    """One without a messageId gets one that is always the same, so that told twice it counts once."""
    try:
        event = json.loads(text)
    except (ValueError, RecursionError):
        raise Refused from None
    if not isinstance(event, dict):
        raise Refused
    if not event.get("messageId"):
        event["messageId"] = f"huoshui-aside-{aside_id}"
    if pointer:
        _put(event, [p.replace("~1", "/").replace("~0", "~") for p in pointer.split("/")[1:]], value)
    return json.dumps(event, ensure_ascii=False)


def _put(at: Any, path: Sequence[str], value: Any) -> None:
    """Raises Refused where the way there leads through something that has no such part."""
    *way, last = path or [""]
    for part in way:
        if isinstance(at, dict):
            at = at.setdefault(part, {})
        elif isinstance(at, list) and part.isdecimal() and int(part) < len(at):
            at = at[int(part)]
        else:
            raise Refused
    if isinstance(at, dict) and last:
        at[last] = value
    elif isinstance(at, list) and last.isdecimal() and int(last) < len(at):
        at[int(last)] = value
    else:
        raise Refused


def settle_again(code: str, *, actor: Actor, limit: int = MOST_AT_ONCE) -> Told:
    """Settle once more what waits under this exception. Each fact settles whole or not at all."""
    require(desk.may_act(actor))
    cases = [c for c in desk.cases(actor, code=code, limit=limit) if c.fact_state != "settled"]
    for case in cases:
        river.settle([case.fact_id], actor=actor)
    taken = _with_each([c.id for c in cases], lambda exception_id: desk.retried(exception_id, actor=actor))
    return Told(taken, len(cases) - taken, sum(k.cases for k in desk.kinds(actor) if k.code == code))


def _with_each(ids: Sequence[int], act: Callable[[int], bool]) -> int:
    done = 0
    for one in ids:
        with transaction.atomic():
            done += act(one)
    return done
