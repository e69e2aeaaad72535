"""What a question is asked of: the lake's tables as Ibis tables, and what runs an expression over them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import ibis.expr.types as ir
import pyarrow as pa

from huoshui.core import clock
from huoshui.lake import api as lake_api


@dataclass(frozen=True)
class Lake:
    """Columns as in ARCHITECTURE §5. `run` takes any Ibis expression over these tables."""

    facts: ir.Table
    order_lines: ir.Table
    state_now: ir.Table
    products: ir.Table
    org_units: ir.Table
    persons: ir.Table
    run: Callable[[Any], pa.Table]
    fresh_at: datetime | None

    def rows(self, table: ir.Table) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.run(table).to_pylist()
        return rows

    def newest_day(self) -> date:
        """The last business day on which anything was sold; today while nothing was."""
        newest = self.order_lines.agg(day=self.order_lines.business_day.max())
        found: date | None = self.rows(newest)[0]["day"]
        return found or clock.today()


def open_lake() -> Lake:
    """The lake as it is now."""
    engine = lake_api.engine()
    tables = engine.tables()
    return Lake(
        facts=tables.facts,
        order_lines=tables.order_lines,
        state_now=tables.state_now,
        products=tables.products,
        org_units=tables.org_units,
        persons=tables.persons,
        run=engine.run,
        fresh_at=engine.fresh_at(),
    )
