"""Statements in flights, against PostgreSQL itself and against psycopg's own cursor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from django.db import connection, connections, transaction
from psycopg import errors

from huoshui.core import sql
from huoshui.core.sql import Statement
from huoshui.core.wire import Wire

ONE = Statement("one", "select 1 as n")
ADD = Statement("add", "insert into kept (n) values (%(n)s)")
KEPT = Statement("kept", "select n from kept order by n")
WRONG = Statement("wrong", "select 1 / %(n)s::int as n")
PREPARED = Statement("prepared", "select count(*) as n from pg_prepared_statements where name like 'hs%%'")


@pytest.fixture
def kept(transactional_db: None) -> Iterator[None]:
    sql.run(Statement("make", "create table kept (n int primary key)"))
    yield
    connection.close()
    sql.run(Statement("unmake", "drop table kept"))


def all_kept() -> list[int]:
    return [row.n for row in sql.fetch(KEPT)]


VALUES: list[Any] = [
    *(0, 1, -1, 40_000, 2**31, -(2**40), 2**62, True, False, None, 0.1, 1e300, "", "文 'x' \\ \"", "100%"),
    *(Decimal("12.340"), date(2026, 2, 28), datetime(2026, 1, 2, 3, 4, 5, 678, UTC), b"\x00\xff"),
    UUID("12345678123456781234567812345678"),
]


@pytest.mark.django_db
@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_goes_and_comes_as_through_psycopg_itself(value: Any) -> None:
    text = "select %(value)s as value, '%%' as percent"
    mine = sql.fetch_one(Statement("echo", text), value=value)
    cursor = psycopg.Cursor(sql.raw())  # Django's own would bind on this side
    theirs = cursor.execute(text, {"value": value}).fetchone()
    assert theirs is not None
    assert tuple(mine) == theirs
    assert type(mine.value) is type(theirs[0])


@pytest.mark.django_db
def test_columns_without_a_name_of_their_own_have_a_place() -> None:
    assert tuple(sql.fetch_one(Statement("bare", "select 1, 2"))) == (1, 2)


class TestFlights:
    def test_what_is_sent_waits_for_what_is_asked_and_comes_before_it(self, kept: None) -> None:
        with transaction.atomic(), sql.pipelined():
            for n in range(100):
                sql.send(ADD, n=n)
            assert all_kept() == list(range(100))
            sql.send(ADD, n=100)
        assert all_kept() == list(range(101))

    def test_several_are_asked_in_one_flight(self, kept: None, monkeypatch: pytest.MonkeyPatch) -> None:
        flights: list[int] = []
        flown = Wire._flown

        def counted(wire: Wire, queue: list[Any]) -> Any:
            flights.append(len(queue))
            return flown(wire, queue)

        monkeypatch.setattr(Wire, "_flown", counted)
        with transaction.atomic(), sql.pipelined():
            sql.send(ADD, n=1)
            first, second = sql.ask(KEPT), sql.ask(ONE)
            assert [r.n for r in second.rows()] == [1]
            assert [r.n for r in first.rows()] == [1]
        assert flights == [3]

    def test_the_first_that_fails_is_told_and_those_behind_it_are_not_run(self, kept: None) -> None:
        behind = None
        with pytest.raises(errors.DivisionByZero), transaction.atomic(), sql.pipelined():
            sql.send(ADD, n=1)
            sql.send(WRONG, n=0)
            sql.send(ADD, n=2)
            behind = sql.ask(KEPT)
            behind.rows()
        assert behind is not None
        with pytest.raises(psycopg.InterfaceError):
            behind.rows()
        assert all_kept() == []

    def test_what_was_sent_last_is_told_at_the_end_of_the_block(self, kept: None) -> None:
        with pytest.raises(errors.UniqueViolation), transaction.atomic(), sql.pipelined():
            sql.send(ADD, n=1)
            sql.send(ADD, n=1)
        assert all_kept() == []

    def test_what_waits_goes_with_its_transaction(self, kept: None) -> None:
        with pytest.raises(ZeroDivisionError), transaction.atomic(), sql.pipelined():
            sql.send(ADD, n=1)
            raise ZeroDivisionError
        assert all_kept() == []

    def test_a_savepoint_stands_where_it_was_set(self, kept: None) -> None:
        with transaction.atomic(), sql.pipelined():
            sql.send(ADD, n=1)
            with pytest.raises(ZeroDivisionError), transaction.atomic():
                sql.send(ADD, n=2)
                all_kept()
                raise ZeroDivisionError
            sql.send(ADD, n=3)
        assert all_kept() == [1, 3]

    def test_djangos_own_statements_come_in_turn(self, kept: None) -> None:
        with transaction.atomic(), sql.pipelined():
            sql.send(ADD, n=1)
            with connection.cursor() as cursor:
                cursor.execute("select count(*) from kept")
                assert cursor.fetchone() == (1,)

    def test_outside_a_transaction_each_is_kept_at_once(self, kept: None) -> None:
        sql.send(ADD, n=1)
        connection.close()
        assert all_kept() == [1]

    def test_much_to_say_and_much_to_hear_at_once(self, db: None) -> None:
        """Neither side may wait for the other to listen: 40 MB go and 40 MB come while they go."""
        echo = Statement("echo", "select %(text)s::text as text, length(%(text)s::text) as n")
        with sql.pipelined():
            asked = [sql.ask(echo, text=str(n % 10) * 4_000_000) for n in range(10)]
            assert [row.n for one in asked for row in one.rows()] == [4_000_000] * 10


class TestConnections:
    def test_a_migration_speaks_on_its_own(self, transactional_db: None) -> None:
        theirs = connection.copy("other")
        connections["other"] = theirs
        try:
            mine = sql.raw().info.backend_pid
            with sql.on("other"), sql.pipelined():
                assert sql.raw().info.backend_pid != mine
            assert sql.raw().info.backend_pid == mine
        finally:
            theirs.close()
            del connections["other"]

    def test_what_is_prepared_outlives_a_rollback(self, kept: None) -> None:
        sql.fetch(ONE)
        before = sql.fetch_one(PREPARED).n
        with pytest.raises(errors.DivisionByZero), transaction.atomic():
            sql.run(WRONG, n=0)
        sql.fetch(ONE)
        assert sql.fetch_one(PREPARED).n in (before, before + 1)
        assert sql.fetch_one(ONE).n == 1

    def test_a_pooled_connection_prepares_nothing(self, transactional_db: None) -> None:
        connection.close()
        connection.ensure_connection()
        sql.raw().prepare_threshold = None
        assert sql.fetch_one(PREPARED).n == 0
        assert sql.fetch_one(PREPARED).n == 0
        connection.close()

    def test_ever_new_statements_do_not_pile_up(self, transactional_db: None) -> None:
        connection.close()
        for n in range(900):
            sql.fetch(Statement("new", f"select {n} as n"))
        assert 0 < sql.fetch_one(PREPARED).n <= 402
        connection.close()

    def test_a_lost_connection_is_told_and_another_one_is_opened(self, transactional_db: None) -> None:
        sql.fetch(ONE)
        pid = sql.raw().info.backend_pid
        killer = connection.copy()
        with killer.cursor() as cursor:
            cursor.execute("select pg_terminate_backend(%s)", [pid])
        killer.close()
        with pytest.raises(psycopg.OperationalError):
            sql.fetch(Statement("wait", "select pg_sleep(5) as n"))
        assert sql.raw().closed
        connection.close()
        assert sql.fetch_one(ONE).n == 1

    def test_what_is_broken_off_leaves_no_connection_behind(
        self, kept: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with pytest.raises(KeyboardInterrupt), transaction.atomic():
            sql.run(ADD, n=1)
            with monkeypatch.context() as patch:
                patch.setattr(Wire, "_next", interrupted)
                sql.run(ADD, n=2)
        connection.close()
        assert all_kept() == []


def interrupted(_: Wire) -> None:
    raise KeyboardInterrupt
