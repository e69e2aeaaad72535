"""Receive and settle side by side: one connection stores the next chunk while others settle the last."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import Any

from django.db import connection, transaction

from huoshui.core.actor import Actor
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import Batch, Received, Source
from huoshui.core.priority import take_backend_along
from huoshui.core.retry import retrying
from huoshui.intake.imports.lanes import Lane

RECEIVE_ORDERS = 4_000  # a chunk: few enough to hold in memory, many enough for COPY to be worth it


@dataclass(frozen=True)
class Poured:
    """What one chunk came to. `rows` counts rows of the file, whether new or known."""

    rows: int
    new: int
    known: int


@dataclass(frozen=True)
class Run:
    source: Source
    mode: str
    run_id: int
    actor: Actor


def pour(chunks: Iterable[tuple[Batch, int]], run: Run, lanes: Sequence[Lane]) -> Iterator[Poured]:
    """Receive each chunk and settle its new facts in the lanes; yields as each chunk has settled.

    A person's facts go to one lane, so that lanes never wait for each other's accounts, and stay in order.

    Received chunks are committed before they settle, so a kill between the two loses nothing: `sweep` settles them.
    """
    ready: Queue[Any] = Queue(maxsize=2)
    stopped = Event()
    receiver = Thread(target=_receive_all, args=(chunks, run, ready, stopped), name="receive", daemon=True)
    receiver.start()
    try:
        yield from _settle_all(ready, lanes)
    finally:
        stopped.set()
        for lane in lanes:
            lane.stop()
        _drain(ready)
        receiver.join()


def _settle_all(ready: Queue[Any], lanes: Sequence[Lane]) -> Iterator[Poured]:
    """Hand each chunk to the lanes as it is received, one chunk ahead of the one that is waited for."""
    under_way: deque[tuple[_Stored, list[Future[None]]]] = deque()
    while (item := ready.get()) is not None:
        if isinstance(item, BaseException):
            raise item
        under_way.append((item, [lane.settle(item.of_lane(lane.number)) for lane in lanes]))
        if len(under_way) > 1:
            yield _poured(*under_way.popleft())
    while under_way:
        yield _poured(*under_way.popleft())


def _poured(stored: _Stored, parts: list[Future[None]]) -> Poured:
    for part in parts:
        part.result()
    return Poured(stored.rows, len(stored.received.fact_ids), stored.received.known)


@dataclass(frozen=True)
class _Stored:
    """A chunk that is in the database, and the lane of each of its facts by `ref`."""

    received: Received
    rows: int
    lane_of: Mapping[int, int]

    def of_lane(self, number: int) -> list[int]:
        pairs = zip(self.received.fact_ids, self.received.refs, strict=True)
        return [fact_id for fact_id, ref in pairs if self.lane_of[ref] == number]


def _receive_all(
    chunks: Iterable[tuple[Batch, int]],
    run: Run,
    ready: Queue[Any],
    stopped: Event,
) -> None:
    try:
        with closing(connection):  # this thread's own
            take_backend_along()
            for batch, rows in chunks:
                # A new month waits for whoever holds `fact`, and gives way rather than hold up all others
                received = retrying(lambda batch=batch: _receive(batch, run), times=8)  # type: ignore[misc]  # a default argument is how a loop variable is held
                if not _put(ready, _Stored(received, rows, _lanes_of(batch)), stopped):
                    return
        _put(ready, None, stopped)
    except BaseException as error:  # handed to the settling thread, which raises it
        _put(ready, error, stopped)


def _lanes_of(batch: Batch) -> dict[int, int]:
    """The lane of each `ref`; where the door names none, all go one after another."""
    refs = batch.facts.column("ref").to_pylist()
    if "lane" not in batch.facts.column_names:
        return dict.fromkeys(refs, 0)
    return dict(zip(refs, batch.facts.column("lane").to_pylist(), strict=True))


def _receive(batch: Batch, run: Run) -> Received:
    facts.open_months(batch)
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
