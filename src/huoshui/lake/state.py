"""What rooms know about people, as changes (`state`) and as it stands (`state_now`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from huoshui.core.subscribers import STATE_SCHEMA, XidRange, registry
from huoshui.lake.files import XID, Parts, commit, current_files, marks, part_of, read

if TYPE_CHECKING:
    from pyiceberg.table import Table

_BUILT_FROM = "huoshui.state_snapshot"


def take_in(state: Table, state_now: Table, *, high: int) -> dict[str, int]:
    """Append what every source changed since it was last read, then bring `state_now` up to it."""
    changes = _changes(marks(state), high)
    before = _snapshot(state)
    if changes.num_rows:
        _append(state, changes, high)
    after = _snapshot(state)
    if marks(state_now).get(_BUILT_FROM, "") == after:
        return {"state": 0, "state_now": 0}
    # killed between the two commits, or compacted since: what is missing cannot be told from the
    # changes at hand
    behind = marks(state_now).get(_BUILT_FROM, "") != before
    fresh = read(state, state.scan().plan_files()) if behind else changes
    return {"state": changes.num_rows, "state_now": _refresh(state_now, fresh, built_from=after, high=high)}


def rebuild(state: Table, state_now: Table, *, high: int) -> dict[str, int]:
    """Write both tables anew from what the sources tell of all time."""
    changes = _changes({}, high)
    _append(state, changes, high, drop_old=True)
    now = _latest(changes)
    parts = Parts(state_now)
    parts.add(now)
    new_marks = {XID: str(high), _BUILT_FROM: _snapshot(state)}
    commit(state_now, add=parts.close(), drop=current_files(state_now), new_marks=new_marks)
    return {"state": changes.num_rows, "state_now": now.num_rows}


def _mark_of(source: str) -> str:
    """Each source has its own mark: a room that is added later still tells its whole past."""
    return f"{XID}.{source}"


def _changes(known: dict[str, str], high: int) -> pa.Table:
    told = [
        changes(XidRange(int(known.get(_mark_of(name), 0)), high))
        .select(STATE_SCHEMA.names)
        .cast(STATE_SCHEMA)
        for name, changes in registry.state.items()
    ]
    return pa.concat_tables([STATE_SCHEMA.empty_table(), *told])


def _append(state: Table, changes: pa.Table, high: int, *, drop_old: bool = False) -> None:
    parts = Parts(state)
    parts.add(changes)
    commit(
        state,
        add=parts.close(),
        drop=current_files(state) if drop_old else (),
        new_marks={XID: str(high)} | {_mark_of(name): str(high) for name in registry.state},
    )


def _refresh(state_now: Table, fresh: pa.Table, *, built_from: str, high: int) -> int:
    """Rewrite the keys that changed, and those alone."""
    keys = set(fresh["key"].unique().to_pylist())
    old = [task for task in state_now.scan().plan_files() if part_of(task.file) in keys]
    standing = read(state_now, old)
    now = _latest(pa.concat_tables([standing, fresh]))
    parts = Parts(state_now)
    parts.add(now)
    new_marks = {XID: str(high), _BUILT_FROM: built_from}
    commit(state_now, add=parts.close(), drop=[task.file for task in old], new_marks=new_marks)
    return parts.rows


def _latest(changes: pa.Table) -> pa.Table:
    """Of each person and key the last row: by seq, then time, then as it came."""
    order = [(column, "ascending") for column in ("key", "person_id", "seq", "at")]
    rows = changes.take(pc.sort_indices(changes, order)).combine_chunks()
    if rows.num_rows < 2:
        return rows
    is_last = np.ones(rows.num_rows, dtype=bool)
    key, person = rows["key"], rows["person_id"]
    same = pc.and_(
        pc.equal(key.slice(1), key.slice(0, rows.num_rows - 1)),
        pc.equal(person.slice(1), person.slice(0, rows.num_rows - 1)),
    )
    is_last[:-1] = ~same.to_numpy().astype(bool)
    return rows.filter(pa.array(is_last))


def _snapshot(table: Table) -> str:
    snapshot = table.current_snapshot()
    return str(snapshot.snapshot_id) if snapshot else ""
