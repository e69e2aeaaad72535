"""What a dealer is owed by others for its customers, order by order. Its callers have asked whose it is to see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from huoshui.core import sql

Q = sql.load("huoshui.trade.commission")


class Fees(NamedTuple):
    dealer_id: int
    orders: int
    sold: int
    owed: int
    frozen: int


class FeeOf(NamedTuple):
    order_id: int
    owed: int
    frozen: int


class FeeOrder(NamedTuple):
    """`sold_by` None: head office's own shop."""

    order_id: int
    person_id: int
    day: date
    sold_by: int | None
    store_id: int | None
    guide_id: int | None
    sold: int


def fees_of(dealer_ids: Sequence[int]) -> dict[int, Fees]:
    """Of those of these who were ever owed any."""
    return {f.dealer_id: f for f in sql.fetch_as(Fees, Q.fees_of, dealer_ids=list(dealer_ids))}


def fees_for(dealer_id: int, order_ids: Sequence[int]) -> list[FeeOf]:
    return sql.fetch_as(FeeOf, Q.fees_for, dealer_id=dealer_id, order_ids=list(order_ids))


def fee_orders(dealer_id: int, *, before: int, limit: int) -> list[FeeOrder]:
    return sql.fetch_as(FeeOrder, Q.fee_orders, dealer_id=dealer_id, before=before, limit=limit)
