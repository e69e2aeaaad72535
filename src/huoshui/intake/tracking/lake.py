"""What of tracked facts the lake may have: properties declared plain or behaviour, and no others."""

from __future__ import annotations

import pyarrow as pa

from huoshui.core import sql

Q = sql.load("huoshui.intake.tracking")


def properties(fact_ids: list[int]) -> pa.Table | None:
    if not sql.fetch_one(Q.is_lake_declared).is_any:
        return None
    return sql.copy_out(Q.lake_properties, fact_ids=fact_ids)
