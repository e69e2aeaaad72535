"""What a request leaves to be done: news are settled by a thread of the process that took them in, counts are written.

The thread is a convenience: were it killed, the river's sweep would settle what is left, and the counts of a second would
be lost.
"""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Sequence
from threading import Event, Thread

from django.db import close_old_connections, connection

from huoshui.core import clock
from huoshui.core.retry import LOST
from huoshui.intake.river import api as river
from huoshui.intake.tracking.plan import seen

_AT_ONCE = 500
_COUNT_EVERY = 1.0
MOST_WAITING = 50_000
"""Beyond so many the door says 429: what is taken in faster than it can be settled would only be found later."""

logger = logging.getLogger(__name__)


class Settler:
    def __init__(self) -> None:
        self._fact_ids: deque[int] = deque()
        self._called = Event()
        self._has_thread = False

    def start(self) -> None:
        """From now on this process settles what it takes in. One that does not leaves it to the sweep."""
        if not self._has_thread:
            self._has_thread = True
            Thread(target=self._work, name="tracking", daemon=True).start()

    def waiting(self) -> int:
        return len(self._fact_ids)

    def call(self, fact_ids: Sequence[int]) -> None:
        """Settle these soon, and write what was seen."""
        if self._has_thread:
            self._fact_ids.extend(fact_ids)
            self._called.set()

    def _next(self) -> list[int]:
        return [self._fact_ids.popleft() for _ in range(min(_AT_ONCE, len(self._fact_ids)))]

    def _work(self) -> None:
        counted_at = time.monotonic()
        while True:
            self._called.wait(_COUNT_EVERY if seen.is_waiting else None)
            self._called.clear()
            try:
                close_old_connections()
                while batch := self._next():
                    river.settle(batch)
                if time.monotonic() - counted_at >= _COUNT_EVERY:
                    counted_at = time.monotonic()
                    seen.write(clock.now())
            except Exception as error:  # the sweep settles what this could not
                logger.warning("tracked facts are left to the sweep: %s", error)
                if isinstance(error, LOST):
                    connection.close()


settler = Settler()
