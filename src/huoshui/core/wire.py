"""Prepared statements on psycopg's libpq, several in one flight (docs/adr/0022).

A psycopg cursor costs a statement more of Python than PostgreSQL takes to run most of ours. Here a statement is bound by
psycopg's own adapters and waits in a queue; a flight sends the queue and reads all answers in one round trip. Only public
parts of psycopg are used: the connection's `pgconn`, and `Transformer`.
"""

from __future__ import annotations

import re
import select
from collections import namedtuple
from collections.abc import Callable, Mapping
from functools import cache, partial
from types import SimpleNamespace
from typing import Any, cast

import psycopg
from psycopg import pq
from psycopg.adapt import AdaptersMap, PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.types.datetime import TimestamptzLoader

from huoshui.core import arrays

_MOST_PREPARED = 400  # plans that one connection keeps: a till's sale alone runs some twenty-five
_PLACE = re.compile(r"%(?:%|\((\w+)\)s(?=(?:::(\w+)\[\])?))")
_IDLE = pq.TransactionStatus.IDLE
_SYNC = pq.ExecStatus.PIPELINE_SYNC
_HAD = {pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK}
_BEGIN = b"BEGIN"


@cache
def _parsed(text: str) -> tuple[bytes, dict[str, str | None], list[PyFormat]]:
    """The statement with numbered places; by name, in their order, to an array of what each is cast, if everywhere alike."""
    places: dict[str, int] = {}
    elements: dict[str, str | None] = {}

    def numbered(found: re.Match[str]) -> str:
        name, element = found.groups()
        if name is None:
            return "%"
        if elements.setdefault(name, element) != element:
            elements[name] = None
        return f"${places.setdefault(name, len(places) + 1)}"

    query = _PLACE.sub(numbered, text).encode()
    return query, elements, [PyFormat.AUTO] * len(elements)


Key = tuple[str, tuple[int, ...]]
"""A statement's text and the types of what is bound to it."""


class Asked:
    """A statement that waits in the queue, or has its answer."""

    __slots__ = ("_result", "_wire", "key", "values")

    def __init__(self, wire: Wire, key: Key, values: Any) -> None:
        self._wire = wire
        self._result: pq.abc.PGresult | None = None
        self.key = key
        self.values = values

    def answer(self, result: pq.abc.PGresult) -> None:
        self._result = result
        self.values = None

    def _answered(self) -> pq.abc.PGresult:
        if self._result is None:
            self._wire.fly()
        if self._result is None:
            raise psycopg.InterfaceError("this statement was dropped with its transaction")
        return self._result

    def rows(self, make: Callable[[Any], Any] | None = None) -> list[Any]:
        """The rows as `make` makes them of a tuple; named tuples unless it is given."""
        result = self._answered()
        return self._wire.loaded(result, make or _named(_columns(result)))

    @property
    def count(self) -> int:
        """How many rows it touched."""
        return self._answered().command_tuples or 0


def _columns(result: pq.abc.PGresult) -> tuple[bytes, ...]:
    return tuple(result.fname(place) or b"" for place in range(result.nfields))


@cache
def _named(columns: tuple[bytes, ...]) -> Callable[[Any], Any]:
    """Named tuples of these columns, made in C: the columns have been counted."""
    kind = cast(Any, namedtuple)("Row", [column.decode() for column in columns], rename=True)
    return partial(tuple.__new__, kind)


