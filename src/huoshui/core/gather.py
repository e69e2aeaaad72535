"""Asks that wait in one process are carried out together, each with an answer of its own.

No timer: whoever comes first goes at once and alone; who comes meanwhile waits, and the next takes all who wait. So an idle
house answers as fast as it can, and a busy one does more with each transaction.

Whoever leads does it on his own thread. A process that serves hires hands instead (`core.hands`): then those who wait hold no
database connection, so that many may, and what is carried out meets a few connections that are warm.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Sequence
from functools import partial
from threading import Event, Lock
from typing import Generic, TypeVar

from huoshui.core import hands

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")
R = TypeVar("R")

MOST = 64


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
            is_first = not self._is_busy
            self._is_busy = True
        if is_first and hands.hired:
            hands.hired.do(self._lead)
        if hands.hired or not is_first:
            slot.called.wait()  # answered, or called to lead the next
        if not slot.is_done and self._lead():
            self._waiting[0].called.set()  # nobody else takes one away: we are busy still
        if slot.error is not None:
            raise slot.error
        return slot.answer

    def _lead(self) -> bool:
        """Carry out all who wait, at most so many. Whether somebody came meanwhile, for whom another has to lead."""
        with self._lock:
            batch = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
        self._carry_out(batch)
        for slot in batch:
            slot.is_done = True
        with self._lock:
            is_followed = self._is_busy = bool(self._waiting)
        for slot in batch:
            slot.called.set()
        return is_followed

    def _carry_out(self, batch: Sequence[_Slot[T, R]]) -> None:
        try:
            for slot, answer in zip(batch, self._work([s.item for s in batch]), strict=True):
                slot.answer = answer
        except BaseException as error:  # also when the process is being ended: nobody may wait for ever
            hands.look_after_connection()
            if len(batch) == 1:
                batch[0].error = error
                return
            for slot in batch:
                self._carry_out([slot])


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
