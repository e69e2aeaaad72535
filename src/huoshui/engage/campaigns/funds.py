"""Money of the brand that is set aside for prizes and for red packets: one purse for each, filled before it is drawn on.

Whoever gives a prize or sends a red packet draws its worth first, in the same transaction, and is refused what is not
there; what did not reach anybody is put back.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from huoshui.core import audit
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.facts import derived
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger.types import ISSUER, PRIZE, RED_PACKET, SPENT, Movement, Party
from huoshui.engage.campaigns.actions import BUDGET_FUNDED, note_one, require_editor

FUND_DRAWN = "Fund Drawn"
FUND_PUT_BACK = "Fund Put Back"
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


class FundShort(Refused):
    """这笔预算不够了，什么都没有发出；请先在账本页追加预算。"""

    code = "budget_short"


class DrawKeyReused(Refused):
    """这个发放编号已经用在另一笔上了，请换一个编号。"""

    code = "key_reused"


@dataclass(frozen=True)
class Drawn:
    fact_id: int
    is_repeat: bool = False


def draw_from_fund(
    *, unit: str, amount: int, key: str, actor: Actor, reason: str, person_id: int | None = None
) -> Drawn:
    """Take money out for what is given now, once for each `key`: to a person, or to nobody that we know.

    Raises NotFound for no such fund, FundShort for more than is left, of which nothing stays, and DrawKeyReused.
    """
    if unit not in FUNDS:
        raise NotFound
    if amount <= 0:
        raise Refused("发放的金额要大于 0。")
    if not reason.strip():
        raise Refused("请写明发的是什么，以后查账时要用。")
    said = {"fund": unit, "amount": amount, "reason": reason.strip()}
    with transaction.atomic():
        fact_id = note_one(FUND_DRAWN, _key(unit, key), person_id, actor, **said)
        if not fact_id:
            return _known(_key(unit, key), said, person_id)
        drawn = Movement(unit, PURSE, SPENT, amount, fact_id, "fund_draw")
        if ledger.post([drawn]).refused:
            raise FundShort
    return Drawn(fact_id)


def put_back(*, unit: str, key: str, actor: Actor) -> Drawn:
    """What was drawn under `key` has reached nobody: all of it comes back, once. Raises NotFound for what was not drawn."""
    drawn = derived.noted(_key(unit, key)) if unit in FUNDS else None
    if drawn is None:
        raise NotFound
    again, amount = f"{_key(unit, key)} back", int(drawn.body["amount"])
    with transaction.atomic():
        fact_id = note_one(
            FUND_PUT_BACK, again, drawn.person_id, actor, fund=unit, amount=amount, draw=drawn.fact_id
        )
        if not fact_id:
            known = derived.noted(again)
            assert known is not None
            return Drawn(known.fact_id, is_repeat=True)
        ledger.post([Movement(unit, SPENT, PURSE, amount, fact_id, "fund_back", repays=True)])
    return Drawn(fact_id)


def _key(unit: str, key: str) -> str:
    return f"draw:{unit}:{key}"


def _known(key: str, said: dict[str, object], person_id: int | None) -> Drawn:
    before = derived.noted(key)
    assert before is not None
    if before.body != said or before.person_id != person_id:
        raise DrawKeyReused
    return Drawn(before.fact_id, is_repeat=True)
