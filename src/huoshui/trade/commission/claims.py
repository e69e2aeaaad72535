"""A guide claims a sale by its receipt: who served, where the till names nobody. Whoever comes second disputes, and overwrites
nothing; the employer decides by `actions.decide`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, NamedTuple

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record as audit
from huoshui.core.errors import NotFound, Refused
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import Note
from huoshui.trade.commission import actions, reads
from huoshui.trade.commission.types import HEAD_OFFICE

Q = sql.load("huoshui.trade.commission")

WITHIN: Final = timedelta(hours=48)
SERVES: Final = frozenset({"guide", "manager", "dealer"})
_CLAIMED: Final = "Sale Claimed"


class ReceiptUnknown(Refused):
    """没找到这张小票。请核对小票号和实付金额；只能认领本店 48 小时内的单。"""

    code = "claim_receipt_unknown"


class Claim(NamedTuple):
    """`state`: 'claimed' now; 'own' already, by the till or before; 'disputed' with whom it is credited to so far."""

    order_id: int
    state: str


class Dispute(NamedTuple):
    order_id: int
    employer_id: int
    guide_id: int
    against_id: int
    said_at: datetime
    order_key: str
    amount: int
    occurred_at: datetime
    store_id: int


def may_claim(actor: Actor) -> bool:
    return actor.kind == "staff" and not actor.sees_whole_brand and bool(actor.roles & SERVES)


def claim(number: str, *, paid: int, actor: Actor) -> Claim:
    """The sale of this receipt, at a store of the actor's, which says how much was paid (分): whoever holds the paper knows
    both. In the caller's transaction. Raises NotFound for whoever serves nowhere, ReceiptUnknown."""
    if not may_claim(actor):
        raise NotFound
    sale, employer_id = _found(number, paid, actor)
    if sale.staff_id == actor.id:
        return Claim(sale.order_id, "own")
    now = clock.now()
    note = Note(
        _CLAIMED,
        f"sale claimed {sale.order_id} {actor}",
        None,
        now,
        {"order": sale.order_id, "guide": actor.id},
    )
    made = facts.note([note], actor=actor)
    if note.key not in made:
        return Claim(sale.order_id, "own" if _claimed_by(sale.order_id) == actor.id else "disputed")
    said = {"order_id": sale.order_id, "guide_id": actor.id, "fact_id": made[note.key], "at": now}
    if sale.staff_id is None and sql.run(Q.add_claim, **said):
        actions.look_again([sale.order_id], because=f"claim {made[note.key]}")
        audit(actor, "commission.claimed", "sale", sale.order_id)
        return Claim(sale.order_id, "claimed")
    against = sale.staff_id or _claimed_by(sale.order_id)
    sql.run(Q.add_dispute, **said, employer_id=employer_id, against_id=against)
    audit(actor, "commission.claim_disputed", "sale", sale.order_id, against=against)
    return Claim(sale.order_id, "disputed")


def disputes(actor: Actor) -> list[Dispute]:
    """Those the actor's firm has to decide, the oldest first."""
    firms = [HEAD_OFFICE] if actor.sees_whole_brand else sorted(actor.org_unit_ids)
    mine = [firm for firm in firms if reads.speaks_for(actor, firm)]
    return sql.fetch_as(Dispute, Q.open_disputes, employer_ids=mine) if mine else []


def _found(number: str, paid: int, actor: Actor) -> tuple[sql.Row, int]:
    rows = sql.fetch(Q.receipts, number=number.strip(), since=clock.now() - WITHIN)
    branches = brand.branches_of(sorted({row.store_id for row in rows}))
    for row in rows:
        branch = branches.get(row.store_id)
        if row.amount == paid and branch is not None and actor.org_unit_ids & {*branch.path}:
            return row, branch.dealer_id or HEAD_OFFICE
    raise ReceiptUnknown


def _claimed_by(order_id: int) -> int | None:
    row = sql.fetch_one(Q.claimed_by, order_id=order_id)
    return int(row.guide_id) if row else None
