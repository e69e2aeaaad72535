from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import pyarrow as pa

from huoshui.core import sql
from huoshui.core.subscribers import XidRange
from huoshui.people.profiles import catalogue

Q = sql.load("huoshui.people.profiles")


CORRECTED = 0
"""The rank of what somebody had corrected of herself."""
UNRANKED = 1000


@dataclass(frozen=True)
class Value:
    """What one source says last, and where it comes from: the fact that told it, and the import that brought that."""

    value: str
    source: str
    at: datetime
    fact_id: int
    run_id: int | None = None
    is_corrected: bool = False
    is_preferred: bool = False  # its source stands before others by the house's order


@dataclass(frozen=True)
class Attribute:
    """A named value with its origin; `others` are values that other sources or times gave, not lost. `said` is all of them,
    what stands first."""

    name: str
    label: str
    value: str
    source: str
    at: datetime
    others: tuple[str, ...] = ()
    said: tuple[Value, ...] = ()

    @property
    def is_disputed(self) -> bool:
        return len({v.value for v in self.said}) > 1


def attributes(person_ids: Sequence[int]) -> list[Attribute]:
    by_name: dict[str, list[sql.Row]] = {}
    for row in sql.fetch(Q.of_persons, person_ids=list(person_ids)):
        by_name.setdefault(row.name, []).append(row)
    return [_attribute(name, rows) for name, rows in by_name.items()]


def _attribute(name: str, rows: Sequence[sql.Row]) -> Attribute:
    stands = rows[0]
    return Attribute(
        name=name,
        label=catalogue.label(name),
        value=stands.value,
        source=stands.source,
        at=stands.said_at,
        others=tuple(f"{r.value}（{r.source}）" for r in rows[1:] if r.value != stands.value),
        said=tuple(
            Value(
                r.value,
                r.source,
                r.said_at,
                r.fact_id,
                r.run_id,
                r.rank == CORRECTED,
                CORRECTED < r.rank < UNRANKED,
            )
            for r in rows
        ),
    )


def priorities() -> dict[str, list[str]]:
    """Name of an attribute ('' for all) → its sources, the one that stands first first."""
    found: dict[str, list[str]] = {}
    for row in sql.fetch(Q.priorities):
        found.setdefault(row.name, []).append(row.source)
    return found


class Source(NamedTuple):
    """One whose word there is, as it is named and shown."""

    name: str
    label: str


class SaidPriority(NamedTuple):
    """Who last set the order of sources under a name, when and why."""

    name: str
    actor: str
    at: datetime
    reason: str


def sources() -> list[Source]:
    """Everything that has ever told us anything, by label."""
    return sql.fetch_as(Source, Q.sources)


def said_priorities() -> list[SaidPriority]:
    """Of each name the latest."""
    return sql.fetch_as(SaidPriority, Q.said_priorities)


class Birthday(NamedTuple):
    """A birthday as it is written; `is_corrected`: by the person herself, so that it stands before what others say."""

    person_id: int
    value: str
    is_corrected: bool


def ask_birthdays(person_ids: Sequence[int]) -> sql.Asked:
    """Every birthday that any source tells of these, together with the next statement that is waited for."""
    return sql.ask(Q.birthdays, person_ids=list(person_ids))


def birthdays_in(years: Sequence[str]) -> list[Birthday]:
    """Everybody's of these years."""
    return sql.fetch_as(Birthday, Q.birthdays_in, years=list(years))


def ask_born_on(days: Sequence[str]) -> sql.Asked:
    """Born ids of whoever has a birthday on one of these days of the year (MM-DD), together with the next statement."""
    return sql.ask(Q.born_on, days=list(days))


def birthdays(asked: sql.Asked) -> list[Birthday]:
    return sql.rows_as(Birthday, asked)


def display_names(person_ids: Sequence[int]) -> list[tuple[int, str]]:
    """(person, name) for every name these persons go by, the newest last."""
    return [(r.person_id, r.name) for r in sql.fetch(Q.display_names, person_ids=list(person_ids))]


def named_values(names: Sequence[str]) -> pa.Table:
    """person_id, name, value, said_at of everybody."""
    return sql.copy_out(Q.named_values, names=list(names))


def changes(span: XidRange) -> pa.Table:
    return sql.copy_out(Q.changes, low=str(span.low), high=str(span.high), sensitive=catalogue.SENSITIVE)


def count_sensitive(before: datetime) -> int:
    """Sensitive values that were said before then."""
    return int(sql.fetch_one(Q.count_sensitive, sensitive=catalogue.SENSITIVE, before=before).told)


def with_sensitive_before(before: datetime) -> list[int]:
    """Of whom (born ids) anything sensitive was said before then."""
    rows = sql.fetch(Q.with_sensitive_before, sensitive=catalogue.SENSITIVE, before=before)
    return sorted(r.person_id for r in rows)
