"""Rows of a query, by SQLAlchemy: read only, in a stream, into a file of text columns."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from huoshui.intake.pickup import addresses, cursors, rules, sayings
from huoshui.intake.pickup.faults import Fault, missing
from huoshui.intake.pickup.places.dialects import DIALECTS
from huoshui.intake.pickup.places.sql_words import told_fault
from huoshui.intake.pickup.types import Query, Reading

_SECONDS: Final = 600
_CHUNK: Final = 2_000
MOST_NEW: Final = 200_000
"""Rows beyond the cursor in one reading; the rest follows in the next, right away."""
MOST_WHOLE: Final = 1_000_000


class Database:
    def __init__(self, place: Mapping[str, str], secret: Mapping[str, str]) -> None:
        driver, module, port = DIALECTS[place["dialect"]]
        self._dialect = place["dialect"]
        self._secret = secret.get("password", "")
        self._schema_less = self._dialect == "sqlite"
        options: dict[str, Any] = {"poolclass": NullPool, "hide_parameters": True}
        try:
            if self._schema_less:
                path = addresses.within_allowed(Path(place["database"]))
                if not path.is_file():
                    raise Fault("no_folder")
                uri = f"file:{quote(str(path))}?mode=ro"
                options["creator"] = lambda: sqlite3.connect(
                    uri, uri=True, timeout=30, check_same_thread=False
                )
                self._engine = sa.create_engine("sqlite://", **options)
            else:
                self._engine = self._by_net(driver, place, port, options)
        except (ImportError, NoSuchModuleError):
            raise missing(module) from None

    def _by_net(
        self, driver: str, place: Mapping[str, str], default: int, options: dict[str, Any]
    ) -> sa.Engine:
        host, port = place["host"], int(place.get("port") or default)
        connect: dict[str, Any] = {}
        if host.startswith("/"):
            addresses.within_allowed(Path(host))
        else:
            address = addresses.resolved(host, port)
            connect = {"hostaddr": address} if self._dialect == "postgresql" else {}
        database = place["database"]
        url = sa.URL.create(
            driver,
            username=place["user"],
            password=self._secret,
            host=host,
            port=port,
            database=None if self._dialect == "oracle" else database,
            query={"service_name": database} if self._dialect == "oracle" else {},
        )
        return sa.create_engine(url, connect_args={**connect, **_CONNECT[self._dialect]}, **options)

    def read(
        self,
        query: Query,
        cursor: Mapping[str, str] | None,
        target: Path,
        *,
        now: datetime,
        zone: ZoneInfo,
        most: int = MOST_NEW,
    ) -> Reading:
        """Write to `target` what the query tells from the cursor's overlap on. No rows: no file."""
        with self._connected() as connection:
            result = connection.execute(_statement(query, cursor))
            names = tuple(result.keys())
            if query.cursor_column and query.cursor_column not in names:
                raise Fault("no_cursor_column")
            cut = _Cut(names, query, cursor, most)
            with _Writer(target, names) as writer:
                for rows in result.partitions(_CHUNK):
                    writer.write(cut.taken(rows))
                    if cut.has_more:
                        break
            return Reading(writer.rows, cut.cursor(now, zone), writer.digest, cut.has_more)

    def first_rows(
        self, query: Query, target: Path, *, most: int
    ) -> tuple[tuple[str, ...], list[tuple[str, ...]], list[str]]:
        """Headers, a few rows and remarks, for a trial; `target` gets them as a table."""
        with self._connected() as connection:
            result = connection.execute(_statement(query, None, limit=most))
            names = tuple(result.keys())
            rows = [tuple(row) for row in result]
            notes = _notes(query, names, rows)
            with _Writer(target, names) as writer:
                writer.write(rows)
            if query.cursor_column and not notes and connection.execute(_lacking(query)).first() is not None:
                notes.append(sayings.LACKING_CURSOR)
        return names, [tuple("" if v is None else v for v in map(text_of, row)) for row in rows], notes

    @contextmanager
    def _connected(self) -> Iterator[sa.Connection]:
        """One transaction that may only read, given up at its end whatever happened."""
        try:
            with self._engine.connect() as plain:
                options: dict[str, Any] = {"stream_results": True, "yield_per": _CHUNK}
                if self._dialect == "postgresql":
                    options["postgresql_readonly"] = True
                connection = plain.execution_options(**options)
                try:
                    for statement in _BEFORE.get(self._dialect, ()):
                        connection.exec_driver_sql(statement)
                    yield connection
                finally:
                    connection.rollback()
        except DBAPIError as error:
            raise told_fault(self._dialect, error, self._secret) from None
        except SQLAlchemyError:
            raise Fault("query_failed") from None
        except (OSError, UnicodeError):
            raise Fault("failed") from None

    def close(self) -> None:
        self._engine.dispose()


_CONNECT: Final[dict[str, dict[str, Any]]] = {
    "postgresql": {
        "connect_timeout": 15,
        "application_name": "huoshui pickup",
        "options": f"-c statement_timeout={_SECONDS * 1000} -c default_transaction_read_only=on",
    },
    "mysql": {
        "connect_timeout": 15,
        "read_timeout": _SECONDS,
        "charset": "utf8mb4",
        "init_command": "set session transaction read only",
    },
    "mssql": {"login_timeout": 15, "timeout": _SECONDS, "appname": "huoshui pickup"},
    "oracle": {"tcp_connect_timeout": 15},
}
_BEFORE: Final = {"sqlite": ("pragma query_only = on",), "oracle": ("set transaction read only",)}


