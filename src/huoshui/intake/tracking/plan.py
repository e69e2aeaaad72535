"""The tracking plan as this process knows it, what was seen, and whether an event keeps to what was declared."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

from django.db import transaction

from huoshui.core import sql
from huoshui.intake.tracking.types import Fault

Q = sql.load("huoshui.intake.tracking")

PLAN_SECONDS = 2.0
MOST_NAMES = 5_000  # of a source
_MOST_NAME = 100
REST = "…"

TYPE_WORDS = {
    "string": "文字",
    "number": "数字",
    "integer": "整数",
    "boolean": "是或否",
    "time": "时间",
    "object": "对象",
    "array": "列表",
}
CLASSES = {"none": "只留存", "plain": "普通", "behaviour": "行为"}
LAKE_CLASSES = frozenset({"plain", "behaviour"})


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_time(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


_FITS: dict[str, Callable[[Any], bool]] = {
    "string": lambda v: isinstance(v, str),
    "number": _is_number,
    "integer": lambda v: _is_number(v) and float(v).is_integer(),
    "boolean": lambda v: isinstance(v, bool),
    "time": _is_time,
    "object": lambda v: isinstance(v, dict),
    "array": lambda v: isinstance(v, list),
}


def type_of(value: Any) -> str:
    """What a value would be declared as; '' for null."""
    if value is None:
        return ""
    for name in ("boolean", "integer", "number", "time", "string", "array"):
        if _FITS[name](value):
            return name
    return "object"


@dataclass(frozen=True)
class Property:
    name: str
    type: str
    klass: str
    is_required: bool


Plan = Mapping[str, tuple[Property, ...]]


def check(plan: Plan, name: str, values: Mapping[str, Any], pointer: str) -> None:
    """Raises Fault for what was declared and is not so. Nothing is said of what was not declared."""
    for declared in plan.get(name, ()):
        value = values.get(declared.name)
        at = f"{pointer}/{declared.name}"
        if value is None:
            if declared.is_required:
                raise Fault("property_missing", at, property=declared.name)
        elif not _FITS[declared.type](value):
            raise Fault("property_wrong", at, property=declared.name, type=declared.type)


@dataclass
class _Known:
    plan: Plan = field(default_factory=dict)
    read_at: float = float("-inf")


_known = _Known()
_lock = Lock()


def current() -> Plan:
    """As it was at most two seconds ago."""
    if time.monotonic() - _known.read_at > PLAN_SECONDS:
        found: dict[str, list[Property]] = {}
        for row in sql.fetch(Q.plan_rows):
            properties = found.setdefault(row.fact, [])
            if row.property:
                properties.append(Property(row.property, row.type, row.klass, row.is_required))
        _known.plan = {name: tuple(properties) for name, properties in found.items()}
        _known.read_at = time.monotonic()
    return _known.plan


def forget() -> None:
    """What this process knows of the plan is old: it was changed here."""
    _known.read_at = float("-inf")


class Seen:
    """Counts what was seen, by shape: a source's fact with these names. Written now and then, not with each event: that
    would have every writer wait for every other at the same few rows."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._shapes: Counter[tuple[int, str, tuple[str, ...]]] = Counter()
        self._types: dict[tuple[int, str, tuple[str, ...]], tuple[str, ...]] = {}
        self._names: dict[int, set[tuple[str, str]]] = {}
        self._repeated: Counter[int] = Counter()

    def add_repeated(self, source_id: int, times: int) -> None:
        """So many events of a source were told before, and not counted again."""
        with self._lock:
            self._repeated[source_id] += times

    def add(self, shapes: Mapping[tuple[int, str, tuple[str, ...]], tuple[int, Mapping[str, Any]]]) -> None:
        """(source, fact, names) → how many, and the values of one of them."""
        with self._lock:
            for shape, (times, values) in shapes.items():
                self._shapes[shape] += times
                if shape not in self._types:
                    self._types[shape] = tuple(type_of(values.get(name)) for name in shape[2])

    @property
    def is_waiting(self) -> bool:
        return bool(self._shapes or self._repeated)

    def write(self, at: datetime) -> None:
        """Into the database, in transactions of its own."""
        self._write_repeated(at)
        with self._lock:
            shapes, types = self._shapes, self._types
            self._shapes, self._types = Counter(), {}
        rows: Counter[tuple[int, str, str]] = Counter()
        sample: dict[tuple[int, str, str], str] = {}
        for shape, times in shapes.items():
            source_id, fact, names = shape
            for name, kind in zip(("", *names), ("", *types[shape]), strict=True):
                key = (source_id, *self._bounded(source_id, fact, name[:_MOST_NAME].replace("\x00", "")))
                rows[key] += times
                sample[key] = kind or sample.get(key, "")
        if not rows:
            return
        try:
            with transaction.atomic():
                sql.run(
                    Q.count_seen,
                    source_ids=[k[0] for k in rows],
                    facts=[k[1] for k in rows],
                    properties=[k[2] for k in rows],
                    times=list(rows.values()),
                    types=[sample[k] for k in rows],
                    at=at,
                )
        except Exception:
            with self._lock:  # told again with the next
                self._shapes += shapes
                self._types |= types
            raise

    def _write_repeated(self, at: datetime) -> None:
        with self._lock:
            repeated, self._repeated = self._repeated, Counter()
        if not repeated:
            return
        ids = sorted(repeated)
        try:
            with transaction.atomic():
                sql.run(Q.count_repeated, source_ids=ids, times=[repeated[i] for i in ids], at=at)
        except Exception:
            with self._lock:  # told again with the next
                self._repeated += repeated
            raise

    def _bounded(self, source_id: int, fact: str, name: str) -> tuple[str, str]:
        """The table holds so many names of a source; whoever makes up new ones without end is counted under '…'."""
        names = self._names.get(source_id)
        if names is None:
            rows = sql.fetch(Q.seen_names, source_id=source_id, limit=MOST_NAMES)
            names = self._names[source_id] = {(r.fact, r.property) for r in rows}
        if (fact, name) in names:
            return fact, name
        if len(names) >= MOST_NAMES:
            return REST, ""
        names.add((fact, name))
        return fact, name


seen = Seen()
