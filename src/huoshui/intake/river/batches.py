"""Items as columns: what `core.facts` takes in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from msgspec import structs

from huoshui.brand import api as brand
from huoshui.core import canonical, clock
from huoshui.core.crypto import digest, lookup_key, seal
from huoshui.core.facts.types import (
    DAMAGED,
    NO_AMOUNT,
    NO_QUANTITY,
    NOT_RETURNED,
    UNLISTED_PRODUCT,
    Batch,
    Columns,
)
from huoshui.intake.river.types import Item, Line, Order
from huoshui.people import api as people


def identifier_row(kind: str, value: str) -> tuple[str, str | None, str | None] | None:
    """(key, sealed as hex, last four) of a plain value; None for one that names nobody. Raises NotAPhone."""
    if people.is_blocked(kind, value):
        return None
    plain = people.plain_identifier(kind, value)
    if plain != value and people.is_blocked(kind, plain):
        return None
    if not people.KINDS[kind].is_contact:
        return plain, None, None
    return lookup_key(plain), "\\x" + seal(plain).hex(), plain[-4:]


def batch_of(items: Sequence[Item]) -> Batch:
    return columns_of(items).batch()


def columns_of(items: Sequence[Item]) -> Columns:
    """`ref` is the item's place. Stores and products that nobody has described become unlisted ones."""
    units = brand.unit_ids(sorted({i.order.store_code for i in items if i.order and i.order.store_code}))
    skus = brand.find_or_add_skus({x.sku_code: x.name for i in items if i.order for x in i.order.lines})
    orders = [(ref, item.order) for ref, item in enumerate(items) if item.order]
    days = {ref: clock.business_day(items[ref].occurred_at) for ref, _ in orders}
    return Columns(
        facts=_facts(items),
        identifiers=_identifiers(items),
        traits=_traits(items),
        orders=_heads(orders, days, units),
        lines=_lines(orders, skus),
        tenders=_tenders(orders),
        coupons=_coupons(orders),
        vouchers=_vouchers(orders),
    )


# A column at a time: a dict for each row costs several times what the rows themselves do
Orders = Sequence[tuple[int, Order]]
Lists = dict[str, list[Any]]


def _columns(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> Lists:
    columns = map(list, zip(*rows, strict=True)) if rows else ([] for _ in names)
    return dict(zip(names, columns, strict=True))


def _facts(items: Sequence[Item]) -> Lists:
    bodies = [canonical.text(item.body) if item.body else None for item in items]
    return {
        "ref": list(range(len(items))),
        "name": [i.name for i in items],
        "client_key": [i.client_key for i in items],
        "content_hash": list(map(_hash, items, bodies)),
        "occurred_at": [i.occurred_at for i in items],
        "body": bodies,
    }


def _identifiers(items: Sequence[Item]) -> Lists:
    rows = [
        (ref, kind, people.scope_of(kind, value, scope), *found)
        for ref, item in enumerate(items)
        for (kind, _, scope), value in ((told.partition("@"), value) for told, value in item.identifiers)
        if (found := identifier_row(kind, value))
    ]
    return _columns(("ref", "kind", "scope", "key", "sealed", "tail4"), rows)


def _traits(items: Sequence[Item]) -> Lists:
    rows = [(ref, name, value) for ref, item in enumerate(items) for name, value in item.traits.items()]
    return _columns(("ref", "name", "value"), rows)


def _heads(orders: Orders, days: Mapping[int, date], units: Mapping[str, int]) -> Lists:
    sums = [_sums(o.lines) for _, o in orders]
    return {
        "ref": [ref for ref, _ in orders],
        "order_key": [o.order_key for _, o in orders],
        "parent_key": [o.parent_key for _, o in orders],
        "business_day": [days[ref] for ref, _ in orders],
        "org_unit_id": [units.get(o.store_code) for _, o in orders],
        "staff_id": [o.staff_id for _, o in orders],
        "channel": [o.channel for _, o in orders],
        "status": [o.status for _, o in orders],
        "line_count": [len(o.lines) for _, o in orders],
        **_columns(("amount", "discount", "coupon_discount", "refunded"), sums),
    }


def _sums(lines: Sequence[Line]) -> tuple[int, int, int, int]:
    amount = discount = coupon_discount = refunded = 0
    for x in lines:
        amount += x.amount
        discount += x.discount
        coupon_discount += x.coupon_discount
        refunded += x.refunded
    return amount, discount, coupon_discount, refunded


def _lines(orders: Orders, skus: Mapping[str, brand.Named]) -> Lists:
    lines = [x for _, o in orders for x in o.lines]
    named = [skus[x.sku_code] for x in lines]
    return {
        "ref": [ref for ref, o in orders for _ in o.lines],
        "line_no": [number for _, o in orders for number in range(1, len(o.lines) + 1)],
        "line_key": [x.line_key for x in lines],
        "sku_id": [sku.id for sku in named],
        "quantity_milli": [x.quantity_milli for x in lines],
        "amount": [x.amount for x in lines],
        "discount": [x.discount for x in lines],
        "coupon_discount": [x.coupon_discount for x in lines],
        "refunded": [x.refunded for x in lines],
        "refunded_milli": [x.refunded_milli for x in lines],
        "flags": list(map(_flags, lines, named)),
    }


_CONDITIONS = {"sellable": 0, "damaged": DAMAGED, "not_returned": NOT_RETURNED}


def _flags(line: Line, sku: brand.Named) -> int:
    return (
        (0 if sku.is_listed else UNLISTED_PRODUCT)
        | (NO_QUANTITY if line.quantity_milli == 0 else 0)
        | (NO_AMOUNT if line.amount == 0 else 0)
        | _CONDITIONS[line.condition]
    )


def _tenders(orders: Orders) -> Lists:
    rows = [
        (ref, number, t.kind, t.amount, t.points, t.reference)
        for ref, o in orders
        for number, t in enumerate(o.tenders, 1)
    ]
    return _columns(("ref", "tender_no", "kind", "amount", "points", "reference"), rows)


def _coupons(orders: Orders) -> Lists:
    rows = [(ref, number, c.code, c.amount) for ref, o in orders for number, c in enumerate(o.coupons, 1)]
    return _columns(("ref", "coupon_no", "code", "amount"), rows)


def _vouchers(orders: Orders) -> Lists:
    rows = [(ref, number, v.source, v.code) for ref, o in orders for number, v in enumerate(o.vouchers, 1)]
    return _columns(("ref", "voucher_no", "source", "code"), rows)


def _hash(item: Item, body: str | None) -> str:
    """Of the request as it came, where there is one: what we made of it may differ when it comes again."""
    if body:
        return _md5(f'{{"body": {body}, "name": {canonical.text(item.name)}}}')
    told = {
        "name": item.name,
        "body": item.body,
        "identifiers": sorted(item.identifiers),
        "traits": item.traits,
        "order": item.order and [pair for pair in structs.asdict(item.order).items() if pair not in _UNSAID],
    }
    # Keyed, for it holds whose it is in clear
    return digest(_md5(_json(told)))


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def hash_before(item: Item) -> str | None:
    """As an earlier version made it of this item, where that kept other words."""
    if item.body_before is None:
        return None
    return _hash(item, canonical.text(item.body_before))


# What could not be said once: left unsaid, a request is what it was then
_UNSAID = (("vouchers", ()), ("condition", "sellable"), ("staff_id", None))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return {name: said for name, said in structs.asdict(value).items() if (name, said) not in _UNSAID}


_json = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=_plain).encode
