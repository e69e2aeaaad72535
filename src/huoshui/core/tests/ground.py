"""What tests stand on: facts put in as a door puts them, and tables wiped clean after tests that commit."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pyarrow as pa
import pytest
from django.db import connection, transaction

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import ORDER_COMPLETED, ORDER_REFUNDED, Batch, Received, Source

NOON = datetime(2026, 3, 10, 4, tzinfo=UTC)  # noon in Shanghai
SKU, STORE = 5, 7

_numbers = count(1)


def number() -> int:
    """One that no other test has."""
    return next(_numbers)


@dataclass(frozen=True)
class Line:
    sku_id: int = SKU
    amount: int = 1000
    quantity_milli: int = 1000
    refunded: int = 0
    refunded_milli: int = 0
    line_key: str | None = None


@dataclass(frozen=True)
class Told:
    """A fact as a test tells it. `identifiers` are (kind, key)."""

    key: str
    name: str = ORDER_COMPLETED
    at: datetime = NOON
    identifiers: tuple[tuple[str, str], ...] = ()
    traits: tuple[tuple[str, str], ...] = ()
    lines: tuple[Line, ...] = ()
    order_key: str = ""
    parent_key: str | None = None
    status: str = ""
    store: int | None = STORE

    def again(self, **changes: Any) -> Told:
        return replace(self, **changes)


def sale(key: str, *lines: Line, **more: Any) -> Told:
    return Told(key, lines=lines or (Line(),), **more)


def refund(key: str, of: str, *lines: Line, **more: Any) -> Told:
    """A refund's lines are negative."""
    return Told(
        key,
        name=ORDER_REFUNDED,
        parent_key=of,
        lines=lines or (Line(amount=-1000, quantity_milli=-1000),),
        **more,
    )


def a_source(mode: str = "live") -> Source:
    name = f"source {number()}"
    return facts.ensure_source(name=name, label=name, mode=mode)


def receive(told: Sequence[Told], source: Source, **more: Any) -> Received:
    is_timeless = more.pop("is_timeless", False)
    return facts.receive(batch(told, is_timeless=is_timeless), source=source, actor=SYSTEM, **more)


def settle(fact_ids: Sequence[int], persons: dict[int, int] | None = None) -> None:
    """Mark as settled, with no consequences."""
    facts.mark_settled(fact_ids, persons or {})


def batch(told: Sequence[Told], *, is_timeless: bool = False) -> Batch:
    orders = [(ref, t) for ref, t in enumerate(told) if t.name in (ORDER_COMPLETED, ORDER_REFUNDED)]
    return Batch(
        facts=pa.table(
            {
                "ref": pa.array(range(len(told)), pa.int64()),
                "name": [t.name for t in told],
                "client_key": [t.key for t in told],
                "content_hash": [_hash(t) for t in told],
                "occurred_at": pa.array([t.at for t in told], pa.timestamp("us", tz="UTC")),
            }
        ),
        identifiers=_rows(
            {"ref": ref, "kind": kind, "scope": "", "key": key}
            for ref, t in enumerate(told)
            for kind, key in t.identifiers
        ),
        traits=_rows(
            {"ref": ref, "name": name, "value": value}
            for ref, t in enumerate(told)
            for name, value in t.traits
        ),
        orders=_rows(_head(ref, t) for ref, t in orders),
        lines=_rows(
            {"ref": ref, "line_no": place, **line.__dict__}
            for ref, t in orders
            for place, line in enumerate(t.lines, 1)
        ),
        is_timeless=is_timeless,
    )


def _hash(told: Told) -> str:
    return hashlib.md5(repr(replace(told, at=NOON)).encode(), usedforsecurity=False).hexdigest()


def _head(ref: int, told: Told) -> dict[str, Any]:
    return {
        "ref": ref,
        "order_key": told.order_key or told.key,
        "parent_key": told.parent_key,
        "business_day": clock.business_day(told.at),
        "org_unit_id": told.store,
        "status": told.status,
        "amount": sum(line.amount for line in told.lines),
        "refunded": sum(line.refunded for line in told.lines),
        "line_count": len(told.lines),
    }


def _rows(rows: Iterable[dict[str, Any]]) -> pa.Table | None:
    found = list(rows)
    return pa.Table.from_pylist(found) if found else None


def wait_for_readers() -> None:
    """Until readers may read what has been committed so far: whoever uses the same server may hold them up a moment."""
    mine = sql.Statement("mine", "select pg_current_xact_id()::text::bigint as xid")
    xid, patience = sql.fetch_one(mine).xid, time.monotonic() + 120
    while facts.horizon() <= xid:
        assert time.monotonic() < patience, "somebody's transaction does not end"
        time.sleep(0.01)


@contextmanager
def rolled_back() -> Iterator[None]:
    """One of many examples in one test: what it did is undone."""
    example = transaction.Atomic(using="default", savepoint=True, durable=False)
    vars(example)["_from_testcase"] = True  # a durable block may stand in it, as in Django's own test case
    with example:
        yield
        transaction.set_rollback(True)


_RESTORED = ("earn_rule", "source", "tier", "trend_rule", "visit_patience", "visit_reason")
"""What a home begins with: after tests that commit it is as it was."""
_KEPT = frozenset({*_RESTORED, "django_migrations", "django_content_type", "auth_permission"})
_begun_with: dict[str, str] = {}


@pytest.fixture
def clean_tables(transactional_db: None) -> Iterator[None]:
    """For tests that commit: nothing of theirs is left behind."""
    yield
    empty_all()


def remember_beginning() -> None:
    """Once the database is made, before any test."""
    _begun_with.update(_restored())


def _restored() -> dict[str, str]:
    each = (
        "select '{0}' as name, coalesce((select json_agg(t order by t::text) from {0} t), '[]')::text as said"
    )
    looks = " union all ".join(map(each.format, _RESTORED))
    return {r.name: r.said for r in sql.fetch(sql.Statement("beginning", looks))}


def _put_back() -> None:
    for name, said in _restored().items():
        if said != (begun := _begun_with[name]):
            rows = f"select * from json_populate_recordset(null::{name}, %(said)s::json)"
            sql.run(sql.Statement("empty", f"delete from {name}"))
            sql.run(
                sql.Statement("put back", f"insert into {name} overriding system value {rows}"), said=begun
            )


def _tables() -> list[str]:
    """Those that hold rows themselves: of a table in parts, the parts."""
    text = "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1"
    return [r.relname for r in sql.fetch(sql.Statement("tables", text))]


def empty(tables: Iterable[str]) -> None:
    """Empty those of these that have rows: emptying one costs PostgreSQL new files, and a test fills a few of many."""
    looks = [f"select '{name}' as name where exists (select from \"{name}\")" for name in tables]
    filled = [r.name for r in sql.fetch(sql.Statement("filled", " union all ".join(looks)))]
    if filled:
        with connection.cursor() as cursor:
            cursor.execute(f"truncate {', '.join(filled)} cascade")


def empty_all() -> None:
    """As Django does it after a test that commits, but the tables that are nobody's model too."""
    empty(name for name in _tables() if name not in _KEPT and not name.startswith("procrastinate"))
    _put_back()


def statements(work: Callable[[], object]) -> int:
    """How many statements of `core.sql` the work sends."""
    return len(texts(work))


def texts(work: Callable[[], object]) -> list[str]:
    """The statements of `core.sql` the work sends."""
    sent: list[str] = []
    ask = sql.ask

    def counting(statement: sql.Statement, /, **params: Any) -> sql.Asked:
        sent.append(statement.text)
        return ask(statement, **params)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sql, "ask", counting)
        work()
    return sent
