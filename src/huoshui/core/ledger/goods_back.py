"""Goods that one shelf gave and another sold, and that their customer brought back: they go home."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.ledger.goods import Q
from huoshui.core.ledger.goods_documents import hand_back
from huoshui.core.ledger.goods_types import GoodsLine


class Given(NamedTuple):
    """A product of a hand-over, and how it stands once `fact_id` has settled. `price`: what the seller owes for 1."""

    fact_id: int
    order_key: str
    handover_fact_id: int
    org_unit_id: int
    seller_org_unit_id: int
    sku_id: int
    quantity_milli: int
    price: int
    out_milli: int
    back_milli: int

    @property
    def owed(self) -> int:
        """As it was recorded when the goods changed hands."""
        return (self.price * self.quantity_milli + 500) // 1000


class Back(NamedTuple):
    """What of it goes back now (below zero: out again), and how much of what was owed that undoes."""

    given: Given
    quantity_milli: int
    amount: int


class HandedBack(NamedTuple):
    fact_id: int
    org_unit_id: int
    seller_org_unit_id: int
    amount: int


def take_home(fact_ids: Collection[int]) -> list[HandedBack]:
    """Let goods go back to the shelves that gave them, as far as these settled facts of orders brought them back.

    What came back damaged, or did not come, stays with who sold it. Once in a settle, after the goods have moved.
    """
    if not fact_ids:
        return []
    rows = sql.fetch_as(Given, Q.handed_over, fact_ids=sorted(fact_ids))
    backs = going_back(rows)
    return [_written(list(group)) for _, group in groupby(backs, lambda b: b.given.handover_fact_id)]


def going_back(rows: Sequence[Given]) -> list[Back]:
    """Pure. What is out is first what others gave, in the order of the hand-overs: a seller's own comes back to it first, and
    whole when all comes back.

    The amount by running shares of what was recorded (ADR 0010), so that one piece after another undoes what all at once
    would.
    """
    out: dict[tuple[int, int, int], int] = {}
    backs = []
    for g in rows:
        place = g.fact_id, g.seller_org_unit_id, g.sku_id
        left = out.setdefault(place, max(g.out_milli, 0))
        still = min(g.quantity_milli, left)
        out[place] = left - still
        now = g.quantity_milli - still
        if now != g.back_milli:
            amount = g.owed * now // g.quantity_milli - g.owed * g.back_milli // g.quantity_milli
            backs.append(Back(g, now - g.back_milli, amount))
    return backs


def _written(backs: Sequence[Back]) -> HandedBack:
    given = backs[0].given
    fact_id = hand_back(
        key=f"handback {given.handover_fact_id} {given.fact_id}",
        org_unit_id=given.seller_org_unit_id,
        to_org_unit_id=given.org_unit_id,
        lines=[GoodsLine(b.given.sku_id, b.quantity_milli) for b in backs],
        reason=given.order_key,
        actor=SYSTEM,
    )
    _record(fact_id, backs)
    return HandedBack(fact_id, given.org_unit_id, given.seller_org_unit_id, sum(b.amount for b in backs))


def _record(fact_id: int, backs: Iterable[Back]) -> None:
    found = list(backs)
    sql.send(
        Q.add_handed_back,
        fact_ids=[fact_id] * len(found),
        handover_fact_ids=[b.given.handover_fact_id for b in found],
        sku_ids=[b.given.sku_id for b in found],
        quantities=[b.quantity_milli for b in found],
        amounts=[b.amount for b in found],
    )
