"""How fast a key may ask: a bucket of tokens for each, kept in the memory of one process."""

from __future__ import annotations

import math
import time
from threading import Lock

_LEAST_BURST = 10


class Buckets:
    """A key's bucket holds a sixth of its minute and fills evenly. `clock` is in seconds and never goes back."""

    def __init__(self) -> None:
        self._level: dict[int, tuple[float, float]] = {}
        self._lock = Lock()

    def take(self, key_id: int, rate_per_minute: int, *, at: float | None = None) -> int:
        """Take one; 0, or the seconds after which there is one again."""
        now = time.monotonic() if at is None else at
        size = max(_LEAST_BURST, rate_per_minute / 6)
        per_second = rate_per_minute / 60
        with self._lock:
            level, since = self._level.get(key_id, (size, now))
            level = min(size, level + (now - since) * per_second)
            is_granted = level >= 1
            self._level[key_id] = (level - 1 if is_granted else level, now)
        return 0 if is_granted else max(1, math.ceil((1 - level) / per_second))


buckets = Buckets()
