from __future__ import annotations

from collections.abc import Sequence

from huoshui.core import sql
from huoshui.core.ledger.goods_types import GoodsAudit
from huoshui.core.ledger.types import STOCK, UnitAudit

Q = sql.load("huoshui.core.ledger")


def audit_units() -> list[UnitAudit]:
    """Recompute every balance from its transfers."""
    return [UnitAudit(*row) for row in sql.fetch(Q.audit_units)]


def audit_stock() -> GoodsAudit:
    """Recompute every stock from the lines that are in it, and what is kept there from its reservations."""
    return GoodsAudit(*sql.fetch_one(Q.audit_stock, reader=STOCK))


def explained() -> tuple[int, int]:
    """(transfers, those that name a settled fact)."""
    row = sql.fetch_one(Q.points_explained)
    return int(row.transfers), int(row.explained)


def balances(*, unit: str, owner_kind: str, owner_ids: Sequence[int]) -> dict[int, int]:
    rows = sql.fetch(Q.balances_of, unit=unit, owner_kind=owner_kind, owner_ids=list(owner_ids))
    return {r.owner_id: r.balance for r in rows}


def transfers_of(fact_ids: Sequence[int]) -> list[sql.Row]:
    return sql.fetch(Q.transfers_of, fact_ids=list(fact_ids))


def buckets_given(fact_ids: Sequence[int], *, unit: str) -> list[sql.Row]:
    return sql.fetch(Q.buckets_given, fact_ids=list(fact_ids), unit=unit)


def stock_of(org_unit_id: int, sku_ids: Sequence[int]) -> dict[int, int]:
    """Thousandths on hand, of those of the goods that ever moved there: the sum of all lines, whether folded or not. Below
    zero where more was sold than had come."""
    rows = sql.fetch(Q.stock_of, org_unit_id=org_unit_id, sku_ids=list(sku_ids))
    return {r.sku_id: r.on_hand_milli for r in rows}
