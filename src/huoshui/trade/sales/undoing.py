"""Orders that are taken back whole: their rows, which only show how they stand, go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from huoshui.core import sql

Q = sql.load("huoshui.trade.sales")


class Standing(NamedTuple):
    """An order as it stands. `is_verified`: a voucher, and all of it now stands with the sale that verified it."""

    sale_id: int
    source_id: int
    order_key: str
    person_id: int | None
    is_verified: bool


def lock(orders: Sequence[tuple[int, str]]) -> list[Standing]:
    """(source, number) of orders → those that there are, locked until the end of the transaction."""
    asked = sorted(orders)
    return sql.fetch_as(
        Standing, Q.sales_to_forget, source_ids=[o[0] for o in asked], order_keys=[o[1] for o in asked]
    )


def forget(sale_ids: Sequence[int]) -> None:
    """Their facts have been taken back."""
    if sale_ids:
        sql.send(Q.forget_changes, sale_ids=list(sale_ids))
        sql.send(Q.forget_sales, sale_ids=list(sale_ids))
