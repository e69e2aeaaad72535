"""Money of the brand that is set aside for prizes and for red packets: one purse for each, filled before it is drawn on."""

from __future__ import annotations

from huoshui.core import audit
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger.types import ISSUER, PRIZE, RED_PACKET, Movement, Party
from huoshui.engage.campaigns.actions import BUDGET_FUNDED, note_one, require_editor

FUNDS = (PRIZE, RED_PACKET)
PURSE = Party("fund", 0)


def add_to_fund(*, unit: str, amount: int, key: str, actor: Actor) -> int:
    """Set money aside, once for each `key`. Returns the fact's id, 0 when it was known. Raises NotFound for no such fund."""
    require_editor(actor)
    if unit not in FUNDS:
        raise NotFound
    if amount <= 0:
        raise Refused("追加的预算要大于 0。")
    fact_id = note_one(BUDGET_FUNDED, f"fund:{unit}:{key}", None, actor, fund=unit, amount=amount)
    if fact_id:
        ledger.post([Movement(unit, ISSUER, PURSE, amount, fact_id, "fund", repays=True)])
        audit.record(actor, "fund.funded", "fund", 0, fund=unit, amount=amount)
    return fact_id


def left_in_funds() -> dict[str, int]:
    """Fund → what is left in it, below zero what it owes."""
    kind, own = PURSE.owner_kind, PURSE.owner_id
    return {unit: ledger.balances(unit=unit, owner_kind=kind, owner_ids=[own]).get(own, 0) for unit in FUNDS}
