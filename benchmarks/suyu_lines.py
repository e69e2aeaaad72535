"""The demo's brand as the lake would hold it: orders of a shard as lines, products and units as lists. Nothing of the truth
file is in it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from huoshui.project.sample.suyu import catalogue as shelf
from huoshui.project.sample.suyu import orders as buying
from huoshui.project.sample.suyu.orders import Orders
from huoshui.project.sample.suyu.people import CHANNELS, People
from huoshui.project.sample.suyu.places import Places
from huoshui.project.sample.suyu.plan import Plan

_EIGHT_HOURS = 8 * 3600


def person_ids(people: People) -> np.ndarray:
    """0 of whom nobody knows."""
    return np.where(people.is_known, people.number.astype(np.int64) + 1, 0)


def order_lines(
    plan: Plan, people: People, orders: Orders, *, first_order: int = 0, schema: pa.Schema | None = None
) -> pa.Table:
    """Sales and what came back of them, in the lake's columns, by time within each."""
    money = buying.money(orders)
    whose = person_ids(people)[orders.person]
    place = orders.order
    line_no = np.arange(len(place)) - np.searchsorted(place, place) + 1
    order_id = place + first_order + 1
    back = np.flatnonzero(orders.back_after[place] > 0)
    sides = (
        (np.arange(len(place)), orders.at[place], "sale", 1, order_id * 2),
        (back, (orders.at + orders.back_after)[place][back], "refund", -1, order_id[back] * 2 + 1),
    )
    tables = []
    for lines, at, kind, sign, fact_id in sides:
        when = (np.datetime64(plan.first) + at.astype("m8[s]")).astype("M8[us]")
        tables.append(
            pa.table(
                {
                    "fact_id": fact_id,
                    "order_id": order_id[lines] * 2,
                    "line_no": line_no[lines].astype(np.int32),
                    "kind": _same(kind, len(lines)),
                    "is_reversal": np.zeros(len(lines), dtype=bool),
                    "person_id": _known(whose[place[lines]]),
                    "org_unit_id": _known(orders.store[place[lines]].astype(np.int32) + 1),
                    "sku_id": orders.sku[lines].astype(np.int32) + 1,
                    "source_id": np.ones(len(lines), dtype=np.int32),
                    "occurred_at": pa.array(when - np.timedelta64(_EIGHT_HOURS, "s")).cast(
                        pa.timestamp("us", tz="UTC")
                    ),
                    "business_day": (when.astype("M8[D]")),
                    "channel": pc.take(pa.array(CHANNELS), pa.array(orders.channel[place[lines]])),
                    "quantity": sign * orders.pieces[lines].astype(np.float64),
                    "amount": sign * money.paid[lines].astype(np.int64),
                    "discount": sign * money.discount[lines].astype(np.int64),
                    "coupon_discount": sign * money.coupon[lines].astype(np.int64),
                    "flags": np.zeros(len(lines), dtype=np.int32),
                    "seq": fact_id,
                }
            )
        )
    made = pa.concat_tables(tables)
    return made if schema is None else made.select(schema.names).cast(schema)


def _same(text: str, count: int) -> pa.Array:
    return pa.DictionaryArray.from_arrays(np.zeros(count, dtype=np.int8), [text]).cast(pa.string())


def _known(ids: np.ndarray) -> pa.Array:
    return pa.array(ids, mask=ids == 0)


def products() -> list[dict[str, Any]]:
    return [
        {"sku_id": n + 1, "code": one.code, "name": f"{one.name} {one.spec}", "brand": "粟屿轻养"}
        | {"category": f"{one.department}/{one.category}", "department": one.department, "is_listed": True}
        | {"category_1": one.department, "category_2": one.category, "category_3": ""}
        for n, one in enumerate(shelf.PRODUCTS)
    ]


def units(places: Places) -> list[dict[str, Any]]:
    """A store belongs to a dealer, who stands in a region; a flagship to head office."""
    found = []
    for n, store in enumerate(places.stores):
        dealer = places.dealers[store.dealer] if store.dealer >= 0 else None
        found.append(
            {
                "org_unit_id": n + 1,
                "code": store.code,
                "name": store.name,
                "kind": "store",
                "store": store.name,
            }
            | {"region": store.region, "dealer": dealer.name if dealer else ""}
        )
    return found
