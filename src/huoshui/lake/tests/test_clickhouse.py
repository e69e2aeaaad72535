"""Where ClickHouse means something else by the same words, and that we say what we mean."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from pytest_django import Settings

from huoshui.lake.api import LakeUnreadable
from huoshui.lake.engines import clickhouse
from huoshui.lake.engines.base import Shelf
from huoshui.lake.tables import arrow_schema

ROWS = ibis.table({"who": "int64", "n": "int64", "day": "date", "at": "timestamp('UTC')"}, name="plain")


@pytest.fixture(autouse=True)
def zone(settings: Settings) -> None:
    settings.HUOSHUI_ZONE = "Asia/Shanghai"


@pytest.fixture
def server() -> Iterator[Any]:
    """A table whose columns cannot be null, as a brand's own would be."""
    pytest.importorskip("chdb", reason="an extra that is not installed: chdb")
    from huoshui.lake.engines.chdb import Chdb

    made = Chdb()
    made.execute("drop table if exists plain")
    made.execute(
        "create table plain (who Int64, n Int64, day Date32, at DateTime64(6, 'Asia/Shanghai')) engine = Memory"
    )
    made.execute(
        "insert into plain values (1, 1, '2026-03-01', '2026-03-01 00:30:00'),"
        " (1, 2, '2026-03-01', '2026-03-01 23:30:00.250000'), (2, 4, '2026-03-02', '2026-03-02 01:00:00')"
    )
    yield made
    made.close()


def only(server: Any, expr: Any) -> Any:
    rows = server.to_pyarrow(expr)
    assert rows.shape == (1, 1)
    return rows[0][0].as_py()


def test_different_ones_are_counted_exactly(server: Any) -> None:
    assert "uniqExact" in clickhouse.sql_of(ROWS.who.nunique())
    assert "uniqExactIf" in clickhouse.sql_of(ROWS.who.nunique(where=ROWS.n > 1))
    server.execute("insert into plain select number, 0, '2026-01-01', '2026-01-01' from numbers(300000)")
    assert only(server, ROWS.who.nunique()) == 300_000


def test_of_no_rows_there_is_no_sum_and_no_latest(server: Any) -> None:
    none = ROWS.filter(ROWS.n > 100)
    told = server.to_pyarrow(
        none.aggregate(s=none.n.sum(), d=none.day.max(), t=none["at"].min(), c=none.count())
    )
    assert told.to_pylist() == [{"s": None, "d": None, "t": None, "c": 0}]
    beside = ROWS.aggregate(s=ROWS.n.sum(where=ROWS.n > 100), d=ROWS.day.max(where=ROWS.n > 100))
    assert server.to_pyarrow(beside).to_pylist() == [{"s": None, "d": None}]


def test_who_finds_no_partner_has_nulls(server: Any) -> None:
    late = ROWS.filter(ROWS.n > 2).select("who", "day")
    joined = ROWS.filter(ROWS.n == 1).left_join(late, "who").select("who", later=late.day)
    assert server.to_pyarrow(joined).to_pylist() == [{"who": 1, "later": None}]


def test_an_instant_is_said_with_its_zone(server: Any) -> None:
    """16:30 in UTC is half an hour into the first of March in Shanghai."""
    first = datetime(2026, 2, 28, 16, 30, tzinfo=UTC)
    assert only(server, ROWS.filter(ROWS["at"] == first).n.sum()) == 1
    late = datetime(2026, 3, 1, 15, 30, 0, 250_000, tzinfo=UTC)
    assert only(server, ROWS.filter(ROWS["at"] == late).n.sum()) == 2
    assert only(server, ROWS.filter(ROWS["at"] < datetime(2026, 3, 1, 1, 0)).count()) == 1
    days = server.to_pyarrow(ROWS.select(d=ROWS["at"].date(), h=ROWS["at"].hour()).order_by("d", "h"))
    assert [(d["d"], d["h"]) for d in days.to_pylist()] == [
        (date(2026, 3, 1), 0), (date(2026, 3, 1), 23), (date(2026, 3, 2), 1),
    ]  # fmt: skip


def test_quantiles_lie_between_values_as_in_duckdb(server: Any) -> None:
    duck = ibis.memtable({"n": [1, 2, 4]}, schema={"n": "int64"})
    for share in (0.1, 0.25, 0.5, 0.9):
        wanted = ibis.duckdb.connect().to_pyarrow(duck.n.quantile(share)).as_py()
        assert only(server, ROWS.n.quantile(share)) == pytest.approx(wanted)
    assert only(server, ROWS.n.median(where=ROWS.n < 3)) == pytest.approx(1.5)


def test_who_is_level_has_one_place(server: Any) -> None:
    placed = ROWS.select("n", place=ibis.rank().over(order_by="day")).order_by("n")
    assert server.to_pyarrow(placed)["place"].to_pylist() == [0, 0, 2]


def test_a_hash_is_drawn_as_elsewhere(server: Any) -> None:
    drawn = ROWS.filter(ROWS.n == 4).select(h=ROWS.who.cast("string").hexdigest("md5"))
    assert only(server, drawn) == "c81e728d9d4c2f636f067f89cc14862c"


def test_files_are_read_by_what_the_lake_says_of_them(server: Any, tmp_path: Path) -> None:
    """A folder's name is no column, a column that a file lacks is empty, and files that are gone are said to be."""
    from huoshui.lake.engines.chdb import rows_of

    folder = tmp_path / "kind=door"
    folder.mkdir()
    old = [field for field in arrow_schema("org_units") if field.name != "region"]
    row = {"org_unit_id": 7, "name": "人民路店", "kind": "store"}
    for number in (1, 2):
        pq.write_table(pa.Table.from_pylist([row], schema=pa.schema(old)), folder / f"{number}.parquet")
    shelf = Shelf("org_units", 1, tuple(str(folder / f"{number}.parquet") for number in (1, 2)))
    server.execute(f"create or replace view units as {rows_of(shelf)}")
    units = ibis.table(ibis.schema(arrow_schema("org_units")), name="units")
    told = server.to_pyarrow(units.select("kind", "region"))
    assert told.to_pylist() == [{"kind": "store", "region": None}] * 2
    for file in shelf.files:
        Path(file).unlink()
    with pytest.raises(LakeUnreadable):
        server.to_pyarrow(units)
    with pytest.raises(LakeUnreadable):
        rows_of(Shelf("org_units", 1, ("/some,where/1.parquet",)))
