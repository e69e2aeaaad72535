"""Named SQL files, and the few ways to run them on Django's own connection.

A statement is text with `%(name)s` parameters, bound on the server and prepared, so that a batch of one and a batch of
five hundred run the same plan.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, partial
from importlib import resources
from io import BytesIO
from typing import Any, TypeVar

import psycopg
import pyarrow as pa
import pyarrow.csv as pacsv
from django.db import DEFAULT_DB_ALIAS, connections

from huoshui.core.wire import Asked as Asked
from huoshui.core.wire import Wire

T = TypeVar("T")

Row = Any  # a namedtuple made from the statement's column names

_NAME = re.compile(r"^--\s*name:\s*(\w+)\s*$", re.MULTILINE)

# pyarrow type of each PostgreSQL type that `copy_out` may meet
_ARROW = {
    16: pa.bool_(),
    20: pa.int64(),
    21: pa.int16(),
    23: pa.int32(),
    25: pa.string(),
    700: pa.float32(),
    701: pa.float64(),
    1043: pa.string(),
    1082: pa.date32(),
    1114: pa.timestamp("us"),
    1184: pa.timestamp("us", tz="UTC"),
    2950: pa.string(),
}


@dataclass(frozen=True)
class Statement:
    name: str
    text: str


class Statements:
    """The statements of one `sql/` folder, as attributes."""

    def __init__(self, package: str) -> None:
        self._by_name: dict[str, Statement] = {}
        for statement in _read_folder(package):
            if self._by_name.setdefault(statement.name, statement) is not statement:
                raise ValueError(f"{package}/sql has two statements named {statement.name!r}")
        self._package = package

    def __getattr__(self, name: str) -> Statement:
        try:
            return self._by_name[name]
        except KeyError:
            raise AttributeError(f"{self._package}/sql has no statement named {name!r}") from None


def load(package: str) -> Statements:
    """Read every `sql/*.sql` of a package but those that make its tables."""
    return Statements(package)


def schema(package: str, name: str = "schema") -> str:
    """The text of the package's `sql/schema.sql`, for its first migration; later ones have files of their own,
    `schema_<number>_<what>.sql`."""
    return resources.files(package).joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


def _read_folder(package: str) -> Iterator[Statement]:
    for file in sorted(resources.files(package).joinpath("sql").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".sql") and not file.name.startswith("schema"):
            yield from parse(file.read_text(encoding="utf-8"))


def parse(text: str) -> Iterator[Statement]:
    """Split a file into its named statements."""
    parts = _NAME.split(text)
    for name, body in zip(parts[1::2], parts[2::2], strict=True):
        yield Statement(name, body.strip().rstrip(";"))


def raw() -> psycopg.Connection[Any]:
    """The psycopg connection under Django's, inside whatever transaction Django has open."""
    wire = _wire()
    wire.fly()
    return wire.connection


_alias: ContextVar[str] = ContextVar("alias", default=DEFAULT_DB_ALIAS)


@contextmanager
def on(alias: str) -> Iterator[None]:
    """Within this block all is run on another of Django's connections: a migration's, which is the owner's."""
    outer = _alias.set(alias)
    try:
        yield
    finally:
        _alias.reset(outer)


def _wire() -> Wire:
    wrapper: Any = connections[_alias.get()]
    if wrapper.connection is None:
        wrapper.ensure_connection()
    wire: Wire | None = wrapper.__dict__.get("wire")
    if wire is None or wire.connection is not wrapper.connection:
        wire = wrapper.wire = Wire(wrapper.connection)
    return wire


def starts_with(text: str) -> str:
    """A pattern for LIKE: whatever begins with this text, taken literally."""
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_") + "%"


_BY_INDEX = Statement(
    "by_index",
    "select set_config('plan_cache_mode', 'force_generic_plan', true) as kept, set_config(name, 'off', true) as off"
    " from unnest(array['enable_seqscan', 'enable_hashjoin', 'enable_mergejoin']) as name",
)


def by_index() -> None:
    """For the rest of this transaction, reach rows by index only, by plans made once and kept: a till's sale planned anew
    each time takes twice as long.

    A batch is a few hundred ids against tables of any size. Left alone, the planner keeps for good the whole-table plan it
    made while a table was new and empty. For the same reason statements look rows up by `lateral (… offset 0)`, which
    the planner may not turn round.
    """
    send(_BY_INDEX)


def ask(statement: Statement, /, **params: Any) -> Asked:
    """Run it together with the next statement that is waited for; its `rows()` then are there without waiting again."""
    return _wire().ask(statement.text, params)


def fetch(statement: Statement, /, **params: Any) -> list[Row]:
    return ask(statement, **params).rows()


def fetch_as(kind: Callable[..., T], statement: Statement, /, **params: Any) -> list[T]:
    """The rows as values of `kind`, which takes the columns in their order: one object a row instead of two. `tuple`: as
    they come."""
    return rows_as(kind, ask(statement, **params))


