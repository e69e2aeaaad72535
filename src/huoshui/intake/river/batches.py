"""Items as columns: what `core.facts` takes in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pyarrow as pa

from huoshui.brand import api as brand
from huoshui.core import clock
from huoshui.core.crypto import lookup_key, seal
from huoshui.core.facts.types import NO_AMOUNT, NO_QUANTITY, UNLISTED_PRODUCT, Batch
from huoshui.intake.river.types import Item, Line, Order
from huoshui.people import api as people


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


def batch_of(items: Sequence[Item]) -> Batch:
    """`ref` is the item's place. Stores and products that nobody has described become unlisted ones."""
    units = brand.unit_ids(sorted({i.order.store_code for i in items if i.order and i.order.store_code}))
    skus = brand.find_or_add_skus({x.sku_code: x.name for i in items if i.order for x in i.order.lines})
    rows: dict[str, list[dict[str, Any]]] = {
        n: [] for n in ("facts", "identifiers", "traits", "orders", "lines", "tenders", "coupons")
    }
    for ref, item in enumerate(items):
        rows["facts"].append(_fact(ref, item))
        rows["identifiers"] += _identifiers(ref, item)
        rows["traits"] += [{"ref": ref, "name": n, "value": v} for n, v in item.traits.items()]
        if item.order:
            _add_order(rows, ref, item, item.order, units, skus)
    return Batch(**{name: _table(name, part) for name, part in rows.items()})


def _fact(ref: int, item: Item) -> dict[str, Any]:
    return {
        "ref": ref,
        "name": item.name,
        "client_key": item.client_key,
        "content_hash": _hash(item),
        "occurred_at": item.occurred_at,
        "body": json.dumps(item.body, ensure_ascii=False, default=str) if item.body else None,
    }


def _identifiers(ref: int, item: Item) -> list[dict[str, Any]]:
    rows = []
    for kind, value in item.identifiers:
        if found := identifier_row(kind, value):
            key, sealed, tail4 = found
            rows.append({"ref": ref, "kind": kind, "scope": "", "key": key, "sealed": sealed, "tail4": tail4})
    return rows


def _add_order(
    rows: dict[str, list[dict[str, Any]]],
    ref: int,
    item: Item,
    order: Order,
    units: Mapping[str, int],
    skus: Mapping[str, brand.Named],
) -> None:
    rows["orders"].append(_head(ref, item, order, units))
    rows["lines"] += [_line(ref, number, x, skus[x.sku_code]) for number, x in enumerate(order.lines, 1)]
    rows["tenders"] += [{"ref": ref, "tender_no": n, **vars(t)} for n, t in enumerate(order.tenders, 1)]
    rows["coupons"] += [{"ref": ref, "coupon_no": n, **vars(c)} for n, c in enumerate(order.coupons, 1)]


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
        if table.column("body").null_count == len(rows):
            table = table.drop_columns(["body"])
        place = table.schema.get_field_index("occurred_at")
        table = table.set_column(
            place, "occurred_at", table.column("occurred_at").cast(pa.timestamp("us", tz="UTC"))
        )
    return table


def _hash(item: Item) -> str:
    """Of the request as it came, where there is one: what we made of it may differ when it comes again."""
    told: dict[str, Any] = {"name": item.name, "body": item.body}
    if not item.body:
        told |= {
            "identifiers": sorted(item.identifiers),
            "traits": item.traits,
            "order": item.order and [*item.order.__dict__.items()],
        }
    text = json.dumps(told, sort_keys=True, ensure_ascii=False, default=_plain)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else vars(value)


def _head(ref: int, item: Item, order: Order, units: Mapping[str, int]) -> dict[str, Any]:
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
