"""A query with a cursor: every row is told, none is lost at the edge, and what was read again changes nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import psycopg
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg import sql as psql

from huoshui.core.actor import SYSTEM
from huoshui.core.errors import Refused
from huoshui.core.postgres import testing
from huoshui.intake.imports import api as imports
from huoshui.intake.imports.tests.shop import sums
from huoshui.intake.pickup import api as pickup
from huoshui.intake.pickup.faults import Fault
from huoshui.intake.pickup.places.database import Database
from huoshui.intake.pickup.tests.places import begun, fault, items, look, query, states

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)

TILL = """
create table till (no text, line int, sold timestamp, store text, sku text, qty numeric(10, 3), paid numeric(10, 2),
    changed timestamp);
insert into till values
    ('A1', 1, '2026-03-01 10:00', 'S1', 'P1', 2, 30.00, '2026-03-01 10:00'),
    ('A1', 2, '2026-03-01 10:00', 'S1', 'P2', 1, 5.50, '2026-03-01 10:00'),
    ('A2', 1, '2026-03-01 11:00', 'S1', 'P1', 1, 15.00, '2026-03-01 11:00');
"""
SOLD = """select no as "销售单号", sold as "交易时间", store as "门店编码", sku as "商品编码", qty as "数量", paid as "实付金额",
    changed as "更新时间" from till -- 每五分钟"""


@pytest.fixture(scope="module")
def other_database() -> Iterator[dict[str, str]]:
    """A second PostgreSQL database, which is somebody else's."""
    server = testing.test_server()
    with psycopg.connect(server.superuser_url("postgres"), autocommit=True) as connection:
        connection.execute("drop database if exists erp_of_others with (force)")
        connection.execute("create database erp_of_others")
        connection.execute("drop role if exists erp_reader")
        connection.execute("create role erp_reader login password '读库-pass'")
    info = psycopg.conninfo.conninfo_to_dict(server.superuser_url("erp_of_others"))
    with psycopg.connect(server.superuser_url("erp_of_others"), autocommit=True) as connection:
        connection.execute(TILL)
        connection.execute("grant select, insert, update, delete on till to erp_reader")
    yield {
        "dialect": "postgresql",
        "host": str(info["host"]),
        "port": str(info["port"]),
        "user": "erp_reader",
        "database": "erp_of_others",
        "url": server.superuser_url("erp_of_others"),
    }
    with psycopg.connect(server.superuser_url("postgres"), autocommit=True) as connection:
        connection.execute("drop database erp_of_others with (force)")
        connection.execute("drop role erp_reader")


@pytest.fixture
def erp(
    other_database: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[dict[str, str], Any]]:
    monkeypatch.setenv("HUOSHUI_PICKUP_FOLDERS", other_database["host"])
    place = {k: v for k, v in other_database.items() if k != "url"}
    with psycopg.connect(other_database["url"], autocommit=True) as connection:
        connection.execute("truncate till")
        connection.execute(psql.SQL(TILL.partition(";")[2]))
        yield place, connection


SECRET = {"password": "读库-pass"}


def sold(place: dict[str, str], **more: Any) -> pickup.Asked:
    return query(place, SOLD, cursor="更新时间", key="销售单号", secret=SECRET, form="sales", **more)


