"""Whole transactions again, when two stood in each other's way."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Barrier, Thread

import pytest
from django.db import OperationalError, ProgrammingError, connection, transaction
from psycopg import errors

from huoshui.core import sql
from huoshui.core.errors import Refused, RetryLater
from huoshui.core.retry import retrying

DEADLOCK = errors.DeadlockDetected("deadlock detected")


def failing(*failures: Exception) -> Iterator[Exception]:
    yield from failures


def attempt(failures: Iterator[Exception]) -> str:
    for failure in failures:
        raise failure
    return "done"


def wrapped(cause: Exception) -> OperationalError:
    """As Django raises it."""
    error = OperationalError(str(cause))
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    "failure",
    [
        wrapped(DEADLOCK),
        DEADLOCK,
        errors.SerializationFailure(),
        wrapped(errors.LockNotAvailable()),
        RetryLater(),
    ],
)
def test_a_passing_conflict_is_met_again(failure: Exception) -> None:
    failures = failing(failure, failure)
    assert retrying(lambda: attempt(failures)) == "done"


def test_after_so_many_times_it_is_retry_later() -> None:
    failures = failing(*[wrapped(DEADLOCK)] * 4)
    with pytest.raises(RetryLater):
        retrying(lambda: attempt(failures), times=2)
    assert len(list(failures)) == 1, "once and twice again"


@pytest.mark.parametrize("failure", [Refused(), ProgrammingError(), OperationalError(), ValueError()])
def test_anything_else_is_raised_at_once(failure: Exception) -> None:
    failures = failing(failure, failure)
    with pytest.raises(type(failure)):
        retrying(lambda: attempt(failures))
    assert len(list(failures)) == 1


ADD = sql.Statement("add", "update tally set n = n + 1 where id = %(id)s")


@pytest.fixture
def tally(transactional_db: None) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("create table tally (id int primary key, n int not null)")
        cursor.execute("insert into tally values (1, 0), (2, 0)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("drop table tally")


@pytest.mark.usefixtures("tally")
def test_a_real_deadlock_costs_nothing_but_time() -> None:
    both_hold_one = Barrier(2)
    left: list[Exception] = []

    def work(first: int, second: int) -> None:
        waits = True

        def once() -> None:
            nonlocal waits
            with transaction.atomic(durable=True):
                sql.run(ADD, id=first)
                if waits:
                    waits = False
                    both_hold_one.wait(10)
                sql.run(ADD, id=second)

        try:
            retrying(once)
        except Exception as error:
            left.append(error)
        finally:
            connection.close()

    threads = [Thread(target=work, args=pair) for pair in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert left == []
    rows = sql.fetch(sql.Statement("tally", "select id, n from tally order by id"))
    assert [(r.id, r.n) for r in rows] == [(1, 2), (2, 2)]
