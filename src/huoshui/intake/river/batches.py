"""Items as columns: what `core.facts` takes in."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from huoshui.brand import api as brand
from huoshui.core import clock
from huoshui.core.crypto import lookup_key, seal
from huoshui.core.facts.types import (
    DAMAGED,
    NO_AMOUNT,
    NO_QUANTITY,
    NOT_RETURNED,
    UNLISTED_PRODUCT,
    Batch,
)
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
    orders = [(ref, item.order) for ref, item in enumerate(items) if item.order]
    days = {ref: clock.business_day(items[ref].occurred_at) for ref, _ in orders}
    return Batch(
        facts=_facts(items),
        identifiers=_identifiers(items),
        traits=_traits(items),
        orders=_heads(orders, days, units),
        lines=_lines(orders, skus),
        tenders=_tenders(orders),
        coupons=_coupons(orders),
        vouchers=_vouchers(orders) if any(order.vouchers for _, order in orders) else None,
    )


# A column at a time: a dict for each row costs several times what the rows themselves do
Orders = Sequence[tuple[int, Order]]


def _whole(values: Sequence[int | None]) -> pa.Array:
    return pa.array(values, pa.int64())


def _text(values: Sequence[str | None]) -> pa.Array:
    return pa.array(values, pa.string())


def _facts(items: Sequence[Item]) -> pa.Table:
    bodies = [_json(item.body) if item.body else None for item in items]
    columns = {
        "ref": _whole(range(len(items))),
        "name": _text([i.name for i in items]),
        "client_key": _text([i.client_key for i in items]),
        "content_hash": _text(list(map(_hash, items, bodies))),
        "occurred_at": pa.array([i.occurred_at for i in items], pa.timestamp("us", tz="UTC")),
    }
    if any(bodies):
        columns["body"] = _text(bodies)
    return pa.table(columns)


def _identifiers(items: Sequence[Item]) -> pa.Table:
    rows = [
        (ref, kind, scope, *found)
        for ref, item in enumerate(items)
        for (kind, _, scope), value in ((told.partition("@"), value) for told, value in item.identifiers)
        if (found := identifier_row(kind, value))
    ]
    refs, kinds, scopes, keys, sealed, tails = zip(*rows, strict=True) if rows else ((),) * 6
    return pa.table(
        {
            "ref": _whole(refs),
            "kind": _text(kinds),
            "scope": _text(scopes),
            "key": _text(keys),
            "sealed": _text(sealed),
            "tail4": _text(tails),
        }
    )


def _traits(items: Sequence[Item]) -> pa.Table:
    rows = [(ref, name, value) for ref, item in enumerate(items) for name, value in item.traits.items()]
    return pa.table(
        {
            "ref": _whole([ref for ref, _, _ in rows]),
            "name": _text([name for _, name, _ in rows]),
            "value": _text([value for _, _, value in rows]),
        }
    )


def _heads(orders: Orders, days: Mapping[int, date], units: Mapping[str, int]) -> pa.Table:
    sums = [_sums(o.lines) for _, o in orders]
    amounts, discounts, by_coupons, refunded = zip(*sums, strict=True) if sums else ((),) * 4
    return pa.table(
        {
            "ref": _whole([ref for ref, _ in orders]),
            "order_key": _text([o.order_key for _, o in orders]),
            "parent_key": _text([o.parent_key for _, o in orders]),
            "business_day": pa.array([days[ref] for ref, _ in orders], pa.date32()),
            "org_unit_id": _whole([units.get(o.store_code) for _, o in orders]),
            "channel": _text([o.channel for _, o in orders]),
            "status": _text([o.status for _, o in orders]),
            "amount": _whole(amounts),
            "discount": _whole(discounts),
            "coupon_discount": _whole(by_coupons),
            "refunded": _whole(refunded),
            "line_count": _whole([len(o.lines) for _, o in orders]),
        }
    )


def _sums(lines: Sequence[Line]) -> tuple[int, int, int, int]:
    amount = discount = coupon_discount = refunded = 0
    for x in lines:
        amount += x.amount
        discount += x.discount
        coupon_discount += x.coupon_discount
        refunded += x.refunded
    return amount, discount, coupon_discount, refunded


def _lines(orders: Orders, skus: Mapping[str, brand.Named]) -> pa.Table:
    lines = [x for _, o in orders for x in o.lines]
    named = [skus[x.sku_code] for x in lines]
    return pa.table(
        {
            "ref": _whole([ref for ref, o in orders for _ in o.lines]),
            "line_no": _whole([number for _, o in orders for number in range(1, len(o.lines) + 1)]),
            "line_key": _text([x.line_key for x in lines]),
            "sku_id": _whole([sku.id for sku in named]),
            "quantity_milli": _whole([x.quantity_milli for x in lines]),
            "amount": _whole([x.amount for x in lines]),
            "discount": _whole([x.discount for x in lines]),
            "coupon_discount": _whole([x.coupon_discount for x in lines]),
            "refunded": _whole([x.refunded for x in lines]),
            "refunded_milli": _whole([x.refunded_milli for x in lines]),
            "flags": _whole(list(map(_flags, lines, named))),
        }
    )


_CONDITIONS = {"sellable": 0, "damaged": DAMAGED, "not_returned": NOT_RETURNED}


def _flags(line: Line, sku: brand.Named) -> int:
    return (
        (0 if sku.is_listed else UNLISTED_PRODUCT)
        | (NO_QUANTITY if line.quantity_milli == 0 else 0)
        | (NO_AMOUNT if line.amount == 0 else 0)
        | _CONDITIONS[line.condition]
    )


def _tenders(orders: Orders) -> pa.Table:
    tenders = [t for _, o in orders for t in o.tenders]
    return pa.table(
        {
            "ref": _whole([ref for ref, o in orders for _ in o.tenders]),
            "tender_no": _whole([number for _, o in orders for number in range(1, len(o.tenders) + 1)]),
            "kind": _text([t.kind for t in tenders]),
            "amount": _whole([t.amount for t in tenders]),
            "points": _whole([t.points for t in tenders]),
            "reference": _text([t.reference for t in tenders]),
        }
    )


def _coupons(orders: Orders) -> pa.Table:
    coupons = [c for _, o in orders for c in o.coupons]
    return pa.table(
        {
            "ref": _whole([ref for ref, o in orders for _ in o.coupons]),
            "coupon_no": _whole([number for _, o in orders for number in range(1, len(o.coupons) + 1)]),
            "code": _text([c.code for c in coupons]),
            "amount": _whole([c.amount for c in coupons]),
        }
    )


def _vouchers(orders: Orders) -> pa.Table:
    vouchers = [(ref, number, v) for ref, o in orders for number, v in enumerate(o.vouchers, 1)]
    return pa.table(
        {
            "ref": _whole([ref for ref, _, _ in vouchers]),
            "voucher_no": _whole([number for _, number, _ in vouchers]),
            "source": _text([v.source for _, _, v in vouchers]),
            "code": _text([v.code for _, _, v in vouchers]),
        }
    )


def _hash(item: Item, body: str | None) -> str:
    """Of the request as it came, where there is one: what we made of it may differ when it comes again."""
    if body:
        text = f'{{"body": {body}, "name": {_json(item.name)}}}'
    else:
        told = {
            "name": item.name,
            "body": item.body,
            "identifiers": sorted(item.identifiers),
            "traits": item.traits,
            "order": item.order and [pair for pair in vars(item.order).items() if pair not in _UNSAID],
        }
        text = _json(told)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


# What could not be said once: left unsaid, a request is what it was then
_UNSAID = (("vouchers", ()), ("condition", "sellable"))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return {name: said for name, said in vars(value).items() if (name, said) not in _UNSAID}


_json = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=_plain).encode
