"""One worker a pickup at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from huoshui.core import sql
from huoshui.core.retry import LOST

Q = sql.load("huoshui.intake.pickup")


@contextmanager
def held(pickup_id: int) -> Iterator[bool]:
    """Whether it is ours. The lock goes with the connection, so a killed worker leaves none behind."""
    if not sql.fetch_one(Q.try_lock, pickup_id=pickup_id).taken:
        yield False
        return
    try:
        yield True
    finally:
        with suppress(*LOST):
            sql.fetch(Q.unlock, pickup_id=pickup_id)
