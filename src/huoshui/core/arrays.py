"""Lists as PostgreSQL's arrays: numbers and instants in its own binary form, which neither side has to read letter by letter;
all else as text.

psycopg's own dumper looks at each element four times.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from psycopg.adapt import AdaptersMap, Dumper
from psycopg.pq import Format

_BARE = frozenset({int, float, bool})
_NOTHING = frozenset({type(None)})
_TIMES = frozenset({datetime, date})
_QUOTED = _TIMES | {Decimal, UUID}
_BARE_OR_NOTHING = _BARE | _NOTHING
_TIMES_OR_NOTHING = _TIMES | _NOTHING


def literal(values: list[Any]) -> str:
    """A list as PostgreSQL writes an array; the statement casts it."""
    kinds = set(map(type, values))
    if kinds <= _BARE:
        return "{" + repr(values)[1:-1] + "}"
    if kinds <= _TIMES:
        return '{"' + '","'.join(map(_time, values)) + '"}'
    if kinds <= _QUOTED:
        return '{"' + '","'.join(map(str, values)) + '"}'
    if kinds <= _BARE_OR_NOTHING:
        return "{" + repr(values)[1:-1].replace("None", "NULL") + "}"
    if kinds <= _TIMES_OR_NOTHING:
        return "{" + ",".join(["NULL" if v is None else f'"{_time(v)}"' for v in values]) + "}"
    if kinds == {str}:
        text = '"' + '","'.join(values) + '"'
        if "\\" not in text and text.count('"') == 2 * len(values):
            return "{" + text + "}"
    return "{" + ",".join(map(_element, values)) + "}"


@lru_cache(maxsize=8192)
def _time(value: date) -> str:
    """The time of one sale stands in several columns, and takes longer to write than all else of a row."""
    return str(value)


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        if "\\" in value or '"' in value:
            value = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{value}"'
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, date | Decimal | UUID):  # a datetime is a date too
        return f'"{value}"'
    raise TypeError(f"an array of {type(value).__name__} has no literal")


class _Kind(NamedTuple):
    """Of an array whose elements are as wide each. `packed` and `written` are what a parameter of it is, by its form."""

    element_oid: int
    of: type
    layout: np.dtype[Any]
    packed: type[bytes]
    written: type[str]
    number: Callable[[Any], int] | None = None


_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@lru_cache(maxsize=8192)
def _instant(value: datetime) -> int:
    """Microseconds of PostgreSQL's own era."""
    return (value - _EPOCH) // _MICROSECOND


_DUMPERS: list[tuple[type, type[Dumper]]] = []


def _ready(name: str, base: type, oid: int, form: Format) -> Any:
    """A kind of parameter that is as PostgreSQL reads it: arrays of one type have one plan, whichever their form."""

    class Ready(Dumper):
        format = form

        def dump(self, obj: Any) -> bytes:
            ready: bytes = obj if form == Format.BINARY else obj.encode()
            return ready

    Ready.oid = oid
    kind = type(name, (base,), {})
    _DUMPERS.append((kind, Ready))
    return kind


def _kind(
    name: str,
    oid: int,
    element_oid: int,
    of: type,
    number: Callable[[Any], int] | None = None,
    *,
    wide: int = 8,
) -> _Kind:
    layout = np.dtype([("width", ">i4"), ("value", f">i{wide}")])
    packed = _ready(f"{name}_packed", bytes, oid, Format.BINARY)
    return _Kind(element_oid, of, layout, packed, _ready(f"{name}_written", str, oid, Format.TEXT), number)


# Oids of an array and of its elements, from pg_type.dat
_KINDS = {
    "bigint": _kind("bigint", 1016, 20, int),
    "int": _kind("int", 1007, 23, int, wide=4),
    "timestamptz": _kind("timestamptz", 1185, 1184, datetime, _instant),
}
_HEAD = struct.Struct(">iiIii")


def bound(values: list[Any], element: str | None) -> str | bytes:
    """What to bind to a place that is cast to an array of `element` (None: to something else)."""
    kind = _KINDS.get(element or "")
    if kind is None:
        return literal(values)
    if values and set(map(type, values)) == {kind.of}:
        try:
            return kind.packed(_packed(kind, values))
        except (OverflowError, TypeError):
            pass  # too large, or a time without a zone: PostgreSQL says so in its words
    return kind.written(literal(values))


def _packed(kind: _Kind, values: list[Any]) -> bytes:
    """array_recv in PostgreSQL's arrayfuncs.c: one dimension, no nulls, from 1; each element's width before it."""
    rows = np.empty(len(values), kind.layout)
    rows["width"] = kind.layout["value"].itemsize
    rows["value"] = values if kind.number is None else list(map(kind.number, values))
    return _HEAD.pack(1, 0, kind.element_oid, len(values), 1) + rows.tobytes()


def register(adapters: AdaptersMap) -> None:
    for kind, dumper in _DUMPERS:
        adapters.register_dumper(kind, dumper)
