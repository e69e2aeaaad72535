"""The month of what will be told."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa

from huoshui.core.facts.actions import ensure_months


def make_month(at: datetime) -> None:
    """Before anything is locked: a month is made under a lock on all facts, which whoever sells holds while he waits for
    points."""
    ensure_months(pa.chunked_array([pa.array([at], pa.timestamp("us", tz="UTC"))]))
