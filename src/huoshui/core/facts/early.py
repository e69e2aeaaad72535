"""Refunds that came before their orders: what came back is written when the order is there. Callers hold the transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from huoshui.core import sql
from huoshui.core.facts.types import NO_QUANTITY

Q = sql.load("huoshui.core.facts")


class FilledLine(NamedTuple):
    """All below zero, as a refund's are. `flags`: the condition of the goods."""

    line_key: str | None
    sku_id: int
    quantity_milli: int
    amount: int
    flags: int = 0


class FilledTender(NamedTuple):
    kind: str
    amount: int
    points: int


class Filled(NamedTuple):
    """`org_unit_id`: where the goods came back to, if the refund itself did not say."""

    fact_id: int
    status: str
    org_unit_id: int | None
    lines: Sequence[FilledLine] = ()
    tenders: Sequence[FilledTender] = ()


def fill_refunds(filled: Sequence[Filled]) -> None:
    """Of facts that wait and settle in this transaction: nobody has read of them yet."""
    if not filled:
        return
    lines = [(f.fact_id, number, x) for f in filled for number, x in enumerate(f.lines, 1)]
    tenders = [(f.fact_id, number, x) for f in filled for number, x in enumerate(f.tenders, 1)]
    sql.send(
        Q.fill_refunds,
        fact_ids=[f.fact_id for f in filled],
        statuses=[f.status for f in filled],
        amounts=[sum(x.amount for x in f.lines) for f in filled],
        line_counts=[len(f.lines) for f in filled],
        org_unit_ids=[f.org_unit_id for f in filled],
        line_facts=[fact_id for fact_id, _, _ in lines],
        line_nos=[number for _, number, _ in lines],
        line_keys=[x.line_key for _, _, x in lines],
        skus=[x.sku_id for _, _, x in lines],
        quantities=[x.quantity_milli for _, _, x in lines],
        line_amounts=[x.amount for _, _, x in lines],
        flags=[x.flags | (0 if x.quantity_milli else NO_QUANTITY) for _, _, x in lines],
        tender_facts=[fact_id for fact_id, _, _ in tenders],
        tender_nos=[number for _, number, _ in tenders],
        kinds=[x.kind for _, _, x in tenders],
        tender_amounts=[x.amount for _, _, x in tenders],
        points=[x.points for _, _, x in tenders],
    )
