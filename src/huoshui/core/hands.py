"""Threads that work for those who wait, each with a database connection that stays warm."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from threading import Lock, Thread, current_thread
from time import monotonic

from django.db import close_old_connections

# A connection that was of use so lately needs no question whether it still is
_TRUSTED_SECONDS = 1.0

Task = Callable[[], bool]


class _Hand(Thread):
    def __init__(self, number: int, work_on: Callable[[_Hand], None]) -> None:
        super().__init__(name=f"hand {number}", daemon=True)
        self.called = Lock()
        self.called.acquire()
        self.task: Task
        self.used_at = 0.0
        self._work_on = work_on

    def run(self) -> None:
        while True:
            self.called.acquire()
            self._work_on(self)


class Hands:
    """Of those who rest, the one who rested last goes first: his connection and the caches of his processor are the
    warmest, and an idle house knows one connection only."""

    def __init__(self, count: int) -> None:
        self._lock = Lock()
        self._tasks: deque[Task] = deque()
        self._resting = [_Hand(number, self._work) for number in range(count)]
        for hand in self._resting:
            hand.start()

    def do(self, task: Task) -> None:
        """Do it on some hand, again and again as long as it says so, and in turns with other tasks. It must not raise."""
        with self._lock:
            if not self._resting:
                self._tasks.append(task)
                return
            hand = self._resting.pop()
        hand.task = task
        hand.called.release()

    def _work(self, hand: _Hand) -> None:
        task: Task | None = hand.task
        while task:
            if monotonic() - hand.used_at > _TRUSTED_SECONDS:
                close_old_connections()  # as before a request: one that was lost meanwhile is opened again
            wants_more = task()
            hand.used_at = monotonic()
            with self._lock:
                if wants_more:
                    self._tasks.append(task)
                task = self._tasks.popleft() if self._tasks else None
                if task is None:
                    self._resting.append(hand)


hired: Hands | None = None


def hire(count: int) -> None:
    """From now on so many threads carry out whatever is gathered in this process (`core.gather`)."""
    global hired
    hired = Hands(count)


def look_after_connection() -> None:
    """After something went wrong on it. Of a hand only: what else runs here keeps its own."""
    if isinstance(current_thread(), _Hand):
        close_old_connections()
