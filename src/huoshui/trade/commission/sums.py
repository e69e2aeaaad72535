"""Commission by store and day, for whoever puts it beside sales."""

from __future__ import annotations

from datetime import date

import pyarrow as pa

from huoshui.core import sql

Q = sql.load("huoshui.trade.commission")


def by_day_and_store(first: date | None, last: date | None) -> pa.Table:
    """business_day, org_unit_id (null: of no store), amount in minor units, of the whole brand."""
    return sql.copy_out(Q.by_day_and_store, first=first, last=last)
