"""Lanes: where an import's facts settle, a person's always in the same one and in order.

The first lane is a thread of this process, each further one a process of its own: Python's lock lets two threads decide
only in turns, which left a quarter of two cores idle.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

from django.conf import settings
from django.db import connection

from huoshui.core.actor import Actor
from huoshui.core.errors import RetryLater
from huoshui.core.priority import take_backend_along
from huoshui.intake.river.api import settle

LANES = 2
_FIRST, _LEAST, _MOST = 500, 100, 2_000
_AIM = 0.05  # seconds a batch should take, so that a till's sale waits no longer behind it
_APART = "huoshui.intake.imports.lane_apart"
# What the process apart needs to settle as we do. It is told rather than left to the environment, which says nothing of
# the database that a test made.
_SETTINGS = ("INSTALLED_APPS", "TIME_ZONE", "USE_TZ", "DEFAULT_AUTO_FIELD", "SECRET_KEY", "LOGGING")

Settle = Callable[[Sequence[int]], None]


class LaneLost(RetryLater):
    """写入数据的一个程序中断了。已经收下的数据不会丢，请再导入一次同样的文件，会接着做。"""

    code = "lane_lost"


@contextmanager
def lanes(actor: Actor, *, apart: bool) -> Iterator[list[Lane]]:
    """Open the lanes. `apart` starts processes, which takes a second of a core and pays for some ten thousand orders."""
    with ExitStack() as stack:
        opened = []
        for number in range(LANES):
            is_apart = apart and number > 0
            if is_apart:
                opened.append(Lane(number, stack.enter_context(_apart(number, actor))))
            else:
                opened.append(Lane(number, _here(number, actor), take_backend_along))
            stack.callback(opened[-1].close)
        yield opened


class Lane:
    """Settles what it is given, in order."""

    def __init__(self, number: int, work: Settle, begin: Callable[[], None] | None = None) -> None:
        self.number = number
        self._settle_batch = work
        self._pace = _Pace()
        self._stopped = False
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"settle {number}", initializer=begin)

    def settle(self, fact_ids: list[int]) -> Future[None]:
        return self._thread.submit(self._settle, fact_ids)

    def _settle(self, fact_ids: list[int]) -> None:
        for batch in self._pace.batches(fact_ids):
            if self._stopped:
                break
            self._settle_batch(batch)

    def stop(self) -> None:
        """End after the batch under way; what is left unsettled is swept later."""
        self._stopped = True

    def close(self) -> None:
        self.stop()
        self._thread.submit(lambda: connection.close())  # looked up there: the thread's own, not ours
        self._thread.shutdown()


class _Pace:
    """Cuts batches so that each takes about as long as is aimed at."""

    def __init__(self) -> None:
        self._size = _FIRST

    def batches(self, fact_ids: list[int]) -> Iterator[list[int]]:
        place = 0
        while place < len(fact_ids):
            batch = fact_ids[place : place + self._size]
            place += len(batch)
            started = time.monotonic()
            yield batch
            self._adapt(len(batch), time.monotonic() - started)

    def _adapt(self, done: int, seconds: float) -> None:
        wanted = done * _AIM / max(seconds, 0.001)
        # Half-way each time: one slow batch beside a checkpoint says little
        self._size = round(min(max((self._size + wanted) / 2, _LEAST), _MOST))


def _here(number: int, actor: Actor) -> Settle:
    def work(fact_ids: Sequence[int]) -> None:
        settle(fact_ids, actor=actor, lane=number)

    return work


@contextmanager
def _apart(number: int, actor: Actor) -> Iterator[Settle]:
    """Pickles over its two pipes; it ends when ours is closed, and so also when we are killed."""
    with subprocess.Popen(
        [sys.executable, "-m", _APART], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=_environment()
    ) as process:
        answers = process.stdout
        assert answers
        _say(process, what_a_lane_is_told(number, actor))

        def work(fact_ids: Sequence[int]) -> None:
            _say(process, list(fact_ids))
            try:
                error = pickle.load(answers)
            except (EOFError, pickle.UnpicklingError) as cause:
                raise LaneLost from cause
            if error is not None:
                raise error

        yield work


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}


def what_a_lane_is_told(number: int, actor: Actor) -> tuple[dict[str, Any], int, Actor]:
    told = {name: getattr(settings, name) for name in dir(settings) if _is_told(name)}
    told["DATABASES"] = {"default": dict(connection.settings_dict)}
    return told, number, actor


def _is_told(name: str) -> bool:
    return name in _SETTINGS or name.startswith("HUOSHUI_")


def _say(process: subprocess.Popen[bytes], what: Any) -> None:
    assert process.stdin
    try:
        pickle.dump(what, process.stdin)
        process.stdin.flush()
    except BrokenPipeError as cause:
        with suppress(BrokenPipeError):  # it would try once more to send what is left in it
            process.stdin.close()
        raise LaneLost from cause
