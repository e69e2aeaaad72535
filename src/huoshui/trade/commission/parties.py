"""Who owes whom: an account of the ledger for each two."""

from __future__ import annotations

from huoshui.core import sql
from huoshui.core.ledger.types import HELD_BUCKET, ISSUER, PAYABLE, IfShort, Movement
from huoshui.core.ledger.types import Party as End
from huoshui.trade.commission.types import Party

Q = sql.load("huoshui.trade.commission")

OWNER = "payee"


def ids_of(wanted: set[Party]) -> dict[Party, int]:
    """Those not there yet are made."""
    places = sorted(wanted)
    columns: dict[str, list[str] | list[int]] = {
        "kinds": [p.payee_kind for p in places],
        "payees": [p.payee_id for p in places],
        "payers": [p.payer_id for p in places],
    }
    known = _known(columns)
    if len(known) < len(places):
        sql.run(Q.open_parties, **columns)
        known = _known(columns)
    return known


def _known(columns: dict[str, list[str] | list[int]]) -> dict[Party, int]:
    return {Party(r.payee_kind, r.payee_id, r.payer_id): r.id for r in sql.fetch(Q.parties, **columns)}


def moved(party_id: int, amount: int, fact_id: int, reason: str, *, is_frozen: bool) -> Movement:
    """What a payee is owed more, or less. What is taken back from money already posted leaves a debt that the next repays."""
    payee = End(OWNER, party_id, HELD_BUCKET if is_frozen else "")
    if amount > 0:
        return Movement(PAYABLE, ISSUER, payee, amount, fact_id, reason, repays=not is_frozen)
    return Movement(PAYABLE, payee, ISSUER, -amount, fact_id, reason, if_short=IfShort.DEBT)


def released(party_id: int, amount: int, fact_id: int) -> Movement:
    held, posted = End(OWNER, party_id, HELD_BUCKET), End(OWNER, party_id)
    return Movement(PAYABLE, held, posted, amount, fact_id, "commission_released", repays=True)
