from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from huoshui.core import sql
from huoshui.core.subscribers import XidRange

Q = sql.load("huoshui.engage.loyalty")


def state_changes(span: XidRange) -> pa.Table:
    return sql.copy_out(Q.tier_changes, low=str(span.low), high=str(span.high))


def tiers_reached_by(fact_ids: Sequence[int]) -> list[str]:
    return [r.name for r in sql.fetch(Q.tiers_reached_by, fact_ids=list(fact_ids))]


def tier_names() -> list[str]:
    """All tiers, lowest first."""
    return [r.name for r in sql.fetch(Q.tiers)]
