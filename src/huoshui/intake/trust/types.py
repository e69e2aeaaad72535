"""What the data trust pages are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, NamedTuple

FEEDS = ("orders", "people", "events")
HELD = "held"
"""Code of the fault of a row that waits for another one of its order."""
STAGES = ("received", "settled", "lake", "number")
"""How long it took: from happening to receipt, from there to the books, from there to the lake, and all of it."""

How = Literal["system", "half", "hand", "none"]
Spoke = Literal["normal", "above", "below", "silent", "new", "irregular"]


class FoldReport(NamedTuple):
    facts: int
    rounds: int


class Lag(NamedTuple):
    """Seconds that half and nine in ten took no longer than, of so many facts."""

    facts: int
    half: float
    most: float


class Volume(NamedTuple):
    """A day's facts against what the same weekday usually brings; no range while too few of those are known."""

    day: date
    facts: int
    mid: float | None
    low: float | None
    high: float | None
    verdict: Spoke


class FieldShare(NamedTuple):
    """Of so many facts that should say it, how many do, and how many of these say it well."""

    feed: str
    field: str
    facts: int
    filled: int
    valid: int

    @property
    def share_filled(self) -> float:
        return self.filled / self.facts if self.facts else 0.0

    @property
    def share_valid(self) -> float:
        return self.valid / self.filled if self.filled else 0.0


@dataclass(frozen=True)
class SourceTrust:
    source_id: int
    name: str
    label: str
    is_history: bool
    feeds: tuple[str, ...]
    how: How
    share_by_hand: float
    last_at: datetime | None
    first_day: date | None
    facts: int
    volume: Volume
    series: tuple[Volume, ...]
    """The last days, oldest first, the day itself last."""
    lags: Mapping[str, Lag]
    """By stage."""
    fields: tuple[FieldShare, ...]
    duplicates: int
    """Orders and rows that were told again with the same words and counted once."""
    waiting: int


@dataclass(frozen=True)
class StoreCoverage:
    org_unit_id: int
    sales: int
    known_sales: int
    amount: int
    known_amount: int

    @property
    def share(self) -> float:
        return self.known_sales / self.sales if self.sales else 0.0


@dataclass(frozen=True)
class FigureTrust:
    """A headline number: who makes it, and how long it takes."""

    name: str
    how: How
    share_by_hand: float
    lag: Lag | None


@dataclass(frozen=True)
class Overview:
    """`is_past`: data end long ago, and this is read as of their last day. `read_at`: how far all of it is counted.
    `day_facts`: the sales and refunds told of that day, the last of which was in the lake at `arrived_at`."""

    day: date
    is_past: bool
    read_at: datetime | None
    day_facts: int
    arrived_at: datetime | None
    sources: tuple[SourceTrust, ...]
    stores: tuple[StoreCoverage, ...]
    silent_stores: tuple[int, ...]
    figures: tuple[FigureTrust, ...]


@dataclass(frozen=True)
class Asked:
    """Which number's origin is asked for. Ids of stores and products; None: all. `is_unknown`: of unknown buyers."""

    first: date
    last: date
    unit_ids: tuple[int, ...] | None = None
    sku_ids: tuple[int, ...] | None = None
    source_id: int = 0
    run_id: int = 0
    is_unknown: bool = False


class Origin(NamedTuple):
    """A part of a number: what one source told by one run, key or person. `taken_back`: effects of earlier facts undone."""

    source_id: int
    run_id: int | None
    actor: str
    effects: int
    amount: int
    taken_back: int


class LineageRow(NamedTuple):
    """One effect. Where `of_fact_id` is another fact, `fact_id` has taken that one's effect back."""

    business_day: date
    fact_id: int
    of_fact_id: int
    source_id: int
    org_unit_id: int
    run_id: int | None
    actor: str
    amount: int
    name: str
    order_key: str
    occurred_at: datetime
    received_at: datetime


@dataclass(frozen=True)
class Lineage:
    amount: int
    effects: int
    origins: tuple[Origin, ...]
    rows: tuple[LineageRow, ...]
    after: str
    """For the next page; '' on the last."""


class FileRow(NamedTuple):
    """A row of the file that told a fact, under the number it has in the file."""

    file: str
    row_no: int


@dataclass(frozen=True)
class FactOrigin:
    fact_id: int
    name: str
    client_key: str
    order_key: str
    occurred_at: datetime
    received_at: datetime
    settled_at: datetime | None
    state: str
    actor: str
    run_id: int | None
    source_id: int
    org_unit_id: int
    is_order: bool
    amount: int
    line_count: int
    replaces: tuple[int, ...]


class Fault(NamedTuple):
    column: str
    value: str
    code: str
    reason: str
    remedy: str


@dataclass(frozen=True)
class BadRow:
    """A row that was set aside. `new_run_id`: it has been mended and brought again by that run."""

    file_no: int
    row_no: int
    file: str
    cells: Mapping[str, str]
    faults: tuple[Fault, ...]
    new_run_id: int | None = None

    @property
    def is_held(self) -> bool:
        """Nothing is wrong with it; another row of its order is."""
        return all(fault.code == HELD for fault in self.faults)


@dataclass(frozen=True)
class Cause:
    """Why things were not taken in, at one door. `object_id`: the run, the source, or the device."""

    door: Literal["file", "event", "device", "exception"]
    object_id: int
    code: str
    items: int
    since: datetime | None
    label: str
    column: str = ""
    reason: str = ""
    remedy: str = ""
