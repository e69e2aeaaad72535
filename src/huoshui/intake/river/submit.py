"""The entry of every command: receive, settle, answer after the commit."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pyarrow as pa
from django.db import transaction

from huoshui.brand import api as brand
from huoshui.core import clock
from huoshui.core.actor import Actor
from huoshui.core.crypto import lookup_key, seal
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import (
    IDENTIFY,
    NO_AMOUNT,
    NO_QUANTITY,
    UNLISTED_PRODUCT,
    Batch,
    Received,
    Source,
)
from huoshui.core.retry import retrying
from huoshui.intake.river.settle import settle
from huoshui.people import api as people

_PAUSES = (0, 0.02, 0.05, 0.1)  # seconds before each try


@dataclass(frozen=True)
class Line:
    sku_code: str
    quantity_milli: int
    amount: int
    discount: int = 0
    coupon_discount: int = 0
    refunded: int = 0
    refunded_milli: int = 0
    line_key: str | None = None
    name: str = ""


@dataclass(frozen=True)
class Order:
    order_key: str
    store_code: str
    lines: tuple[Line, ...]
    parent_key: str | None = None
    channel: str = ""
    status: str = ""


@dataclass(frozen=True)
class Item:
    """One thing that happened, as a caller tells it. `identifiers` are (kind, plain value).

    `traits` are what an Identify says of its person; other facts say nothing of whom they are about.
    """

    name: str
    client_key: str
    occurred_at: datetime
    identifiers: tuple[tuple[str, str], ...] = ()
    traits: dict[str, str] = field(default_factory=dict)
    order: Order | None = None

    def __post_init__(self) -> None:
        if self.traits and self.name != IDENTIFY:
            raise ValueError(f"{self.name} has traits, which only {IDENTIFY} may have")


@dataclass(frozen=True)
class Verdict:
    """What became of an item: 'settled', 'waiting' (for its parent, or behind an earlier one) or 'known' (delivered before)."""

    client_key: str
    state: str
    fact_id: int | None


def submit(items: Sequence[Item], *, source: Source, actor: Actor) -> list[Verdict]:
    """Take in a few items and settle them; each has its verdict once everything is committed."""
    if not items:
        return []
    received = retrying(lambda: _receive(items, source, actor))
    settled = _settle(received.fact_ids, actor)
    fresh = dict(zip(received.refs, received.fact_ids, strict=True))
    return [_verdict(item.client_key, fresh.get(ref), settled) for ref, item in enumerate(items)]


def _receive(items: Sequence[Item], source: Source, actor: Actor) -> Received:
    with transaction.atomic(durable=True):
        return facts.receive(_batch(items), source=source, actor=actor)


def _settle(fact_ids: Sequence[int], actor: Actor) -> set[int]:
    """The facts that settled. One whose order another till has in hand is tried again; what then is left, `sweep` settles."""
    settled: set[int] = set()
    left = list(fact_ids)
    for pause in _PAUSES:
        time.sleep(pause)
        outcome = settle(left, actor=actor)
        settled |= {fact_id for one in outcome for fact_id in one.settled}
        gone = settled | {fact_id for one in outcome for fact_id in one.waiting}
        left = [fact_id for fact_id in left if fact_id not in gone]
        if not left:
            break
    return settled


def _verdict(client_key: str, fact_id: int | None, settled: set[int]) -> Verdict:
    if fact_id is None:
        return Verdict(client_key, "known", None)
    return Verdict(client_key, "settled" if fact_id in settled else "waiting", fact_id)


def identifier_row(kind: str, value: str) -> tuple[str, str | None, str | None] | None:
    """(key, sealed as hex, last four) of a plain value; None for one that names nobody. Raises NotAPhone."""
    if people.is_blocked(kind, value):
        return None
    plain = people.plain_identifier(kind, value)
    if people.is_blocked(kind, plain):
        return None
    if not people.KINDS[kind].is_contact:
        return plain, None, None
    return lookup_key(plain), "\\x" + seal(plain).hex(), plain[-4:]


def _batch(items: Sequence[Item]) -> Batch:
    rows: dict[str, list[dict[str, Any]]] = {
        n: [] for n in ("facts", "identifiers", "traits", "orders", "lines")
    }
    units = brand.unit_ids(sorted({i.order.store_code for i in items if i.order and i.order.store_code}))
    names = {line.sku_code: line.name for i in items if i.order for line in i.order.lines}
    skus = brand.find_or_add_skus(names)
    for ref, item in enumerate(items):
        rows["facts"].append(
            {
                "ref": ref,
                "name": item.name,
                "client_key": item.client_key,
                "content_hash": _hash(item),
                "occurred_at": item.occurred_at,
            }
        )
        for kind, value in item.identifiers:
            found = identifier_row(kind, value)
            if found:
                key, sealed, tail4 = found
                rows["identifiers"].append(
                    {"ref": ref, "kind": kind, "scope": "", "key": key, "sealed": sealed, "tail4": tail4}
                )
        rows["traits"] += [{"ref": ref, "name": n, "value": v} for n, v in item.traits.items()]
        if item.order:
            rows["orders"].append(_head(ref, item, item.order, units))
            rows["lines"] += [
                _line(ref, number, line, skus[line.sku_code])
                for number, line in enumerate(item.order.lines, 1)
            ]
    return Batch(**{name: _table(name, part) for name, part in rows.items()})


_SEALED = pa.schema(
    [
        ("ref", pa.int64()),
        ("kind", pa.string()),
        ("scope", pa.string()),
        ("key", pa.string()),
        ("sealed", pa.string()),
        ("tail4", pa.string()),
    ]
)


def _table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    if name == "identifiers":
        return pa.Table.from_pylist(rows, schema=_SEALED)
    table = pa.Table.from_pylist(rows)
    if name == "facts":
        place = table.schema.get_field_index("occurred_at")
        table = table.set_column(
            place, "occurred_at", table.column("occurred_at").cast(pa.timestamp("us", tz="UTC"))
        )
    return table


def _hash(item: Item) -> str:
    told = {
        "name": item.name,
        "identifiers": sorted(item.identifiers),
        "traits": item.traits,
        "order": item.order and [*item.order.__dict__.items()],
    }
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, default=lambda value: value.__dict__)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _head(ref: int, item: Item, order: Order, units: dict[str, int]) -> dict[str, Any]:
    return {
        "ref": ref,
        "order_key": order.order_key,
        "parent_key": order.parent_key,
        "business_day": clock.business_day(item.occurred_at),
        "org_unit_id": units.get(order.store_code),
        "channel": order.channel,
        "status": order.status,
        "amount": sum(line.amount for line in order.lines),
        "discount": sum(line.discount for line in order.lines),
        "coupon_discount": sum(line.coupon_discount for line in order.lines),
        "refunded": sum(line.refunded for line in order.lines),
        "line_count": len(order.lines),
    }


def _line(ref: int, number: int, line: Line, sku: brand.Named) -> dict[str, Any]:
    flags = (
        (0 if sku.is_listed else UNLISTED_PRODUCT)
        | (NO_QUANTITY if line.quantity_milli == 0 else 0)
        | (NO_AMOUNT if line.amount == 0 else 0)
    )
    return {
        "ref": ref,
        "line_no": number,
        "line_key": line.line_key,
        "sku_id": sku.id,
        "quantity_milli": line.quantity_milli,
        "amount": line.amount,
        "discount": line.discount,
        "coupon_discount": line.coupon_discount,
        "refunded": line.refunded,
        "refunded_milli": line.refunded_milli,
        "flags": flags,
    }
