"""Settled facts out of PostgreSQL, by COPY, on Django's connection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings

from huoshui.core import sql
from huoshui.core.facts.types import FACT_WITHDRAWN
from huoshui.lake.effects import Settled

Q = sql.load(__package__)

_FACTS_AT_ONCE = 20_000


class News(NamedTuple):
    """`settled`: ids of facts to take in, in order. `withdrawn` (fact_id, occurred_at): those taken back."""

    settled: pa.Array
    withdrawn: pa.Table

    def __bool__(self) -> bool:
        return bool(len(self.settled) or self.withdrawn.num_rows)


def news(low: int, high: int) -> News:
    """What transactions `low <= xid < high` settled and took back. What was taken back as soon never enters."""
    settled = sql.copy_out(Q.settled_ids, low=low, high=high)["fact_id"].combine_chunks()
    withdrawn = sql.copy_out(Q.withdrawn_ids, low=low, high=high, name=FACT_WITHDRAWN)
    if withdrawn.num_rows:
        settled = settled.filter(pc.invert(pc.is_in(settled, withdrawn["fact_id"].combine_chunks())))
    return News(settled, withdrawn)


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
