"""Asks that wait in one process are carried out together, each with an answer of its own.

No timer: whoever comes first goes at once and alone; who comes meanwhile waits, and the next takes all who wait. So an idle
house answers as fast as it can, and a busy one does more with each transaction.

Whoever leads does it on his own thread. A process that serves hires hands instead: then those who wait hold no database
connection, so that many may, and what is carried out meets a few connections that are warm.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event, Lock
from typing import Generic, TypeVar

from django.db import close_old_connections

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")
R = TypeVar("R")

MOST = 64

_hands: ThreadPoolExecutor | None = None


def hire(count: int) -> None:
    """From now on so many threads carry out whatever is gathered in this process."""
    global _hands
    _hands = ThreadPoolExecutor(count, thread_name_prefix="hand")


class _Slot(Generic[T, R]):
    def __init__(self, item: T) -> None:
        self.item = item
        self.called = Event()
        self.answer: R
        self.error: BaseException | None = None
        self.is_done = False


class Gather(Generic[T, R]):
    """`work` takes some items and answers each, in order. It runs on a hand, or on the thread of one of those who ask, and
    uses that one's database connection; it must not ask a gather itself. When it raises for several, each is tried alone,
    so that one cannot spoil it for the others."""

    def __init__(self, work: Callable[[Sequence[T]], Sequence[R]], *, most: int = MOST) -> None:
        self._work = work
        self._most = most
        self._lock = Lock()
        self._waiting: deque[_Slot[T, R]] = deque()
        self._is_busy = False

    def ask(self, item: T) -> R:
        slot: _Slot[T, R] = _Slot(item)
        with self._lock:
            self._waiting.append(slot)
            leads = not self._is_busy
            self._is_busy = True
        if leads and _hands:
            _hands.submit(self._lead)
        if _hands or not leads:
            slot.called.wait()  # answered, or called to lead the next
        if not slot.is_done:
            self._lead()
        if slot.error is not None:
            raise slot.error
        return slot.answer

    def _lead(self) -> None:
        """Carry out all who wait, oneself among them; then call somebody who came meanwhile to lead in turn."""
        with self._lock:
            batch = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
        try:
            self._carry_out(batch)
        finally:
            for slot in batch:
                slot.is_done = True
            with self._lock:
                following = self._waiting[0] if self._waiting else None
                self._is_busy = following is not None
            for slot in batch:
                slot.called.set()
            if following and _hands:
                _hands.submit(self._lead)  # behind those of other gathers
            elif following:
                following.called.set()

    def _carry_out(self, batch: Sequence[_Slot[T, R]]) -> None:
        if _hands:
            close_old_connections()  # as before a request: one that was lost meanwhile is opened again
        try:
            for slot, answer in zip(batch, self._work([s.item for s in batch]), strict=True):
                slot.answer = answer
        except Exception as error:
            if len(batch) == 1:
                batch[0].error = error
                return
            for slot in batch:
                self._carry_out([slot])
        except BaseException as error:  # the thread is being ended: nobody may wait for it for ever
            for slot in batch:
                slot.error = error
            raise


class Gathers(Generic[K, T, R]):
    """A gather for each key, whose items wait for their own kind only. Keys are few and stay for good."""

    def __init__(self, work: Callable[[K, Sequence[T]], Sequence[R]], *, most: int = MOST) -> None:
        self._work = work
        self._most = most
        self._lock = Lock()
        self._by_key: dict[K, Gather[T, R]] = {}

    def ask(self, key: K, item: T) -> R:
        with self._lock:
            gather = self._by_key.get(key)
            if gather is None:
                gather = self._by_key[key] = Gather(partial(self._work, key), most=self._most)
        return gather.ask(item)
