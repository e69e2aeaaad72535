"""Orders of stores, whole, for whoever takes them along. Its callers have asked whose they are to see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from huoshui.core import sql

Q = sql.load("huoshui.trade.sales")


class SoldAt(NamedTuple):
    id: int
    order_key: str
    day: date
    at: datetime
    store_id: int
    person_id: int | None
    status: str
    amount: int
    refunded: int
    line_count: int


def sold_at(store_ids: Sequence[int], *, after: int, limit: int) -> list[SoldAt]:
    """Ascending by id."""
    return sql.fetch_as(SoldAt, Q.sold_at, store_ids=list(store_ids), after=after, limit=limit)
