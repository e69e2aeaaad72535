"""The numbers of visitors who did not buy, for the stores of whoever asks, and the people behind them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.intake.visitors.places import require_store, stores_of
from huoshui.intake.visitors.types import (
    BASKET,
    SCAN,
    Count,
    DayRow,
    HourRow,
    Overview,
    ProductRow,
    VisitView,
)
from huoshui.people import api as people

Q = sql.load("huoshui.intake.visitors")

MOST_PRODUCTS = 20


@dataclass(frozen=True)
class Cell:
    """Which number is opened: `kind` 'visit', 'basket' or 'scan'; the rest narrows it."""

    kind: str
    first: date
    last: date
    org_unit_id: int | None = None
    reason: str = ""
    sku_id: int = 0
    only_back: bool = False


def told_by(actor: Actor, org_unit_id: int, *, since: date, limit: int = 50) -> list[VisitView]:
    """What the actor told at this store since a day, newest first."""
    require_store(actor, org_unit_id)
    rows = sql.fetch(Q.told_by, actor=str(actor), org_unit_id=org_unit_id, since=since, limit=limit)
    return [VisitView(**row._asdict() | {"product_ids": tuple(row.product_ids)}) for row in rows]


def visits_of(actor: Actor, person_id: int, *, first: date, last: date, limit: int = 3) -> list[VisitView]:
    """Visits without a sale that a person is known to have made at the actor's stores, newest first."""
    span = _span(actor, first, last, None)
    rows = sql.fetch(Q.visits_of, **span, person_ids=people.members(person_id), limit=limit)
    return [VisitView(**row._asdict() | {"product_ids": tuple(row.product_ids)}) for row in rows]


def overview(
    actor: Actor,
    first: date,
    last: date,
    *,
    org_unit_id: int | None = None,
    orders: Mapping[tuple[int, date], int] | None = None,
) -> Overview:
    """Of the actor's stores, or of one of them. `orders` by store and day, as insight counts them.

    Raises NotFound for a store that is not the actor's.
    """
    span = _span(actor, first, last, org_unit_id)
    days = _days(sql.fetch(Q.counted_days, **span), orders or {}, set(span["org_unit_ids"]))
    reasons = [Count(*row) for row in sql.fetch_as(tuple, Q.told_reasons, **span)]
    kept = _left(sql.fetch(Q.left_baskets, **span, with_online=_with_online(actor, org_unit_id)))
    return Overview(
        first=first,
        last=last,
        days=days,
        hours=_hours(sql.fetch(Q.counted_hours, **span), sql.fetch(Q.told_hours, **span)),
        reasons=tuple(reasons),
        told=_sum("", reasons),
        scans=kept[SCAN],
        baskets=kept[BASKET],
        products=_products(sql.fetch(Q.told_products, **span)),
        told_by_store={row.org_unit_id: row.visits for row in sql.fetch(Q.told_stores, **span)},
        told_by_day={row.day: row.visits for row in sql.fetch(Q.told_days, **span)},
        counted=frozenset(row.org_unit_id for row in days if row.came is not None),
    )


def footfall(first: date | None, last: date | None) -> pa.Table:
    """Who came through counted doors: business_day, org_unit_id, came. One row per store and day; of the whole brand."""
    return sql.copy_out(Q.came_by_day, first=first, last=last)


def people_of(actor: Actor, cell: Cell) -> list[int]:
    """Canonical ids of those behind a number, ascending. Whose cards the actor may not see is for `cards_for` to say."""
    span = _span(actor, cell.first, cell.last, cell.org_unit_id)
    if cell.kind == "visit":
        rows = sql.fetch(Q.visit_people, **span, reason=cell.reason, back=cell.only_back, sku_id=cell.sku_id)
    elif cell.kind in (BASKET, SCAN):
        online = _with_online(actor, cell.org_unit_id)
        rows = sql.fetch(Q.basket_people, **span, kind=cell.kind, back=cell.only_back, with_online=online)
    else:
        raise NotFound
    return sorted(set(people.canonical_ids([row.person_id for row in rows]).values()))


def _span(actor: Actor, first: date, last: date, org_unit_id: int | None) -> dict[str, Any]:
    stores = sorted(stores_of(actor))
    if org_unit_id is not None:
        if org_unit_id not in stores:
            raise NotFound
        stores = [org_unit_id]
    return {"first": first, "last": last, "org_unit_ids": stores}


def _with_online(actor: Actor, org_unit_id: int | None) -> bool:
    return actor.sees_whole_brand and org_unit_id is None


def _days(
    counted: Sequence[sql.Row], orders: Mapping[tuple[int, date], int], stores: set[int]
) -> tuple[DayRow, ...]:
    came = {(row.org_unit_id, row.day): int(row.came) for row in counted}
    keys = came.keys() | {key for key in orders if key[0] in stores}
    return tuple(
        DayRow(unit, day, came.get((unit, day)), orders.get((unit, day), 0))
        for unit, day in sorted(keys, key=lambda key: (key[1], key[0]))
    )


def _hours(counted: Iterable[sql.Row], told: Iterable[sql.Row]) -> tuple[HourRow, ...]:
    came = {row.hour: int(row.came) for row in counted}
    visits = {row.hour: row.visits for row in told}
    return tuple(HourRow(hour, came.get(hour), visits.get(hour, 0)) for hour in sorted({*came, *visits}))


def _sum(name: str, rows: Sequence[Count]) -> Count:
    return Count(name, sum(r.visits for r in rows), sum(r.people for r in rows), sum(r.back for r in rows))


def _left(rows: Sequence[sql.Row]) -> dict[str, Count]:
    found = {row.kind: Count(row.kind, row.baskets, row.people, row.back, row.amount) for row in rows}
    return {kind: found.get(kind, Count(kind, 0, 0, 0)) for kind in (BASKET, SCAN)}


def _products(rows: Sequence[sql.Row]) -> tuple[ProductRow, ...]:
    by_sku: dict[int, dict[str, int]] = defaultdict(dict)
    for row in rows:
        by_sku[row.sku_id][row.reason] = row.visits
    found = [ProductRow(sku_id, sum(reasons.values()), reasons) for sku_id, reasons in by_sku.items()]
    return tuple(sorted(found, key=lambda row: (-row.visits, row.sku_id))[:MOST_PRODUCTS])
