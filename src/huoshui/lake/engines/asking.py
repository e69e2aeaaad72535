"""Questions that are asked again and again: written down once, as text in which tables have places instead of names.

Making an expression and its SQL takes tens of milliseconds for a rule and a second for a hundred of them, each time the same.
What changes from one time to the next is which files the lake has, and what is given along: names, for which the text has
places.
"""

from __future__ import annotations

import re
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import ibis
import ibis.expr.operations as ops

from huoshui.lake.engines.base import LakeTables

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import pyarrow as pa

_KEPT_CHARACTERS = 20_000_000
# no text of a rule can be mistaken for a place
_MARK = f"place_{secrets.token_hex(12)}_"

Compile = Callable[["ir.Table"], str]


@dataclass(frozen=True)
class Question:
    """`make` is handed the lake's tables and those given by name. `key` is all else that it depends on; None is never kept."""

    key: Hashable
    make: Callable[[LakeTables, Mapping[str, ir.Table]], ir.Table]


@dataclass(frozen=True)
class Text:
    """SQL in pieces: between two of them comes the name of a table, by its place."""

    pieces: tuple[str, ...]
    columns: pa.Schema

    def said(self, names: Mapping[str, str]) -> str:
        return "".join(f'"{names[p]}"' if at % 2 else p for at, p in enumerate(self.pieces))


class Texts:
    """Those asked for lately, of one dialect."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[Hashable, Text] = OrderedDict()
        self._characters = 0

    def __len__(self) -> int:
        return len(self._known)

    def of(
        self, question: Question, lake: LakeTables, given: Mapping[str, pa.Table], compile_: Compile
    ) -> Text:
        """Kept for tables of the same columns."""
        columns = tuple((name, table.schema()) for name, table in _tables(lake).items())
        key = (question.key, columns, tuple((name, str(rows.schema)) for name, rows in sorted(given.items())))
        with self._lock:
            if question.key is not None and key in self._known:
                self._known.move_to_end(key)
                return self._known[key]
        text = _written(question, lake, given, compile_)
        if question.key is not None:
            self._keep(key, text)
        return text

    def _keep(self, key: Hashable, text: Text) -> None:
        with self._lock:
            if key in self._known:
                return
            self._known[key] = text
            self._characters += _length(text)
            while self._characters > _KEPT_CHARACTERS and len(self._known) > 1:
                self._characters -= _length(self._known.popitem(last=False)[1])


def names_of(lake: LakeTables) -> dict[str, str]:
    """What each table of the lake is called today, by its place."""
    return {f"lake_{name}": str(table.get_name()) for name, table in _tables(lake).items()}


def plainly(
    question: Question, lake: LakeTables, given: Mapping[str, pa.Table], run: Callable[[ir.Expr], pa.Table]
) -> pa.Table:
    """For an engine that keeps no texts."""
    return run(question.make(lake, {name: ibis.memtable(rows) for name, rows in given.items()}))


def _written(question: Question, lake: LakeTables, given: Mapping[str, pa.Table], compile_: Compile) -> Text:
    places = {
        name: ibis.table(table.schema(), name=f"{_MARK}lake_{name}") for name, table in _tables(lake).items()
    }
    told = {name: ibis.table(ibis.schema(rows.schema), name=f"{_MARK}{name}") for name, rows in given.items()}
    asked = question.make(LakeTables(**places), told)
    if asked.op().find(ops.InMemoryTable):
        raise RuntimeError("rows are given along with a question, not made within it")
    pieces = re.split(f'"{_MARK}(\\w+)"', compile_(asked))
    return Text(tuple(pieces), asked.schema().to_pyarrow())


def _tables(lake: LakeTables) -> dict[str, Any]:
    return {field.name: getattr(lake, field.name) for field in fields(lake)}


def _length(text: Text) -> int:
    return sum(map(len, text.pieces))