class Wire:
    """What waits to be sent on one connection, and what has been prepared there."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection
        self.is_gathering = 0
        """In so many blocks statements whose outcome nobody asks for wait for the next that is asked for."""
        self._pg = connection.pgconn
        adapters = AdaptersMap(connection.adapters)
        # psycopg's own loader, in C; Django's in Python puts on the zone that its connection has anyway
        adapters.register_loader("timestamptz", TimestamptzLoader)
        arrays.register(adapters)
        context: Any = SimpleNamespace(adapters=adapters, connection=connection)
        self._transformer = Transformer(context)
        self._queue: list[Asked] = []
        self._names: dict[Key, bytes] = {}
        self._made = 0
        self._poll = select.poll()
        self._poll.register(self._pg.socket, select.POLLIN)

    def ask(self, text: str, params: Mapping[str, Any]) -> Asked:
        """Bind a statement and put it in the queue."""
        _, elements, formats = _parsed(text)
        told = [
            arrays.bound(value, element) if isinstance(value := params[name], list) else value
            for name, element in elements.items()
        ]
        values = self._transformer.dump_sequence(told, formats)
        asked = Asked(self, (text, self._transformer.types or ()), (values, self._transformer.formats))
        self._queue.append(asked)
        return asked

    def loaded(self, result: pq.abc.PGresult, make: Callable[[Any], Any]) -> list[Any]:
        self._transformer.set_pgresult(result)
        return self._transformer.load_rows(0, result.ntuples, make)

    def drop(self) -> None:
        """Forget what waits: its transaction is undone."""
        self._queue.clear()

    def fly(self) -> None:
        """Send all that waits and read the answers. Raises what the first of them to fail raises; those behind it have not
        been run."""
        if not self._queue:
            return
        queue, self._queue = self._queue, []
        try:
            failed = self._flown(queue)
        except BaseException:
            self.connection.close()  # what was under way cannot be told from what comes next
            raise
        if failed is not None:
            raise error_from_result(failed, encoding=self.connection.info.encoding)

    def _flown(self, queue: list[Asked]) -> pq.abc.PGresult | None:
        self._pg.enter_pipeline_mode()
        steps: list[Asked | tuple[Key, bytes] | None] = []
        if not self.connection.autocommit and self._pg.transaction_status == _IDLE:
            self._pg.send_query_params(_BEGIN, None)
            steps.append(None)
        is_prepared = self.connection.prepare_threshold is not None
        fresh: dict[Key, bytes] = {}
        for asked in queue:
            query = _parsed(asked.key[0])[0]
            values, formats = asked.values
            if not is_prepared:  # a pooler's connections know nothing of each other's statements
                self._pg.send_query_params(query, values, param_types=asked.key[1], param_formats=formats)
            else:
                name = self._names.get(asked.key) or fresh.get(asked.key)
                if name is None:
                    name = fresh[asked.key] = self._new_name()
                    self._pg.send_prepare(name, query, param_types=asked.key[1])
                    steps.append((asked.key, name))
                self._pg.send_query_prepared(name, values, param_formats=formats)
            steps.append(asked)
        self._pg.pipeline_sync()
        self._push()
        failed = self._read(steps)
        self._pg.exit_pipeline_mode()
        if len(self._names) > _MOST_PREPARED:
            self._forget()
        return failed

    def _read(self, steps: list[Asked | tuple[Key, bytes] | None]) -> pq.abc.PGresult | None:
        failed = None
        for step in steps:
            result = self._next()
            if result is None:
                raise psycopg.OperationalError("the server closed the connection")
            if result.status not in _HAD:
                failed = failed or result
            elif isinstance(step, Asked):
                step.answer(result)
            elif step is not None:
                self._names[step[0]] = step[1]
            if self._next() is not None:
                raise psycopg.InterfaceError("one statement, two answers")
        result = self._next()
        if result is None or result.status != _SYNC:
            if failed is not None:
                raise error_from_result(failed, encoding=self.connection.info.encoding)
            raise psycopg.OperationalError("the server closed the connection")
        return failed

    def _next(self) -> pq.abc.PGresult | None:
        while self._pg.is_busy():
            self._poll.poll()
            self._pg.consume_input()
        return self._pg.get_result()

    def _push(self) -> None:
        """What is much to say is said while the server answers: neither may wait for the other to listen."""
        while self._pg.flush():
            self._poll.modify(self._pg.socket, select.POLLIN | select.POLLOUT)
            if any(event & select.POLLIN for _, event in self._poll.poll()):
                self._pg.consume_input()
            self._poll.modify(self._pg.socket, select.POLLIN)

    def _new_name(self) -> bytes:
        self._made += 1
        return f"hs{self._made}".encode()

    def _forget(self) -> None:
        """Room for others, where statements come in ever new shapes."""
        self._names.clear()
        self._pg.exec_(b"DEALLOCATE ALL")
