"""What the lake answers with."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any


class Answerable:
    """Frozen results that can be printed as JSON."""

    def to_json(self) -> dict[str, Any]:
        plain: dict[str, Any] = _plain(asdict(self))  # type: ignore[call-overload]  # every subclass is a dataclass
        return plain


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, (date, datetime)) else value


@dataclass(frozen=True)
class FlushReport(Answerable):
    """Rows taken in by one flush; `bound` is the transaction below which nothing is missing."""

    bound: int
    rows: dict[str, int]
    seconds: float
    busy: bool = False

    @property
    def changed(self) -> bool:
        return any(self.rows.values())


@dataclass(frozen=True)
class TableStatus(Answerable):
    name: str
    rows: int
    files: int
    bytes: int
    snapshots: int
    bound: int
    committed_at: datetime | None


@dataclass(frozen=True)
class LakeStatus(Answerable):
    place: str
    fresh_at: datetime | None
    waiting: int
    tables: tuple[TableStatus, ...]


@dataclass(frozen=True)
class Difference(Answerable):
    """Where the lake and PostgreSQL do not agree. `day` is None for a figure of the whole table."""

    table: str
    day: date | None
    measure: str
    postgres: int
    lake: int


@dataclass(frozen=True)
class ReconcileReport(Answerable):
    """`rows` are the rows compared, by table; `differences` is cut at a hundred."""

    bound: int
    rows: dict[str, int]
    differences: tuple[Difference, ...]
    difference_count: int
    seconds: float

    @property
    def agrees(self) -> bool:
        return self.difference_count == 0

    def to_json(self) -> dict[str, Any]:
        return super().to_json() | {"agrees": self.agrees}


@dataclass(frozen=True)
class CompactReport(Answerable):
    """Files before and after, by table, and how many files nothing named any more were deleted."""

    files_before: dict[str, int]
    files_after: dict[str, int]
    swept: int
    seconds: float
