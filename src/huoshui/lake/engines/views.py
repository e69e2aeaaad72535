"""What the engines share: views of a moment, made when snapshots move, dropped when nobody asks any more."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import ibis

from huoshui.core import clock
from huoshui.lake.engines.asking import Question, plainly
from huoshui.lake.engines.base import READ, CalledOff, LakeTables, Shelf, Shelves, fresh_at, ibis_schema

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

# Whoever was handed tables may still be asking about them; longer than any request lives.
_KEPT_FOR = timedelta(minutes=5)


@dataclass
class _Moment:
    """One set of snapshots, and the relations that show it, by table."""

    shelves: Mapping[str, Shelf]
    relations: Mapping[str, str]
    tables: LakeTables
    replaced_at: datetime | None = None


class ViewEngine(ABC):
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._shelves = Shelves()
        self._moments: list[_Moment] = []
        self._made = 0

    def tables(self) -> LakeTables:
        with self._lock:
            return self._now().tables

    @contextmanager
    def tables_of(self, person_ids: Sequence[int], states: Sequence[str] = ()) -> Iterator[LakeTables]:
        yield self.tables()

    def ask(
        self,
        question: Question,
        *,
        lake: LakeTables | None = None,
        given: Mapping[str, pa.Table] | None = None,
        is_called_off: Callable[[], bool] | None = None,
    ) -> pa.Table:
        def run(expr: ir.Expr) -> pa.Table:
            return self.run(expr) if is_called_off is None else self.run_unless(expr, is_called_off)

        return plainly(question, lake or self.tables(), given or {}, run)

    def fresh_at(self) -> datetime | None:
        return fresh_at()

    @abstractmethod
    def run(self, expr: ir.Expr) -> pa.Table: ...

    def run_unless(self, expr: ir.Expr, is_called_off: Callable[[], bool]) -> pa.Table:
        """An engine that cannot stop in the middle asks before it begins and after it has ended."""
        if is_called_off():
            raise CalledOff
        rows = self.run(expr)
        if is_called_off():
            raise CalledOff
        return rows

    @abstractmethod
    def _show(self, shelf: Shelf) -> str:
        """Make a view of the shelf's files and return its name."""

    @abstractmethod
    def _show_persons(self, shelves: Mapping[str, Shelf], relations: Mapping[str, str]) -> dict[str, str]:
        """Make `persons`, and say what else it stands on."""

    @abstractmethod
    def _drop(self, name: str, relation: str) -> None: ...

    def _new_name(self, name: str) -> str:
        self._made += 1
        return f"{name}_{self._made}"

    def _now(self) -> _Moment:
        """Under the lock."""
        shelves = self._shelves.now()
        if not self._moments or self._moments[-1].shelves != shelves:
            self._turn_to(shelves)
        return self._moments[-1]

    def _turn_to(self, shelves: Mapping[str, Shelf]) -> None:
        last = self._moments[-1] if self._moments else None
        relations = {
            name: last.relations[name] if last and last.shelves[name] == shelf else self._show(shelf)
            for name, shelf in shelves.items()
        }
        relations |= self._show_persons(shelves, relations)
        if last:
            last.replaced_at = clock.now()
        self._moments.append(_Moment(shelves, relations, _tables(relations)))
        self._forget()

    def _forget(self) -> None:
        """Drop what only moments long past were made of."""
        before = clock.now() - _KEPT_FOR
        kept = [moment for moment in self._moments if not moment.replaced_at or moment.replaced_at > before]
        in_use = {relation for moment in kept for relation in moment.relations.values()}
        past = {
            relation: name
            for moment in self._moments
            for name, relation in moment.relations.items()
            if relation not in in_use
        }
        for relation, name in past.items():
            self._drop(name, relation)
        self._moments = kept


def _tables(relations: Mapping[str, str]) -> LakeTables:
    return LakeTables(*(ibis.table(ibis_schema(name), name=relations[name]) for name in (*READ, "persons")))


def persons_select(ids: str, state_now: str) -> str:
    """Each person id with its canonical one: its own, unless a cluster says otherwise."""
    return (
        "select person_id, coalesce(canonical_id, person_id) as canonical_id "
        f"from {ids} as ids left join "
        f"(select person_id, cast(number as bigint) as canonical_id from {state_now} where key = 'cluster') "
        "as cluster using (person_id)"
    )
