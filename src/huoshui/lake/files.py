"""Data files and commits: the only place that changes an Iceberg table.

What a table has taken in is written as properties of the very snapshot that added it ("marks"), and every
commit carries the marks of the one before. So a table always knows from itself where to go on, whatever was
killed when.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyiceberg.expressions import AlwaysTrue
from pyiceberg.io.pyarrow import ArrowScan, write_file
from pyiceberg.partitioning import PartitionFieldValue, PartitionKey
from pyiceberg.table import FileScanTask, Table, WriteTask
from pyiceberg.table.snapshots import ancestors_of

from huoshui.lake.tables import SORTED_BY, arrow_schema

if TYPE_CHECKING:
    from pyiceberg.manifest import DataFile

Part = int | str | None  # months since 1970-01, a key, or nothing: the value a file's rows have in common

Chosen = Callable[[pa.Table], pa.ChunkedArray]
"""Which rows of a file it is about."""
Mend = Callable[[pa.Table, pa.ChunkedArray], pa.Table]
"""What stands for a file's rows, some of them chosen."""

MARK = "huoshui."
XID = "huoshui.xid"

_BUFFERED_ROWS = 1_000_000


def table_name(table: Table) -> str:
    return table.name()[-1]


def marks(table: Table) -> dict[str, str]:
    """The marks of the latest snapshot that has any; another tool's commit may stand above it."""
    for snapshot in ancestors_of(table.current_snapshot(), table.metadata):
        summary = snapshot.summary
        found = summary.additional_properties if summary else {}
        if XID in found:
            return {key: value for key, value in found.items() if key.startswith(MARK)}
    return {}


def bound(table: Table) -> int:
    """Every transaction below it is in the table."""
    return int(marks(table).get(XID, 0))


def current_files(table: Table) -> list[DataFile]:
    return [task.file for task in table.scan().plan_files()]


def read(table: Table, tasks: Iterable[FileScanTask]) -> pa.Table:
    """The rows of some of the table's files."""
    scan = ArrowScan(table.metadata, table.io, table.schema(), AlwaysTrue())
    return scan.to_table(tasks).cast(arrow_schema(table_name(table)))


def part_of(file: DataFile) -> Part:
    return file.partition[0] if len(file.partition) else None


def commit(
    table: Table,
    *,
    add: Iterable[DataFile] = (),
    drop: Iterable[DataFile] = (),
    new_marks: Mapping[str, str] | None = None,
) -> None:
    """One snapshot: some files in, some out, and the marks."""
    dropped = list(drop)
    with table.transaction() as transaction:
        update = transaction.update_snapshot(snapshot_properties={**marks(table), **(new_marks or {})})
        with update.overwrite() if dropped else update.merge_append() as producer:
            for file in add:
                producer.append_data_file(file)
            for file in dropped:
                producer.delete_data_file(file)


class Change(NamedTuple):
    """Data files that come and go in one commit. `rows`: how many rows it is about."""

    added: Sequence[DataFile] = ()
    dropped: Sequence[DataFile] = ()
    rows: int = 0


def all_anew(table: Table) -> Change:
    return Change(dropped=current_files(table))


def without(table: Table, withdrawn: pa.Table) -> Change:
    """The files that hold facts of `withdrawn` (fact_id, occurred_at), written anew without them. There are no delete files:
    another engine reads plain Parquet. Only files of their months are read."""
    if not withdrawn.num_rows:
        return Change()
    gone, span = withdrawn["fact_id"].combine_chunks(), pc.min_max(withdrawn["occurred_at"]).as_py()
    asked = f"occurred_at >= '{span['min'].isoformat()}' and occurred_at <= '{span['max'].isoformat()}'"
    return rewritten(
        table,
        table.scan(row_filter=asked).plan_files(),
        lambda rows: pc.is_in(rows["fact_id"], gone),
        dropped,
    )


def dropped(rows: pa.Table, is_chosen: pa.ChunkedArray) -> pa.Table:
    """What stands for a file's rows where the chosen ones go."""
    return rows.filter(pc.invert(is_chosen))


def rewritten(table: Table, tasks: Iterable[FileScanTask], chosen: Chosen, mend: Mend) -> Change:
    """Files that hold chosen rows, and what is to stand for them."""
    added: list[DataFile] = []
    old: list[DataFile] = []
    touched = 0
    for task in tasks:
        rows = read(table, [task])
        is_chosen = chosen(rows)
        if not (found := pc.sum(is_chosen).as_py() or 0):
            continue
        touched += found
        old.append(task.file)
        if (left := mend(rows, is_chosen)).num_rows:
            added += write_rows(table, left, part_of(task.file))
    return Change(added, old, touched)


class Parts:
    """Rows on their way into sorted files, one for each part; the fullest are written when too many wait."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._name = table_name(table)
        self._schema = arrow_schema(self._name)
        self._waiting: dict[Part, list[pa.Table]] = defaultdict(list)
        self._sizes: dict[Part, int] = defaultdict(int)
        self._files: list[DataFile] = []
        self.rows = 0

    def add(self, rows: pa.Table) -> None:
        for part, slice_ in _split(self._table, rows.select(self._schema.names).cast(self._schema)):
            self._waiting[part].append(slice_)
            self._sizes[part] += slice_.num_rows
        self.rows += rows.num_rows
        while sum(self._sizes.values()) > _BUFFERED_ROWS:
            self._files += self._write(max(self._sizes, key=self._sizes.__getitem__))

    def close(self) -> list[DataFile]:
        with ThreadPoolExecutor(2, "lake-files") as writing:
            for files in writing.map(self._write, list(self._waiting)):
                self._files += files
        return self._files

    def _write(self, part: Part) -> list[DataFile]:
        del self._sizes[part]
        return write_rows(self._table, pa.concat_tables(self._waiting.pop(part)), part)


def write_rows(table: Table, rows: pa.Table, part: Part) -> list[DataFile]:
    """Write rows of one part as a sorted data file, which no snapshot names yet."""
    order = [(column, "ascending") for column in SORTED_BY[table_name(table)]]
    rows = rows.take(pc.sort_indices(rows, order))
    spec, schema = table.spec(), table.schema()
    key = None
    if spec.fields:
        key = PartitionKey([PartitionFieldValue(spec.fields[0], part)], spec, schema)
    batches = rows.combine_chunks().to_batches()
    task = WriteTask(uuid4(), 0, schema, batches, partition_key=key)
    return list(write_file(table.io, table.metadata, iter([task])))


def _split(table: Table, rows: pa.Table) -> Iterable[tuple[Part, pa.Table]]:
    """Rows apart by the partition they belong to."""
    if rows.num_rows == 0:
        return
    if not table.spec().fields:
        yield None, rows
        return
    column = table.schema().find_column_name(table.spec().fields[0].source_id)
    values = rows[column] if column == "key" else _months(rows[column])
    codes = values.combine_chunks().dictionary_encode()
    indices = codes.indices.to_numpy()
    if len(codes.dictionary) > 1:
        rows = rows.take(pa.array(np.argsort(indices, kind="stable")))
    start = 0
    for value, count in zip(codes.dictionary.to_pylist(), np.bincount(indices), strict=True):
        yield value, rows.slice(start, count)
        start += count


def _months(instants: pa.ChunkedArray) -> pa.ChunkedArray:
    """Iceberg's month transform: months since 1970-01, in UTC."""
    years = pc.multiply(pc.subtract(pc.year(instants), 1970), 12)
    return pc.cast(pc.add(years, pc.subtract(pc.month(instants), 1)), pa.int32())
