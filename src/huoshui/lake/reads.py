"""Settled facts out of PostgreSQL, by COPY, on Django's connection."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
from django.conf import settings

from huoshui.core import sql
from huoshui.lake.effects import Settled

Q = sql.load(__package__)

_FACTS_AT_ONCE = 20_000


def settled(low: int, high: int) -> pa.Array:
    """Ids of the facts settled by transactions `low <= xid < high`, in order."""
    return sql.copy_out(Q.settled_ids, low=low, high=high)["fact_id"].combine_chunks()


def in_batches(fact_ids: pa.Array) -> Iterator[Settled]:
    """The facts and all that belongs to them, some thousands at a time, so that memory is bounded."""
    for start in range(0, len(fact_ids), _FACTS_AT_ONCE):
        yield _read(fact_ids.slice(start, _FACTS_AT_ONCE).to_pylist())


def _read(fact_ids: list[int]) -> Settled:
    replacements = sql.copy_out(Q.replacements, fact_ids=fact_ids)
    replaced_ids = replacements["replaced_id"].unique().to_pylist()
    return Settled(
        heads=_heads(fact_ids),
        lines=sql.copy_out(Q.lines, fact_ids=fact_ids),
        replacements=replacements,
        replaced_heads=_heads(replaced_ids),
        replaced_lines=sql.copy_out(Q.lines, fact_ids=replaced_ids),
    )


def _heads(fact_ids: list[int]) -> pa.Table:
    return sql.copy_out(Q.heads, fact_ids=fact_ids, zone=settings.HUOSHUI_ZONE)