def test_rows_come_in_and_the_cursor_follows_what_was_imported(shop: Path, erp: Any, travel: Any) -> None:
    place, till = erp
    pickup_id = begun(sold(place))
    (item,) = look(pickup_id)
    assert (item.state, item.rows) == ("done", 3) and sums()[:2] == (2, 5050)
    assert pickup.pickup_for(SYSTEM, pickup_id).cursor == {"type": "time", "value": "2026-03-01T11:00:00"}
    # One late within the overlap, one of the very value of the cursor, one new
    till.execute(
        "insert into till values ('A3', 1, '2026-03-01 10:30', 'S1', 'P1', 1, 1, '2026-03-01 10:30')"
    )
    till.execute(
        "insert into till values ('A4', 1, '2026-03-01 11:00', 'S1', 'P1', 1, 1, '2026-03-01 11:00')"
    )
    till.execute(
        "insert into till values ('A5', 1, '2026-03-01 12:00', 'S1', 'P1', 1, 1, '2026-03-01 12:00')"
    )
    look(pickup_id)
    assert sums()[:2] == (5, 5350)
    before = len(imports.runs(SYSTEM))
    look(pickup_id)
    look(pickup_id)
    assert (
        sums()[:2] == (5, 5350) and len(imports.runs(SYSTEM)) <= before + 1
    )  # only the overlap is read: the same rows


def test_an_order_is_read_whole_when_one_line_of_it_changes(shop: Path, erp: Any, travel: Any) -> None:
    place, till = erp
    pickup_id = begun(sold(place))
    look(pickup_id)
    till.execute("update till set paid = 6.50, changed = '2026-03-01 20:00' where no = 'A1' and line = 2")
    look(pickup_id)
    assert sums()[:2] == (2, 5150)  # the other line, changed long before the overlap, is still there


def test_what_waits_holds_the_cursor(shop: Path, erp: Any, travel: Any) -> None:
    place, till = erp
    till.execute("update till set sold = null where no = 'A2'")
    pickup_id = begun(sold(place))
    (item,) = look(pickup_id)
    assert (item.state, item.reason) == ("waiting", "problems")
    assert pickup.pickup_for(SYSTEM, pickup_id).cursor is None
    till.execute("update till set sold = '2026-03-01 11:00' where no = 'A2'")
    look(pickup_id)
    assert len(items(pickup_id)) == 1 and sums()[0] == 0  # nothing is read beyond it
    pickup.skip(pickup_id, item.id, actor=SYSTEM)
    look(pickup_id)
    assert [state for _, state in states(pickup_id)] == ["skipped", "done"] and sums()[:2] == (2, 5050)


def test_nothing_can_be_written_there(shop: Path, erp: Any, travel: Any) -> None:
    place, till = erp
    till.execute(
        "create or replace function wipe() returns int language sql as 'delete from till returning 1'"
    )
    for n, text in enumerate(
        ("select wipe() as a", "with gone as (delete from till returning *) select * from gone")
    ):
        pickup_id = begun(query(place, text, secret=SECRET, name=f"坏查询 {n}"))
        look(pickup_id)
        assert fault(pickup_id) == "query_failed"
    assert till.execute("select count(*) from till").fetchone() == (3,)


def test_faults_say_what_to_mend_and_never_the_password(shop: Path, erp: Any, travel: Any) -> None:
    place, _ = erp
    wrong = {
        "wrong_password": sold(place, name="一").__class__(
            **{**sold(place, name="一").__dict__, "secret": {"password": "不对-secret"}}
        ),
        "no_folder": sold({**place, "database": "nowhere"}, name="二"),
        "query_failed": query(place, "select nothing from till", secret=SECRET, name="三"),
        "unreachable": sold({**place, "host": "127.0.0.1", "port": "1"}, name="四"),
        "no_cursor_column": query(place, "select no from till", cursor="changed", secret=SECRET, name="五"),
    }
    for code, told in wrong.items():
        pickup_id = begun(told)
        look(pickup_id)
        seen = pickup.pickup_for(SYSTEM, pickup_id)
        assert seen.fault in (code, "query_failed") and (seen.fault == code or code == "no_cursor_column")
        assert "pass" not in seen.said and "secret" not in seen.said and seen.failures == 1
    assert items(pickup_id) == []


def test_sales_with_a_cursor_need_the_order_s_column() -> None:
    place = {"dialect": "sqlite", "database": "/x.db"}
    with pytest.raises(Refused, match="整单列"):
        pickup.add(query(place, SOLD, cursor="更新时间", form="sales"), actor=SYSTEM)


