"""A small lake in memory, as the engine of an installation would hand it out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import ibis
import pyarrow as pa
from ibis.backends.duckdb import Backend

from huoshui.lake.api import LakeTables, Question, Texts, arrow_schema, names_of, plainly

NAMES = ("facts", "order_lines", "state_now", "products", "org_units", "properties")
TEXTS = Texts()
"""Of all worlds, as of all moments of a lake: only names differ."""
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True)
class SmallEngine:
    """One DuckDB connection; `rows` are plain rows by table, `persons` follows from them."""

    backend: Any
    held: LakeTables

    def tables(self) -> LakeTables:
        return self.held

    @contextmanager
    def tables_of(self, person_ids: Sequence[int], states: Sequence[str] = ()) -> Iterator[LakeTables]:
        yield self.held

    def ask(
        self,
        question: Question,
        *,
        lake: LakeTables | None = None,
        given: Mapping[str, pa.Table] | None = None,
        is_called_off: Callable[[], bool] | None = None,
    ) -> pa.Table:
        if not isinstance(self.backend, Backend):
            return plainly(question, lake or self.held, given or {}, self.run)
        names, told = names_of(lake or self.held), given or {}
        text = TEXTS.of(question, lake or self.held, told, self.backend.compile)
        for name, rows in told.items():
            names[name] = f"given_{name}"
            self.backend.con.register(names[name], rows)
        return self.backend.con.execute(text.said(names)).to_arrow_table().cast(text.columns)

    def run(self, expr: Any) -> pa.Table:
        return self.backend.to_pyarrow(expr.as_table())

    def run_unless(self, expr: Any, is_called_off: Callable[[], bool]) -> pa.Table:
        return self.run(expr)

    def fresh_at(self) -> datetime | None:
        return None


def connect() -> Any:
    backend = ibis.duckdb.connect(threads=1)
    backend.raw_sql("set timezone = 'Asia/Shanghai'")
    return backend


def small_engine(backend: Any, rows: Rows, name: str = "w") -> SmallEngine:
    """The name tells apart the worlds of one connection."""
    held = {}
    for table in NAMES:
        made = pa.Table.from_pylist([dict(r) for r in rows.get(table, ())], schema=arrow_schema(table))
        held[table] = _shown(backend, f"{name}_{table}", made)
    clusters = {r["person_id"]: int(r["number"]) for r in rows.get("state_now", ()) if r["key"] == "cluster"}
    everyone = {r["person_id"] for t in ("facts", "state_now") for r in rows.get(t, ())} - {None}
    persons = [{"person_id": p, "canonical_id": clusters.get(p, p)} for p in sorted(everyone)]
    schema = pa.schema({"person_id": pa.int64(), "canonical_id": pa.int64()})
    made = pa.Table.from_pylist(persons, schema=schema)
    held["persons"] = _shown(backend, f"{name}_persons", made)
    return SmallEngine(backend, LakeTables(**held))


def _shown(backend: Any, name: str, rows: pa.Table) -> Any:
    backend.con.register(name, rows)
    return backend.table(name)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
