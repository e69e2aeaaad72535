"""Receive and settle side by side: one connection stores the next chunk while another settles the last."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import Any

from django.db import connection, transaction

from huoshui.core.actor import Actor
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import Batch, Received, Source
from huoshui.core.retry import retrying
from huoshui.intake.river.api import settle

RECEIVE_ORDERS = 4_000  # a chunk: few enough to hold in memory, many enough for COPY to be worth it
_FIRST, _LEAST, _MOST = 500, 100, 2_000
_AIM = 0.05  # seconds a batch should take, so that a till's sale waits no longer behind it


@dataclass(frozen=True)
class Poured:
    """What one chunk came to. `rows` counts rows of the file, whether new or known."""

    rows: int
    new: int
    known: int
    waiting: int


@dataclass(frozen=True)
class Run:
    source: Source
    mode: str
    run_id: int
    actor: Actor


def pour(chunks: Iterable[tuple[Batch, int]], run: Run) -> Iterator[Poured]:
    """Receive each chunk and settle its new facts; yields as each chunk has settled.

    Received chunks are committed before they settle, so a kill between the two loses nothing: `sweep` settles them.
    """
    ready: Queue[Any] = Queue(maxsize=4)
    stopped = Event()
    receiver = Thread(target=_receive_all, args=(chunks, run, ready, stopped), name="receive", daemon=True)
    receiver.start()
    pace = _Pace()
    try:
        while (item := ready.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            received, rows = item
            waiting = 0
            for batch in pace.batches(received.fact_ids):
                waiting += sum(len(one.waiting) for one in settle(batch, actor=run.actor, bulk=True))
            yield Poured(rows, len(received.fact_ids), received.known, waiting)
    finally:
        stopped.set()
        _drain(ready)
        receiver.join()


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


def _receive_all(
    chunks: Iterable[tuple[Batch, int]],
    run: Run,
    ready: Queue[Any],
    stopped: Event,
) -> None:
    try:
        with closing(connection):  # this thread's own
            for batch, rows in chunks:
                # A new month waits for whoever holds `fact`, and gives way rather than hold up all others
                received = retrying(lambda batch=batch: _receive(batch, run), times=8)  # type: ignore[misc]  # a default argument is how a loop variable is held
                if not _put(ready, (received, rows), stopped):
                    return
        _put(ready, None, stopped)
    except BaseException as error:  # handed to the settling thread, which raises it
        _put(ready, error, stopped)


def _receive(batch: Batch, run: Run) -> Received:
    with transaction.atomic(durable=True):
        return facts.receive(batch, source=run.source, actor=run.actor, mode=run.mode, run_id=run.run_id)


def _put(queue: Queue[Any], item: Any, stopped: Event) -> bool:
    while not stopped.is_set():
        try:
            queue.put(item, timeout=0.2)
        except Full:
            continue
        return True
    return False


def _drain(queue: Queue[Any]) -> None:
    try:
        while True:
            queue.get_nowait()
    except Empty:
        pass
