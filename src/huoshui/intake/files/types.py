"""What travels between the steps, from a raw file to staged tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

Progress: TypeAlias = Callable[[str, float], None]
"""Called with a step's name (simple Chinese) and the share of the whole work done, 0 to 1."""

Mapped: TypeAlias = Mapping[str, str | Sequence[str]]
"""Field name → header, as the user sees and corrects it (JSON). A list only for a field whose columns add up."""


@dataclass(frozen=True)
class Source:
    """One file as the user gave it, ready for DuckDB: UTF-8 text or Parquet."""

    file_no: int
    name: str
    path: Path
    format: Literal["text", "parquet"]
    lines: int = 0
    """Physical lines of a text file."""
    uncomputed: tuple[tuple[int, int], ...] = ()
    """(row number, position) of a workbook's formulas that carry no result."""


@dataclass(frozen=True)
class Head:
    """The beginning of a file: where its header stands and what it says."""

    headers: tuple[str, ...]
    """Named apart, blank ones at the end left out."""
    header_row: int
    delimiter: str
    width: int
    """Cells of the header row as written, blank ones at the end included."""
    samples: tuple[tuple[str, ...], ...]
    single_line: bool


@dataclass(frozen=True)
class RawTable:
    """One file in DuckDB, every cell VARCHAR, columns c0, c1 …; `row_no = rowid + first_row`."""

    source: Source
    table: str
    headers: tuple[str, ...]
    first_row: int
    rows: int
    rejected: int
    """Rows with too many or too few cells. They hold their place in the table and stand in `rejects`."""


@dataclass(frozen=True)
class Preview:
    """What a file seems to be, before anything is staged: enough for the user to correct it."""

    kind: str
    mapping: Mapping[str, str | tuple[str, ...]]
    headers: tuple[str, ...]
    confidence: float
    samples: tuple[tuple[str, ...], ...]
    missing: tuple[str, ...] = ()
    """Labels of the required fields that no column serves."""
    format: str = ""
    """Name of the platform's own format, '' for a table of one's own."""
    label: str = ""
    is_weak: bool = False
    """The format is not well attested: each column is to be looked at."""
    note: str = ""
    """What the user should know of this format."""
    guessed: Mapping[str, float] = field(default_factory=dict)
    """Fields whose column was guessed by its words and its content, and how surely, 0 to 1; they stand in `mapping`."""
    saved_for: str = ""
    """The source whose saved mapping this is."""
    maybe: Mapping[str, tuple[str, float]] = field(default_factory=dict)
    """Fields that a column may serve, but too unsurely to say so: field → (header, how surely)."""


@dataclass(frozen=True)
class Staged:
    """Files read, cleaned, grouped. `database` is a DuckDB file; its tables are told in docs/adr/0003."""

    kind: str
    mapping: Mapping[str, str | tuple[str, ...]]
    headers: tuple[str, ...]
    confidence: float
    samples: tuple[tuple[str, ...], ...]
    counts: Mapping[str, int]
    problems: int
    database: Path
    format: str = ""
