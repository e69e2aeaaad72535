"""Who waits is served together, in order, and nobody spoils it for others or waits for ever."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event, current_thread

import pytest
from django.db import connection, transaction

from huoshui.core import hands, sql
from huoshui.core.gather import Gather, Gathers
from huoshui.core.retry import LOST


def test_one_alone_goes_at_once() -> None:
    batches: list[list[int]] = []

    def double(items: Sequence[int]) -> list[int]:
        batches.append(list(items))
        return [2 * n for n in items]

    gather = Gather(double)
    assert [gather.ask(n) for n in range(3)] == [0, 2, 4]
    assert batches == [[0], [1], [2]]


def test_who_comes_meanwhile_is_served_together_and_gets_his_own_answer() -> None:
    sizes: list[int] = []
    first_is_in, go_on = Event(), Event()

    def slow(items: Sequence[int]) -> list[int]:
        sizes.append(len(items))
        if len(sizes) == 1:
            first_is_in.set()
            go_on.wait(5)
        return [10 * n for n in items]

    gather = Gather(slow, most=8)
    with ThreadPoolExecutor(21) as pool:
        first = pool.submit(gather.ask, 0)
        assert first_is_in.wait(5)
        others = [pool.submit(gather.ask, n) for n in range(1, 21)]
        while len(gather._waiting) < 20:
            time.sleep(0.01)
        go_on.set()
        assert first.result(5) == 0
        assert [f.result(5) for f in others] == [10 * n for n in range(1, 21)]
    assert sizes == [1, 8, 8, 4]
    assert gather.ask(7) == 70


def test_one_that_fails_is_told_alone() -> None:
    first_is_in, go_on = Event(), Event()

    def touchy(items: Sequence[int]) -> list[int]:
        if items[0] == 0:
            first_is_in.set()
            go_on.wait(5)
        if 3 in items:
            raise ValueError("three")
        return list(items)

    gather = Gather(touchy)
    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(gather.ask, 0)]
        assert first_is_in.wait(5)
        futures += [pool.submit(gather.ask, n) for n in range(1, 6)]
        while len(gather._waiting) < 5:
            time.sleep(0.01)
        go_on.set()
        for n, future in enumerate(futures):
            if n == 3:
                with pytest.raises(ValueError, match="three"):
                    future.result(5)
            else:
                assert future.result(5) == n


def test_under_many_threads_each_item_is_done_once() -> None:
    done: list[int] = []

    def work(items: Sequence[int]) -> list[int]:
        done.extend(items)
        return [n + 1 for n in items]

    gather = Gather(work)
    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(gather.ask, range(3_000)))
    assert answers == list(range(1, 3_001))
    assert sorted(done) == list(range(3_000))


@pytest.fixture
def two_hands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hands, "close_old_connections", lambda: None)
    monkeypatch.setattr(hands, "hired", hands.Hands(2))


def test_hands_carry_out_what_is_gathered_and_nobody_else_does(two_hands: None) -> None:
    done: list[int] = []
    by: set[str] = set()

    def work(items: Sequence[int]) -> list[int]:
        done.extend(items)
        by.add(current_thread().name)
        if 7 in items:
            raise ValueError("seven")
        return [n + 1 for n in items]

    gather = Gather(work)
    with ThreadPoolExecutor(32) as pool:
        futures = [pool.submit(gather.ask, n) for n in range(1_000)]
        for n, future in enumerate(futures):
            if n == 7:
                with pytest.raises(ValueError, match="seven"):
                    future.result(5)
            else:
                assert future.result(5) == n + 1
    assert set(done) == set(range(1_000))
    assert by <= {"hand 0", "hand 1"}


def test_a_busy_kind_does_not_keep_the_hands_from_another(two_hands: None) -> None:
    """More kinds are busy than there are hands, and each has its turn."""
    gathers: Gathers[str, int, str] = Gathers(lambda key, items: [f"{key}{n}" for n in items])

    def many(key: str) -> list[str]:
        return [gathers.ask(key, n) for n in range(200)]

    with ThreadPoolExecutor(4) as pool:
        for key, answers in zip("abcd", pool.map(many, "abcd"), strict=True):
            assert answers == [f"{key}{n}" for n in range(200)]


def test_of_an_idle_house_one_hand_does_all(two_hands: None) -> None:
    by: list[str] = []

    def work(items: Sequence[int]) -> list[int]:
        by.append(current_thread().name)
        return list(items)

    gather = Gather(work)
    for n in range(50):
        assert gather.ask(n) == n
        while len(hands.hired._resting) < 2:  # type: ignore[union-attr]  # the fixture's
            time.sleep(0.001)
    assert len(set(by)) == 1


def test_whoever_waits_is_answered_even_when_the_process_is_being_ended(two_hands: None) -> None:
    first_is_in, go_on = Event(), Event()

    def work(items: Sequence[int]) -> list[int]:
        if items[0] == 0:
            first_is_in.set()
            go_on.wait(5)
        raise SystemExit

    gather = Gather(work)
    with ThreadPoolExecutor(4) as pool:
        futures = [pool.submit(gather.ask, 0)]
        assert first_is_in.wait(5)
        futures += [pool.submit(gather.ask, n) for n in range(1, 4)]
        while len(gather._waiting) < 3:
            time.sleep(0.01)
        go_on.set()
        for future in futures:
            with pytest.raises(SystemExit):
                future.result(5)


@pytest.mark.django_db(transaction=True)
def test_a_hand_that_lost_its_connection_has_another_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its last use was a moment ago, so nobody asked whether the connection still is."""
    monkeypatch.setattr(hands, "hired", hands.Hands(1))

    def work(items: Sequence[int]) -> list[int]:
        with transaction.atomic(durable=True):
            pid = sql.fetch_one(PID).pid
        if items == [1]:
            connection.connection.close()  # as when the server is gone
        return [pid]

    gather = Gather(work)
    first, again = gather.ask(0), gather.ask(1)
    with pytest.raises(LOST):
        gather.ask(2)
    assert first == again != gather.ask(3)

    def leave() -> bool:
        connection.close()  # the test database is dropped after us
        return False

    assert hands.hired is not None
    hands.hired.do(leave)
    while not hands.hired._resting:
        time.sleep(0.001)


PID = sql.Statement("pid", "select pg_backend_pid() as pid")
