from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from huoshui.lake import api, files, maintenance, tables
from huoshui.lake.tests.planting import NOON, Line, settle
from huoshui.lake.tests.test_flush import rows

pytestmark = pytest.mark.usefixtures("lake")


def content() -> dict[str, list[tuple[str, ...]]]:
    return {
        name: sorted(tuple(str(value) for value in row.values()) for row in rows(name))
        for name in ("facts", "order_lines", "products", "org_units")
    }


def plant(count: int, *, apart: int = 20) -> None:
    for n in range(1, count + 1):
        settle(n, [Line(5, n), Line(6, 1)], person_id=n % 3, at=NOON + timedelta(days=apart * (n % 4)))
        api.flush()


def test_every_so_many_commits_old_snapshots_are_forgotten_and_crumbs_merged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(maintenance, "COMMITS_BETWEEN", 10)
    monkeypatch.setattr(maintenance, "SNAPSHOTS_KEPT", 3)
    monkeypatch.setattr(maintenance, "_SMALL_FILES", 8)
    plant(30, apart=0)
    table = tables.ensure("order_lines")
    assert len(table.metadata.snapshots) < 13
    assert len(files.current_files(table)) < 20
    assert sorted(row["fact_id"] for row in rows("facts")) == list(range(1, 31))
    assert api.reconcile().agrees
    lines = api.engine().tables().order_lines
    assert api.engine().run(lines.agg(s=lines.amount.sum()))["s"][0].as_py() == sum(range(1, 31)) + 30


def test_manifests_stay_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "COMMITS_BETWEEN", 100)
    plant(25, apart=0)
    table = tables.ensure("order_lines")
    snapshot = table.current_snapshot()
    assert snapshot is not None
    assert len(snapshot.manifests(table.io)) <= 20


def test_compacting_changes_files_and_nothing_else() -> None:
    plant(12)
    before, bound = content(), files.bound(tables.ensure("facts"))
    report = api.compact()
    assert report.files_before["order_lines"] == 12
    assert report.files_after["order_lines"] == 3  # one for each month
    assert content() == before
    assert files.bound(tables.ensure("facts")) == bound
    settle(99, [Line(5, 1)])
    api.flush()
    assert len(rows("facts")) == 13
    assert api.reconcile().agrees


def test_large_files_are_left_alone_and_piles_stay_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(maintenance, "_WHOLE_FILE_ROWS", 8)
    for n in range(1, 10):
        settle(n, [Line(5, n)] * (6 if n == 1 else 2))
        api.flush()
    table = tables.ensure("order_lines")
    maintenance.compact(table)
    assert sorted(file.record_count for file in files.current_files(tables.ensure("order_lines"))) == [
        6,
        8,
        8,
    ]
    assert api.reconcile().agrees


def test_only_old_files_that_nothing_names_are_deleted(lake: Path) -> None:
    plant(12)
    before = content()
    maintenance.compact(tables.ensure("order_lines"))
    maintenance.expire(tables.ensure("order_lines"), keep=1)
    table = tables.ensure("order_lines")
    assert maintenance.sweep(table) == 0, "young"
    for file in (lake / "order_lines").rglob("*.*"):
        os.utime(file, (0, 0))
    young = lake / "order_lines" / "data" / "just-written.parquet"
    young.write_bytes(b"named by the next commit")
    swept = maintenance.sweep(table)
    assert swept >= 12
    assert young.exists()
    assert content() == before
    assert maintenance.sweep(table) == 0


def test_rebuilding_gives_the_same_content(lake: Path) -> None:
    plant(5)
    settle(50, [Line(5, 3)], order_id=5, replaces=[5])
    settle(51, name="Product Viewed")
    api.flush()
    before = content()
    api.rebuild()
    assert content() == before
    assert len(files.current_files(tables.ensure("facts"))) == 3
    assert not api.flush().rows["facts"]
    settle(52, [Line(5, 3)])
    api.flush()
    assert len(rows("facts")) == 8
    assert api.reconcile().agrees


def test_another_tools_commit_on_top_does_not_hide_the_marks() -> None:
    plant(2)
    table = tables.ensure("facts")
    with table.transaction() as change, change.update_snapshot().merge_append():
        pass
    assert files.bound(tables.ensure("facts")) == files.bound(tables.ensure("order_lines"))
    settle(9, [Line(5, 1)])
    api.flush()
    assert len(rows("facts")) == 3


def test_there_are_no_delete_files(lake: Path) -> None:
    plant(3)
    api.compact()
    api.rebuild()
    for name in tables.COLUMNS:
        tasks: list[Any] = list(tables.ensure(name).scan().plan_files())
        assert not any(task.delete_files for task in tasks)
