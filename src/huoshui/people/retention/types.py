"""Frozen values of retention."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

Counts = Mapping[str, int]


@dataclass(frozen=True)
class Rule:
    """A class of data and how long it is kept. `tonight` is what was last counted to go, for `counted_days`; `last` what went
    last."""

    name: str
    label: str
    why: str
    days: int
    least: int
    is_on: bool
    tonight: Counts = field(default_factory=dict)
    counted_days: int | None = None
    counted_at: datetime | None = None
    last: Counts = field(default_factory=dict)
    last_at: datetime | None = None

    @property
    def is_counted(self) -> bool:
        """Whether what is shown is what would go."""
        return self.counted_days == self.days


@dataclass(frozen=True)
class Run:
    id: int
    actor: str
    started_at: datetime
    ended_at: datetime | None
    taken: Mapping[str, Counts]
    failed: Mapping[str, str]
