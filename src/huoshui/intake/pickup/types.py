"""Frozen values of pickups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any, Literal

Kind = Literal["folder", "sftp", "s3", "sql"]
KINDS: tuple[Kind, ...] = ("folder", "sftp", "s3", "sql")

SEEN, FETCHING, TRYING, IMPORTING, WAITING = "seen", "fetching", "trying", "importing", "waiting"
DONE, KNOWN, SKIPPED, GONE, REFUSED = "done", "known", "skipped", "gone", "refused"
OPEN = (SEEN, FETCHING, TRYING, IMPORTING, WAITING)


@dataclass(frozen=True)
class Files:
    """Which files, and when one is whole."""

    pattern: str = "*"
    """Relative to the place's folder; {YYYY}, {MM}, {DD} stand for the days looked back."""
    look_back: int = 7
    complete: str = "stable"
    """stable: alike at two looks; marker: `name.done` lies beside it; renamed: it is whole as soon as it has its name."""
    done_folder: str = ""
    """Where a file goes once it is imported; '' leaves it where it is."""


@dataclass(frozen=True)
class Query:
    text: str = ""
    cursor_column: str = ""
    """'' reads everything each time."""
    key_column: str = ""
    """Rows of one key belong together (an order): all of them are read again when one of them is."""
    overlap: int = 60
    """How far before the cursor each reading begins: minutes of a time, numbers of an id."""


@dataclass(frozen=True)
class Pickup:
    id: int
    name: str
    kind: str
    place: Mapping[str, str]
    host_key: str
    what: Mapping[str, Any]
    every_minutes: int | None
    daily_at: time | None
    source_name: str
    form: str
    mode: str
    tolerance: int
    is_enabled: bool
    cursor: Mapping[str, str] | None
    digest: str
    next_at: datetime
    failures: int
    fault: str
    said: str
    looked_at: datetime | None
    trial_asked_at: datetime | None
    created_at: datetime

    @property
    def files(self) -> Files:
        return Files(**self.what)

    @property
    def query(self) -> Query:
        return Query(**self.what)


@dataclass(frozen=True)
class Entry:
    """A file as a place shows it."""

    path: str
    """Within the place, by `/`."""
    size: int
    mark: str
    modified: float
    """Seconds, for the order in which files are taken."""
    is_fit: bool = True
    """False: its name is none that we would use; `path` is then written so that it can be shown."""
    is_marked: bool = False
    """`name.done` lies beside it."""
    tag: str = ""
    """What the place itself calls this version."""


@dataclass(frozen=True)
class Item:
    id: int
    pickup_id: int
    path: str
    mark: str
    size: int
    state: str
    content_hash: str
    run_id: int | None
    rows: int
    problems: int
    reason: str
    said: str
    cursor: Mapping[str, str] | None
    has_more: bool
    put_away: str
    seen_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True)
class Reading:
    """Rows of a query, written to a file."""

    rows: int
    cursor: Mapping[str, str] | None
    digest: str
    has_more: bool


@dataclass(frozen=True)
class Trial:
    """What a place showed when it was tried."""

    at: str
    code: str = ""
    said: str = ""
    """Why it did not work; '' where it did."""
    host_key: str = ""
    files: tuple[tuple[str, int, str], ...] = ()
    """(name, size, when modified) of the first ones that match."""
    found: int = 0
    headers: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    label: str = ""
    """What kind of table the first one seems to be."""
    is_sure: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """What somebody wants a pickup to be; `secret` only where it is given anew."""

    name: str
    kind: str
    place: Mapping[str, str]
    what: Mapping[str, Any]
    every_minutes: int | None
    daily_at: time | None
    source_name: str
    form: str = "auto"
    mode: str = "live"
    tolerance: int = 0
    secret: Mapping[str, str] = field(default_factory=dict, repr=False)
