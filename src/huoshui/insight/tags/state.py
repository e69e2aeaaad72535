"""What is said of whom, as the lake's `state` has it: key `tag.<name>`, of several values `tag.<name>.<value>`."""

from __future__ import annotations

import pyarrow as pa

from huoshui.core import sql
from huoshui.core.subscribers import STATE_SCHEMA, XidRange
from huoshui.insight.tags.types import BELIEVED

Q = sql.load("huoshui.insight.tags")


def changes(span: XidRange) -> pa.Table:
    rows = sql.copy_out(Q.state_changes, low=str(span.low), high=str(span.high), order=list(BELIEVED))
    return rows.select(STATE_SCHEMA.names).cast(STATE_SCHEMA)
