"""What a question answers with.

Money in `rows` and `extra` is integer minor units (分), so that screens and tests add it exactly. `to_json()`
is what `huoshui ask --json` prints: the same names, money as a decimal number in yuan with two decimals at
most, days as ISO dates, missing values as null.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

Kind = Literal["dimension", "money", "count", "share", "ratio", "text", "date", "days"]
Row = Mapping[str, Any]
Cell = Mapping[str, str]


class Money(int):
    """Minor units that stand alone in `extra`, where no column says what they are."""


@dataclass(frozen=True)
class Column:
    """`opens`: the number is a number of people, or of what they did: `people(cell)` lists them."""

    name: str
    label_zh: str
    label_en: str
    kind: Kind
    opens: bool = False

    def label(self, lang: str) -> str:
        return self.label_en if lang == "en" else self.label_zh

    def to_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "label_zh": self.label_zh,
            "label_en": self.label_en,
            "kind": self.kind,
            "opens": self.opens,
        }


@dataclass(frozen=True)
class Grid:
    """Columns and rows. The dimensions of a row are the cell that opens it; one that is None there is ''."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @property
    def dimensions(self) -> tuple[str, ...]:
        return tuple(c.name for c in self.columns if c.kind == "dimension")

    def cell(self, row: Row) -> dict[str, str]:
        return {name: "" if row[name] is None else str(row[name]) for name in self.dimensions}

    def plain_rows(self) -> list[dict[str, Any]]:
        money = {c.name for c in self.columns if c.kind == "money"}
        return [{k: _yuan(v) if k in money else _plain(v) for k, v in row.items()} for row in self.rows]

    def to_json(self) -> dict[str, Any]:
        return {"columns": [c.to_json() for c in self.columns], "rows": self.plain_rows()}


@dataclass(frozen=True)
class Answer(Grid):
    """`sentence` says what the rows come to, in the language asked for; the lake is whole to `fresh_at`."""

    question: str
    sentence: str
    fresh_at: datetime | None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            "question": self.question,
            "sentence": self.sentence,
            "fresh_at": _plain(self.fresh_at),
            **super().to_json(),
            "extra": _plain(self.extra),
        }


def in_order(row: Row, columns: Sequence[Column]) -> dict[str, Any]:
    """Exactly what the columns say, in their order."""
    return {column.name: row[column.name] for column in columns}


def _yuan(value: Any) -> float | None:
    return None if value is None else value / 100


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return _yuan(int(value))
    if isinstance(value, Grid):
        return value.to_json()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return round(value, 6) if isinstance(value, float) else value
