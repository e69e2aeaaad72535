"""How much a device may tell: a bucket of readings for each, kept in the memory of one process."""

from __future__ import annotations

import time
from threading import Lock

from huoshui.intake.devices.rules import Level, pour
from huoshui.intake.devices.types import Known


class Flow:
    def __init__(self) -> None:
        self._levels: dict[int, Level] = {}
        self._lock = Lock()

    def take(self, device: Known, readings: int, *, at: float | None = None) -> int:
        """0, or the seconds after which so many may come. `at` is in seconds and never goes back."""
        now = time.monotonic() if at is None else at
        with self._lock:
            level, again_in = pour(self._levels.get(device.id), readings, device.rate_per_minute, now)
            self._levels[device.id] = level
        return again_in
