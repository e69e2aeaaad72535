"""Staged tables that are no facts of the river: each goes whole to the room that keeps it, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import duckdb
import pyarrow as pa
from django.db import transaction

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.facts.types import Source
from huoshui.core.journal import api as journal
from huoshui.core.ledger.goods_types import GoodsLine
from huoshui.insight import api as insight
from huoshui.intake.files import headers
from huoshui.intake.files.periods import days_of
from huoshui.people import api as people
from huoshui.trade.dealers import api as dealers

Q = sql.load("huoshui.intake.imports")


@dataclass(frozen=True)
class Told:
    """Who told a table, in which run."""

    source: Source
    run_id: int
    actor: Actor


def put(staged: duckdb.DuckDBPyConnection, kind: str, told: Told) -> dict[str, int]:
    """Counts for the run: `changed`, rows that were new or other than before."""
    rows = staged.execute(f"select * from {kind} order by file_no, row_no").to_arrow_table()
    if not rows.num_rows:
        return {"changed": 0}
    with transaction.atomic(durable=True):
        journal.begin(told.run_id)
        return {"changed": _PUT[kind](rows, told)}


def _products(rows: pa.Table, told: Told) -> int:
    return brand.upsert_products(rows, actor=told.actor)


def _stores(rows: pa.Table, told: Told) -> int:
    return brand.upsert_stores(rows, actor=told.actor)


def _staff(rows: pa.Table, told: Told) -> int:
    changed = brand.upsert_staff(rows, actor=told.actor)
    if "phone" in rows.column_names:
        numbers = rows["number"].to_pylist()
        ids = brand.find_staff(numbers)
        phones = [
            (ids[n], phone) for n, phone in zip(numbers, rows["phone"].to_pylist(), strict=True) if phone
        ]
        changed = max(changed, people.know_staff_phones(phones, actor=told.actor))
        people.roles.bind_staff_phones()
    return changed


def _dealers(rows: pa.Table, told: Told) -> int:
    return dealers.upsert_dealers(rows, actor=told.actor)


def _purchases(rows: pa.Table, told: Told) -> int:
    return dealers.record_purchases(rows, source_id=told.source.id, run_id=told.run_id, actor=told.actor)


def _payments(rows: pa.Table, told: Told) -> int:
    return dealers.record_payments(rows, source_id=told.source.id, run_id=told.run_id, actor=told.actor)


def _dealer_stock(rows: pa.Table, told: Told) -> int:
    return dealers.record_stock(rows, source_id=told.source.id, run_id=told.run_id, actor=told.actor)


def _stock(rows: pa.Table, told: Told) -> int:
    """A count of each store, in a document whose number is made of what it says: the same again is the same document. A file
    that names no day counts today. Returns the documents.
    """
    counted: dict[str, list[dict[str, Any]]] = {}
    for row in rows.to_pylist():
        counted.setdefault(row["store_code"], []).append(row)
    units = brand.unit_ids(sorted(counted))
    skus = brand.find_or_add_skus({r["sku_code"]: r["product_name"] or "" for r in rows.to_pylist()})
    today = clock.business_day(clock.now())
    keys = {
        store: f"{told.source.name} {max(r['day'] or today for r in lines)} {_mark(lines)}"
        for store, lines in counted.items()
    }
    again = {r.key: r.times for r in sql.fetch(Q.times_undone, keys=sorted(keys.values()))}
    for store, lines in sorted(counted.items()):
        key, times = keys[store], again.get(keys[store], 0)
        fact_id = brand.count_stock(
            key=f"{key} #{times + 1}" if times else key,
            org_unit_id=units[store],
            lines=[GoodsLine(skus[r["sku_code"]].id, r["quantity"]) for r in lines],
            actor=told.actor,
            reason=told.source.label,
        )
        sql.run(Q.add_document, fact_id=fact_id, run_id=told.run_id, key=key)
    return len(counted)


def _mark(lines: list[dict[str, Any]]) -> str:
    return format(sum(int(r["content_hash"][:15], 16) for r in lines) % (1 << 60), "015x")


def _figures(kind: str) -> Callable[[pa.Table, Told], int]:
    """Subject, metric, period and value as rows say them; of a report, each number column is a metric of its own."""

    def put_figures(rows: pa.Table, told: Told) -> int:
        metrics = _metrics_of(kind)
        figures = [figure for row in rows.to_pylist() for figure in _figures_of(row, metrics, told)]
        return insight.record_figures(
            figures, kind=kind, source_id=told.source.id, run_id=told.run_id, actor=told.actor
        )

    return put_figures


def _metrics_of(kind: str) -> Mapping[str, tuple[str, str]]:
    """Field → (metric, type) of a kind whose rows carry several numbers."""
    of = headers.kind(kind)
    if of.unpivot != "metrics":
        return {}
    return {f.name: (f.label, f.type) for f in of.fields if f.type in ("number", "money")}


def _figures_of(
    row: Mapping[str, Any], metrics: Mapping[str, tuple[str, str]], told: Told
) -> list[insight.Figure]:
    if not metrics:
        days = days_of(row["period"])
        assert days is not None, "the stage has set aside what is no period"
        metric, note = row.get("metric") or "销售额", row.get("note") or ""
        return [
            insight.Figure(
                row["subject"],
                metric,
                *days,
                row["value"],
                row.get("unit") or "",
                row.get("origin") or "",
                note,
            )
        ]
    day = row.get("day") or clock.business_day(clock.now())
    origin = row.get("channel") or row.get("owner") or ""
    return [
        insight.Figure(
            row["subject"],
            label,
            day,
            day,
            Decimal(row[name]) / 100 if kind == "money" else row[name],
            "元" if kind == "money" else "",
            origin,
        )
        for name, (label, kind) in metrics.items()
        if row.get(name) is not None
    ]


def _campaigns(rows: pa.Table, told: Told) -> int:
    events = [
        insight.Event(
            r["name"],
            r["starts_on"],
            max(r["ends_on"] or r["starts_on"], r["starts_on"]),
            r["channel"] or "",
            r["scope"] or "",
            r["budget"],
            r["cost"],
            r["note"] or "",
        )
        for r in rows.to_pylist()
    ]
    return insight.record_events(events, source_id=told.source.id, run_id=told.run_id, actor=told.actor)


_PUT: Final[Mapping[str, Callable[[pa.Table, Told], int]]] = {
    "products": _products,
    "stores": _stores,
    "staff": _staff,
    "dealers": _dealers,
    "dealer_purchases": _purchases,
    "dealer_payments": _payments,
    "dealer_stock": _dealer_stock,
    "stock": _stock,
    "campaigns": _campaigns,
    **{kind: _figures(kind) for kind in ("targets", "market", "promotion", "groups")},
}