def _source(query: Query, name: str) -> sa.Subquery:
    names = [name_ for name_ in (query.cursor_column, query.key_column) if name_]
    # A colon would be taken for a parameter
    text = sa.text(rules.inner(query.text).replace(":", "\\:"))
    return text.columns(*(sa.column(sa.quoted_name(name_, quote=True)) for name_ in names)).subquery(name)


def _statement(query: Query, cursor: Mapping[str, str] | None, *, limit: int | None = None) -> sa.Select[Any]:
    """All columns, in the cursor's order. With a key column: every row of each key that has one since the beginning."""
    table = _source(query, "q")
    statement = sa.select(sa.text("q.*")).select_from(table)
    if query.cursor_column:
        column = table.c[query.cursor_column]
        if query.key_column:
            touched = _source(query, "k")
            keys = sa.select(touched.c[query.key_column]).where(
                _fresh(touched.c[query.cursor_column], query, cursor)
            )
            statement = statement.where(table.c[query.key_column].in_(keys))
            # Rows without a cursor come with their key, before the reading may be cut
            statement = statement.order_by(sa.case((column.is_(None), 0), else_=1), column)
        else:
            statement = statement.where(_fresh(column, query, cursor)).order_by(column)
    return statement if limit is None else statement.limit(limit)


def _fresh(
    column: sa.ColumnElement[Any], query: Query, cursor: Mapping[str, str] | None
) -> sa.ColumnElement[bool]:
    if cursor is None:
        return column.is_not(None)
    return column >= sa.bindparam("since", cursors.beginning(cursor, query.overlap))


def _lacking(query: Query) -> sa.Select[Any]:
    table = _source(query, "q")
    return sa.select(sa.literal(1)).select_from(table).where(table.c[query.cursor_column].is_(None)).limit(1)


def _notes(query: Query, names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> list[str]:
    for name in (query.cursor_column, query.key_column):
        if name and name not in names:
            raise Fault("no_cursor_column")
    if query.cursor_column and rows:
        cursors.kept(rows[0][names.index(query.cursor_column)])
    return []


class _Cut:
    """Where a reading ends: not between two rows of one cursor value, and not before something new has come."""

    def __init__(
        self, names: Sequence[str], query: Query, cursor: Mapping[str, str] | None, most: int
    ) -> None:
        self._at = names.index(query.cursor_column) if query.cursor_column else None
        self._before = cursor
        self._most = most
        self._new = 0
        self._last: Any = None
        self.has_more = False

    def taken(self, rows: Sequence[Any]) -> list[tuple[Any, ...]]:
        kept: list[tuple[Any, ...]] = []
        for row in rows:
            if self._at is None:
                self._new += 1
                if self._new > MOST_WHOLE:
                    raise Fault("too_many_rows")
            else:
                value = row[self._at]
                if value is None:
                    kept.append(tuple(row))
                    continue
                if self._new >= self._most and value != self._last:
                    self.has_more = True
                    break
                self._new += cursors.is_after(value, self._before)
                self._last = value
            kept.append(tuple(row))
        return kept

    def cursor(self, now: datetime, zone: ZoneInfo) -> Mapping[str, str] | None:
        """Never back: what was read again because of its overlap ends before where we were."""
        if self._last is None:
            return self._before
        cursors.kept(self._last)
        reached = cursors.furthest(self._last, now, zone)
        return cursors.kept(reached) if cursors.is_after(reached, self._before) else self._before


class _Writer:
    """Parquet of text columns: what a database says needs no guess at encoding, separators or quotes."""

    def __init__(self, target: Path, names: Sequence[str]) -> None:
        self._schema = pa.schema([(name, pa.string()) for name in _apart(names)])
        self._target = target
        self._file: pq.ParquetWriter | None = None
        self._sum = 0
        self.rows = 0

    def __enter__(self) -> _Writer:
        return self

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        if not rows:
            return
        if self._file is None:
            self._file = pq.ParquetWriter(self._target, self._schema)
        told = [[text_of(value) for value in row] for row in rows]
        for row in told:
            whole = "\x1f".join("\x00" if cell is None else cell for cell in row)
            self._sum += int.from_bytes(hashlib.blake2b(whole.encode(), digest_size=8).digest(), "big")
        columns = [pa.array(column, pa.string()) for column in zip(*told, strict=True)]
        self._file.write_table(pa.table(columns, schema=self._schema))
        self.rows += len(rows)

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    @property
    def digest(self) -> str:
        """Of the rows, in whatever order a database gives those of one cursor value."""
        return f"{self.rows}:{self._sum % (1 << 64):016x}"


def _apart(names: Sequence[str]) -> list[str]:
    """Two columns of a join may have one name."""
    found: list[str] = []
    for name in names:
        free = (f"{name}_{n}" for n in count(2))
        found.append(name if name not in found else next(one for one in free if one not in found))
    return found


def text_of(value: Any) -> str | None:
    """As the rest of the house reads it: no exponent, no `.0` behind a whole number, times by ISO."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, float):
        return f"{value:.0f}" if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    return str(value)
