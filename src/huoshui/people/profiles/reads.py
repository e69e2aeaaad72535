from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from huoshui.core import sql
from huoshui.core.subscribers import XidRange
from huoshui.people.profiles import catalogue

Q = sql.load("huoshui.people.profiles")


@dataclass(frozen=True)
class Attribute:
    """A named value with its origin; `others` are values that other sources or times gave, not lost."""

    name: str
    label: str
    value: str
    source: str
    at: datetime
    others: tuple[str, ...] = ()


def attributes(person_ids: Sequence[int]) -> list[Attribute]:
    by_name: dict[str, list[sql.Row]] = {}
    for row in sql.fetch(Q.of_persons, person_ids=list(person_ids)):
        by_name.setdefault(row.name, []).append(row)
    return [
        Attribute(
            name=name,
            label=catalogue.label(name),
            value=rows[0].value,
            source=rows[0].source,
            at=rows[0].said_at,
            others=tuple(f"{r.value}（{r.source}）" for r in rows[1:] if r.value != rows[0].value),
        )
        for name, rows in by_name.items()
    ]


def values(person_ids: Sequence[int], name: str) -> list[tuple[int, str]]:
    """(person, value) of one attribute, from every source that tells it."""
    return [(r.person_id, r.value) for r in sql.fetch(Q.values_of, person_ids=list(person_ids), name=name)]


def display_names(person_ids: Sequence[int]) -> list[tuple[int, str]]:
    """(person, name) for every name these persons go by, the newest last."""
    return [(r.person_id, r.name) for r in sql.fetch(Q.display_names, person_ids=list(person_ids))]


def named_values(names: Sequence[str]) -> pa.Table:
    """person_id, name, value, said_at of everybody."""
    return sql.copy_out(Q.named_values, names=list(names))


def changes(span: XidRange) -> pa.Table:
    return sql.copy_out(Q.changes, low=str(span.low), high=str(span.high))
