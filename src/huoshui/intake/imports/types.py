"""Frozen values of imports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class Progress:
    """Where a run is. `done` and `total` count rows; `rate` is rows a second."""

    phase: str
    done: int
    total: int
    rate: float = 0.0

    @property
    def seconds_left(self) -> int | None:
        return round((self.total - self.done) / self.rate) if self.rate > 0 and self.total else None


Listener = Callable[[Progress], None]


@dataclass(frozen=True)
class RunView:
    id: int
    kind: str
    files: tuple[str, ...]
    state: str  # uploaded queued running done failed interrupted
    phase: str
    is_dry_run: bool
    done: int
    total: int
    rate: float
    seconds_left: int | None
    counts: Mapping[str, int]
    problems: int
    mode: str
    message: str
    source_name: str
    mapping: Mapping[str, str | list[str]] | None
    actor_name: str
    created_at: datetime
    ended_at: datetime | None
    format: str = ""
    """A platform's by name, 'own' or 'auto'."""
    quarantine: str = ""
    """marked held asked released rejected; '' for what is our own."""

    @property
    def share(self) -> float:
        return self.done / self.total if self.total else 0.0


@dataclass(frozen=True)
class Saved:
    """How a source's table of a kind is read, as its user once said."""

    source_name: str
    kind: str
    format: str
    mapping: Mapping[str, str | list[str]]
    saved_at: datetime


@dataclass(frozen=True)
class Problem:
    """A row set aside: where it stands, what is wrong, how to mend it."""

    file: str
    row_no: int
    column: str
    value: str
    code: str
    reason: str
    remedy: str
