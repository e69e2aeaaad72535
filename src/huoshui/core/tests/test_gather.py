"""Who waits is served together, in order, and nobody spoils it for others or waits for ever."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event, current_thread

import pytest

from huoshui.core import gather as gathering
from huoshui.core.gather import Gather, Gathers


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
def hands(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(gathering, "_hands", None)
    monkeypatch.setattr(gathering, "close_old_connections", lambda: None)
    gathering.hire(2)
    assert gathering._hands
    yield
    gathering._hands.shutdown()


def test_hands_carry_out_what_is_gathered_and_nobody_else_does(hands: None) -> None:
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
    assert by <= {"hand_0", "hand_1"}


def test_a_busy_kind_does_not_keep_the_hands_from_another(hands: None) -> None:
    """More kinds are busy than there are hands, and each has its turn."""
    gathers: Gathers[str, int, str] = Gathers(lambda key, items: [f"{key}{n}" for n in items])

    def many(key: str) -> list[str]:
        return [gathers.ask(key, n) for n in range(200)]

    with ThreadPoolExecutor(4) as pool:
        for key, answers in zip("abcd", pool.map(many, "abcd"), strict=True):
            assert answers == [f"{key}{n}" for n in range(200)]
