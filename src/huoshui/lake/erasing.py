"""Taking people out of the columns: files that hold them are written anew without them, and the old ones are gone at once.

There are no delete files, ever: another engine reads plain Parquet. Whoever is in the middle of reading an old snapshot
fails and asks again; that is the price of "gone".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from huoshui.core.subscribers import Erased
from huoshui.lake import tables
from huoshui.lake.engines import by_person
from huoshui.lake.files import Chosen, commit, dropped, rewritten
from huoshui.lake.maintenance import expire, sweep
from huoshui.lake.writer import sole_writer

if TYPE_CHECKING:
    from pyiceberg.table import FileScanTask, Table

# A sale stays, nobody's; what was said of a person or of a fact of hers goes.
_KEPT_WITHOUT_PERSON = ("facts", "order_lines")
_NO_TIME = timedelta()
_INSTANT = pa.timestamp("us", tz="UTC")
_DROPPED = ("properties", "state", "state_now")


def erase(whom: Erased) -> Mapping[str, int]:
    """Rows that were changed or dropped. May be run again."""
    hers = _of(pa.array(whom.person_ids, pa.int64()))
    touched = 0
    with sole_writer():
        for name in (*_KEPT_WITHOUT_PERSON, *_DROPPED):
            table = tables.find(name)
            if table is None:
                continue
            try:
                tasks = table.scan().plan_files()
                touched += _rewrite(table, hers, tasks, keep_rows=name in _KEPT_WITHOUT_PERSON)
            except FileNotFoundError:
                # The catalog came from a backup and names what is gone: the table begins anew, and the next flush fills it
                sweep(tables.renew(name), unnamed_for=_NO_TIME)
    by_person.forget()
    return {"数据仓里的行": touched}


def drop_properties(
    source_ids: Collection[int], *, before: datetime, except_names: Collection[str] = ()
) -> int:
    """What facts of these sources said of themselves before then goes, but of facts of these names. Returns how many rows;
    may be run again. Only files that may hold such rows are read."""
    table = tables.find("properties")
    if table is None or not source_ids:
        return 0
    sources, kept = pa.array(sorted(source_ids), pa.int32()), pa.array(sorted(except_names), pa.string())
    listed = ", ".join(str(int(source_id)) for source_id in sorted(source_ids))
    asked = f"source_id in ({listed}) and occurred_at < '{before.astimezone(UTC).isoformat()}'"

    def is_old(rows: pa.Table) -> pa.ChunkedArray:
        told = pc.and_(
            pc.is_in(rows["source_id"], sources), pc.less(rows["occurred_at"], pa.scalar(before, _INSTANT))
        )
        return pc.fill_null(pc.and_(told, pc.invert(pc.is_in(rows["name"], kept))), False)

    with sole_writer():
        return _rewrite(table, is_old, table.scan(row_filter=asked).plan_files(), keep_rows=False)


def _of(persons: pa.Array) -> Chosen:
    return lambda rows: pc.fill_null(pc.is_in(rows["person_id"], persons), False)


def _rewrite(table: Table, chosen: Chosen, tasks: Iterable[FileScanTask], *, keep_rows: bool) -> int:
    change = rewritten(table, tasks, chosen, _nobodys if keep_rows else dropped)
    if change.dropped:
        commit(table, add=change.added, drop=change.dropped)
    # Also when nothing was found: a try before this one may have been killed between the commit and here
    expire(table, keep=1)
    sweep(table, unnamed_for=_NO_TIME)
    return change.rows


def _nobodys(rows: pa.Table, is_hers: pa.ChunkedArray) -> pa.Table:
    place = rows.schema.get_field_index("person_id")
    without = pc.if_else(is_hers, pa.scalar(None, pa.int64()), rows["person_id"])
    return rows.set_column(place, rows.schema.field(place), without)
