"""Orders as the core keeps them, where several are to be told at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from huoshui.core import sql

Q = sql.load("huoshui.web.console")


class Placed(NamedTuple):
    fact_id: int
    source_id: int
    org_unit_id: int | None


def places_of(fact_ids: Sequence[int]) -> dict[int, Placed]:
    if not fact_ids:
        return {}
    return {row.fact_id: row for row in sql.fetch_as(Placed, Q.places_of, fact_ids=list(fact_ids))}
