"""Keeping the lake small: old snapshots, small files, and files that nothing names any more."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, cast
from urllib.parse import urlparse

from pyarrow import fs
from pyiceberg.io.pyarrow import PyArrowFileIO

from huoshui.core import clock
from huoshui.lake.files import Part, commit, part_of, read, table_name, write_rows

if TYPE_CHECKING:
    from pyiceberg.manifest import DataFile
    from pyiceberg.table import FileScanTask, Table

COMPACTED = ("facts", "order_lines", "properties", "state")  # the others are rewritten anyway
COMMITS_BETWEEN = 50
SNAPSHOTS_KEPT = 10
# A reader may hold on to the files of a snapshot it planned; a writer may be slow to name the files it wrote.
UNNAMED_FOR = timedelta(days=2)

_WHOLE_FILE_ROWS = 1_000_000
_SMALL_FILES = 32


def tidy(table: Table) -> None:
    """Every fifty commits: forget old snapshots, merge what lies in crumbs, delete what nothing names."""
    if len(table.metadata.snapshots) < SNAPSHOTS_KEPT + COMMITS_BETWEEN:
        return
    if table_name(table) in COMPACTED:
        compact(table, crumbs=_SMALL_FILES)
    expire(table)
    sweep(table)


def expire(table: Table, *, keep: int = SNAPSHOTS_KEPT) -> int:
    """Forget all but the latest snapshots. Their files stay until `sweep`."""
    by_age = sorted(table.metadata.snapshots, key=lambda snapshot: snapshot.sequence_number or 0)
    old = [snapshot.snapshot_id for snapshot in by_age[:-keep]]
    if old:
        table.maintenance.expire_snapshots().by_ids(old).commit()
    return len(old)


def compact(table: Table, *, crumbs: int = 2) -> None:
    """Merge the small files of every part that has so many: copy on write, one commit."""
    small: dict[Part, list[FileScanTask]] = defaultdict(list)
    for task in table.scan().plan_files():
        if task.file.record_count < _WHOLE_FILE_ROWS // 2:
            small[part_of(task.file)].append(task)
    added: list[DataFile] = []
    dropped: list[DataFile] = []
    for part, tasks in small.items():
        if len(tasks) >= crumbs:
            for pile in _piles(tasks):
                added += write_rows(table, read(table, pile), part)
                dropped += [task.file for task in pile]
    if dropped:
        commit(table, add=added, drop=dropped)


def _piles(tasks: list[FileScanTask]) -> Iterator[list[FileScanTask]]:
    """Files that together make a whole one, oldest first."""
    pile: list[FileScanTask] = []
    rows = 0
    for task in tasks:
        pile.append(task)
        rows += task.file.record_count
        if rows >= _WHOLE_FILE_ROWS:
            yield pile
            pile, rows = [], 0
    if len(pile) > 1:
        yield pile


def sweep(table: Table, *, unnamed_for: timedelta = UNNAMED_FOR) -> int:
    """Delete files that no kept snapshot names, by age alone: a young one may be named by the next commit."""
    named = set(_named(table))
    before = clock.now() - unnamed_for
    files, root = _file_system(table)
    swept = 0
    for info in files.get_file_info(fs.FileSelector(root, recursive=True, allow_not_found=True)):
        if info.type == fs.FileType.File and info.path not in named and _changed_at(info) < before:
            files.delete_file(info.path)
            swept += 1
    return swept


def _named(table: Table) -> Iterator[str]:
    """Paths of all that the table's metadata leads to."""
    yield _path(table.metadata_location)
    for entry in table.metadata.metadata_log:
        yield _path(entry.metadata_file)
    seen: set[str] = set()
    for snapshot in table.metadata.snapshots:
        yield _path(snapshot.manifest_list)
        for manifest in snapshot.manifests(table.io):
            if manifest.manifest_path not in seen:
                seen.add(manifest.manifest_path)
                yield _path(manifest.manifest_path)
                for entry_ in manifest.fetch_manifest_entry(table.io, discard_deleted=True):
                    yield _path(entry_.data_file.file_path)


def _file_system(table: Table) -> tuple[fs.FileSystem, str]:
    io = cast(PyArrowFileIO, table.io)
    scheme, netloc, path = PyArrowFileIO.parse_location(table.location())
    return io.fs_by_scheme(scheme, netloc), path


def _path(location: str) -> str:
    parsed = urlparse(location)
    return f"{parsed.netloc}{parsed.path}" if parsed.scheme not in ("", "file") else parsed.path


def _changed_at(info: fs.FileInfo) -> datetime:
    return cast(datetime, info.mtime).astimezone(UTC)