def rows_as(kind: Callable[..., T], asked: Asked) -> list[T]:
    if isinstance(kind, type) and issubclass(kind, tuple):
        return asked.rows(partial(tuple.__new__, kind) if kind is not tuple else tuple)
    return asked.rows(lambda values: kind(*values))


def fetch_one(statement: Statement, /, **params: Any) -> Row:
    """The first row, or None."""
    rows = fetch(statement, **params)
    return rows[0] if rows else None


def run(statement: Statement, /, **params: Any) -> int:
    """Run a statement and return how many rows it touched."""
    return ask(statement, **params).count


@contextmanager
def pipelined() -> Iterator[None]:
    """Within this block `send` does not wait for the server. What a statement sent raises, the next answer raises, or the
    end of the block."""
    wire = _wire()
    wire.is_gathering += 1
    try:
        with connections[_alias.get()].execute_wrapper(partial(_in_turn, wire)):
            yield
        wire.fly()
    except BaseException:
        wire.drop()
        raise
    finally:
        wire.is_gathering -= 1


def _in_turn(wire: Wire, execute: Callable[..., T], *said: Any) -> T:
    """What Django says itself (a savepoint) comes after what waits here."""
    wire.fly()
    return execute(*said)


def send(statement: Statement, /, **params: Any) -> None:
    """Run a statement whose outcome nobody asks for."""
    ask(statement, **params)
    wire = _wire()
    if not wire.is_gathering:
        wire.fly()


def copy_in(table: str, rows: pa.Table) -> None:
    """An Arrow table into `table`; its column names are the columns. Strings keep '' apart from null.

    By COPY; in a pipeline, which no COPY can join, by a prepared insert. That costs a few rows a fraction of a COPY's
    conversation, and many rows more.
    """
    if rows.num_rows == 0:
        return
    if _wire().is_gathering:
        values = {name: rows.column(name).to_pylist() for name in rows.column_names}
        send(_insert(str(raw().info.dbname), table, tuple(values)), **values)
    else:
        _copy(table, rows)


_COLUMN_TYPES = Statement(
    "column_types",
    "select attname, format_type(atttypid, atttypmod) from pg_attribute"
    " where attrelid = %(table)s::text::regclass and attnum > 0 and not attisdropped",
)


@cache
def _insert(database: str, table: str, columns: tuple[str, ...]) -> Statement:
    types = dict(fetch_as(tuple, _COLUMN_TYPES, table=table))
    names = ", ".join(f'"{name}"' for name in columns)
    arrays = ", ".join(f"%({name})s::{types[name]}[]" for name in columns)
    return Statement(f"add {table}", f'insert into "{table}" ({names}) select * from unnest({arrays})')


def _copy(table: str, rows: pa.Table) -> None:
    # pyarrow 26 writes garbage for an empty first chunk
    rows = pa.Table.from_batches([b for b in rows.to_batches() if b.num_rows])
    buffer = BytesIO()
    pacsv.write_csv(rows, buffer, pacsv.WriteOptions(include_header=False, quoting_style="needed"))
    columns = ", ".join(f'"{name}"' for name in rows.column_names)
    with (
        raw().cursor() as cursor,
        cursor.copy(f'copy "{table}" ({columns}) from stdin (format csv)') as copy,
    ):
        copy.write(buffer.getbuffer())


def copy_out(statement: Statement, /, **params: Any) -> pa.Table:
    """The rows of a query as an Arrow table, by COPY: no Python object per cell."""
    with raw().cursor() as cursor:
        text = psycopg.ClientCursor(raw()).mogrify(statement.text, params)
        columns = _columns_of(cursor, text)
        buffer = BytesIO()
        with cursor.copy(f"copy ({text}) to stdout (format csv)") as copy:
            for chunk in copy:
                buffer.write(chunk)
    schema_of_rows = pa.schema(columns)
    if buffer.tell() == 0:
        return schema_of_rows.empty_table()
    buffer.seek(0)
    return pacsv.read_csv(
        buffer,
        read_options=pacsv.ReadOptions(column_names=schema_of_rows.names, block_size=8 << 20),
        # A null on its own is an empty line
        parse_options=pacsv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
        convert_options=pacsv.ConvertOptions(
            column_types=schema_of_rows,
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            null_values=[""],
            true_values=["t"],
            false_values=["f"],
            timestamp_parsers=[pacsv.ISO8601],
        ),
    )


def _columns_of(cursor: psycopg.Cursor[Any], text: str) -> list[pa.Field]:
    cursor.execute(f"select * from ({text}) as rows_of limit 0")
    assert cursor.description is not None
    return [pa.field(c.name, _ARROW[c.type_code]) for c in cursor.description]