def read_all(path: Path, into: Path, told: dict[str, Any], *, most: int, add: Any) -> set[tuple[str, ...]]:
    """Readings one after another, with more rows coming in between, until nothing new comes."""
    database = Database({"dialect": "sqlite", "database": str(path)}, {})
    seen: set[tuple[str, ...]] = set()
    cursor = None
    try:
        for step in range(200):
            target = into / "rows.parquet"
            reading = database.read(pickup.Query(**told), cursor, target, now=NOW, zone=SHANGHAI, most=most)
            if reading.rows:
                seen |= {tuple(row.values()) for row in pq.read_table(target).to_pylist()}
            is_over = not reading.has_more and not add(step)
            cursor = reading.cursor
            if is_over:
                return seen
    finally:
        database.close()
    raise AssertionError("the reading does not come to an end")


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_no_row_is_lost_at_any_edge(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Any number of rows of one value, any size of reading, and rows that come as late as the overlap allows."""
    place = tmp_path_factory.mktemp("db")
    kind = data.draw(st.sampled_from(["id", "time"]))
    overlap = data.draw(st.integers(0, 3))
    most = data.draw(st.integers(1, 4))
    batches = data.draw(st.lists(st.lists(st.integers(0, 6), max_size=6), min_size=1, max_size=5))
    connection = sqlite3.connect(place / "x.db")
    connection.execute("create table t (n integer primary key, at)")
    told = {"text": "select n, at from t", "cursor_column": "at", "key_column": "", "overlap": overlap}
    high, count = 0, 0

    def add(step: int) -> bool:
        """The next batch: of values that are not further behind the highest than the overlap."""
        nonlocal high, count
        if step >= len(batches):
            return False
        for value in batches[step]:
            at = max(value + step * 2, high - overlap)
            count += 1
            written = at if kind == "id" else f"2026-01-01 {at // 60:02d}:{at % 60:02d}:00"
            connection.execute("insert into t values (?, ?)", (count, written))
        high = max([high, *(max(v + step * 2, high - overlap) for v in batches[step])])
        connection.commit()
        return True

    add(0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HUOSHUI_PICKUP_FOLDERS", str(place))
        seen = read_all(place / "x.db", place, told, most=most, add=lambda step: add(step + 1))
    assert {int(row[0]) for row in seen} == set(range(1, count + 1))


def test_a_cursor_must_have_an_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUOSHUI_PICKUP_FOLDERS", str(tmp_path))
    connection = sqlite3.connect(tmp_path / "x.db")
    connection.execute("create table t (a)")
    connection.execute("insert into t values ('abc')")
    connection.commit()
    database = Database({"dialect": "sqlite", "database": str(tmp_path / "x.db")}, {})
    with pytest.raises(Fault) as refused:
        told = pickup.Query("select a from t", "a")
        database.read(told, None, tmp_path / "out", now=NOW, zone=SHANGHAI)
    assert refused.value.code == "bad_cursor"


def test_the_whole_table_without_a_cursor_is_imported_when_it_differs(shop: Path, travel: Any) -> None:
    inbox = shop / "inbox"
    inbox.mkdir()
    connection = sqlite3.connect(inbox / "erp.db")
    connection.execute("create table goods (商品编码 text, 商品名称 text)")
    connection.execute("insert into goods values ('P1', '羽衣甘蓝 50% :off')")
    connection.commit()
    place = {"dialect": "sqlite", "database": str(inbox / "erp.db")}
    pickup_id = begun(query(place, "select * from goods where 商品名称 like '%:%'", form="products"))
    look(pickup_id)
    look(pickup_id)
    assert len(imports.runs(SYSTEM)) == 1
    connection.execute("update goods set 商品名称 = '新:名'")
    connection.commit()
    travel.shift(timedelta(minutes=5))
    look(pickup_id)
    assert [state for _, state in states(pickup_id)] == ["done", "done"]
