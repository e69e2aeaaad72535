"""Taking people out of the columns: files that hold them are written anew without them, and the old ones are gone at once.

There are no delete files, ever: another engine reads plain Parquet. Whoever is in the middle of reading an old snapshot
fails and asks again; that is the price of "gone".
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from huoshui.core.subscribers import Erased
from huoshui.lake import tables
from huoshui.lake.engines import by_person
from huoshui.lake.files import commit, part_of, read, write_rows
from huoshui.lake.maintenance import expire, sweep
from huoshui.lake.writer import sole_writer

if TYPE_CHECKING:
    from pyiceberg.table import Table

# A sale stays, nobody's; what was said of a person or of a fact of hers goes.
_KEPT_WITHOUT_PERSON = ("facts", "order_lines")
_NO_TIME = timedelta()
_DROPPED = ("properties", "state", "state_now")


def erase(whom: Erased) -> Mapping[str, int]:
    """Rows that were changed or dropped. May be run again."""
    persons = pa.array(whom.person_ids, pa.int64())
    touched = 0
    with sole_writer():
        for name in (*_KEPT_WITHOUT_PERSON, *_DROPPED):
            table = tables.find(name)
            if table is None:
                continue
            try:
                touched += _rewrite(table, persons, keep_rows=name in _KEPT_WITHOUT_PERSON)
            except FileNotFoundError:
                # The catalog came from a backup and names what is gone: the table begins anew, and the next flush fills it
                sweep(tables.renew(name), unnamed_for=_NO_TIME)
    by_person.forget()
    return {"数据仓里的行": touched}


def _rewrite(table: Table, persons: pa.Array, *, keep_rows: bool) -> int:
    added, dropped, touched = [], [], 0
    for task in table.scan().plan_files():
        rows = read(table, [task])
        is_hers = pc.fill_null(pc.is_in(rows["person_id"], persons), False)
        hers = pc.sum(is_hers).as_py() or 0
        if not hers:
            continue
        touched += hers
        dropped.append(task.file)
        rows = _nobodys(rows, is_hers) if keep_rows else rows.filter(pc.invert(is_hers))
        if rows.num_rows:
            added += write_rows(table, rows, part_of(task.file))
    if dropped:
        commit(table, add=added, drop=dropped)
    # Also when nothing was found: a try before this one may have been killed between the commit and here
    expire(table, keep=1)
    sweep(table, unnamed_for=_NO_TIME)
    return touched


def _nobodys(rows: pa.Table, is_hers: pa.ChunkedArray) -> pa.Table:
    place = rows.schema.get_field_index("person_id")
    without = pc.if_else(is_hers, pa.scalar(None, pa.int64()), rows["person_id"])
    return rows.set_column(place, rows.schema.field(place), without)
