"""Who is in which segment, as the lake's `state` has it: key `segment.<id>`."""

from __future__ import annotations

import pyarrow as pa

from huoshui.core import sql
from huoshui.core.subscribers import STATE_SCHEMA, XidRange

Q = sql.load("huoshui.insight.segments")


def changes(span: XidRange) -> pa.Table:
    rows = sql.copy_out(Q.state_changes, low=str(span.low), high=str(span.high))
    return rows.select(STATE_SCHEMA.names).cast(STATE_SCHEMA)
