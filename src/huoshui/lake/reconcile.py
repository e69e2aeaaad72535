"""Is the lake what PostgreSQL says it should be? Every file is read; nothing is taken from statistics."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from time import perf_counter
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings

from huoshui.core import sql
from huoshui.core.facts.types import FACT_WITHDRAWN
from huoshui.lake import tables
from huoshui.lake.files import bound
from huoshui.lake.reads import Q
from huoshui.lake.types import Difference, ReconcileReport

if TYPE_CHECKING:
    from pyiceberg.table import Table

_SHOWN = 100

Sums = dict[date, dict[str, int]]  # business day → measure → figure


def reconcile() -> ReconcileReport:
    """Compare counts and sums of each business day, and the number of rows the table believes it has."""
    started = perf_counter()
    differences: list[Difference] = []
    rows: dict[str, int] = {}
    checks = {"facts": _facts_in_postgres, "order_lines": _lines_in_postgres}
    bounds = []
    for name, in_postgres in checks.items():
        table = tables.find(name)
        if not table:
            continue
        # one loaded table is one snapshot: its mark and its files belong together, whatever the
        # writer does meanwhile
        bounds.append(bound(table))
        told, found = in_postgres(bounds[-1]), _in_lake(table)
        differences += _compare(name, told, found)
        rows[name] = sum(day["row_count"] for day in found.values())
        if (believed := _believed_rows(table)) != rows[name]:
            differences.append(Difference(name, None, "believed_rows", believed, rows[name]))
    return ReconcileReport(
        bound=min(bounds, default=0),
        rows=rows,
        differences=tuple(differences[:_SHOWN]),
        difference_count=len(differences),
        seconds=perf_counter() - started,
    )


def _facts_in_postgres(below: int) -> Sums:
    return _by_day(
        sql.fetch(Q.facts_by_day, bound=below, zone=settings.HUOSHUI_ZONE, withdrawn=FACT_WITHDRAWN)
    )


def _lines_in_postgres(below: int) -> Sums:
    return _by_day(sql.fetch(Q.lines_by_day, bound=below))


def _by_day(rows: list[Any]) -> Sums:
    return {row.business_day: {k: v for k, v in row._asdict().items() if k != "business_day"} for row in rows}


def _in_lake(table: Table) -> Sums:
    """Sums by day, file by file, so that a lake of any size fits."""
    sums: Sums = {}
    for batch in table.scan().to_arrow_batch_reader():
        rows = pa.Table.from_batches([batch])
        measures = {"amount": pc.coalesce(rows["amount"], 0)}
        if "quantity" in rows.column_names:
            measures["quantity_milli"] = pc.cast(pc.round(pc.multiply(rows["quantity"], 1000.0)), pa.int64())
        by_day = pa.table({"business_day": rows["business_day"], **measures}).group_by("business_day")
        aggregates = [([], "count_all"), *((name, "sum") for name in measures)]
        for row in by_day.aggregate(aggregates).to_pylist():
            day = sums.setdefault(row["business_day"], {"row_count": 0, **dict.fromkeys(measures, 0)})
            day["row_count"] += row["count_all"]
            for name in measures:
                day[name] += row[f"{name}_sum"]
    return sums


def _compare(name: str, told: Sums, found: Sums) -> Iterator[Difference]:
    for day in sorted(told.keys() | found.keys()):
        a, b = told.get(day, {}), found.get(day, {})
        for measure in a.keys() | b.keys():
            if a.get(measure, 0) != b.get(measure, 0):
                yield Difference(name, day, measure, a.get(measure, 0), b.get(measure, 0))


def _believed_rows(table: Table) -> int:
    snapshot = table.current_snapshot()
    if not snapshot or not snapshot.summary:
        return 0
    return int(snapshot.summary.additional_properties.get("total-records", 0))
