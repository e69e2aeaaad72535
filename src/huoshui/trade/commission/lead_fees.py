"""引流服务费: what a dealer owes head office for leads. Of an order it is worked out with all else, whole, and only the
difference is written; the price of a lead itself is written once, and once given back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import Note
from huoshui.core.ledger import api as ledger
from huoshui.trade.commission import actions, crediting, parties
from huoshui.trade.commission.types import HEAD_OFFICE, Due, Party, Sold

Q = sql.load("huoshui.trade.commission")

KIND = "lead_fee"
_CHARGED = "Lead Charged"


class LeadCharge(NamedTuple):
    """Of an order: `permille` of what is left of it, at most `cap` (0: no cap); 0 takes the fee back. Without an order:
    `amount` for the lead itself, below nothing what is given back."""

    lead_id: int
    dealer_id: int
    order_id: int | None
    permille: int
    cap: int
    amount: int
    rule_version: int


class Placed(NamedTuple):
    """At whose store an order was made, as it then was; `dealer_id` None: head office's own."""

    order_id: int
    person_id: int | None
    dealer_id: int | None


def placed(order_ids: Sequence[int]) -> list[Placed]:
    return [Placed(o.order_id, o.person_id, o.dealer_id) for o in crediting.orders(order_ids).values()]


def nets(order_ids: Sequence[int]) -> dict[int, int]:
    """What is left of each of these orders now."""
    return {r.order_id: r.amount for r in sql.fetch(Q.nets, order_ids=list(order_ids))}


def due_of(
    sold: Mapping[int, Sequence[Sold]], order_ids: Sequence[int]
) -> dict[int, dict[tuple[Party, str], Due]]:
    found: dict[int, dict[tuple[Party, str], Due]] = defaultdict(dict)
    for r in sql.fetch(Q.lead_fees, order_ids=list(order_ids)):
        net = max(sum(s.amount for s in sold.get(r.order_id, ())), 0)
        whole = net * r.permille // 1000
        amount = min(whole, r.cap) if r.cap else whole
        if not amount:
            continue
        place = Party("dealer", HEAD_OFFICE, r.payer_id), KIND
        before = found[r.order_id].get(place)
        found[r.order_id][place] = Due(
            *place, amount + (before.amount if before else 0), net, r.rule_version, 0
        )
    return found


def charge(charges: Sequence[LeadCharge], *, because: str, actor: Actor) -> int:
    """In the caller's transaction, once and last (it locks accounts). What concerns orders follows when these are looked at
    (`work_off`). Returns how much is given back; a second time nothing, and nothing changes."""
    sql.fetch(Q.lock)
    of_orders = [c for c in charges if c.order_id is not None]
    back = _charge_orders(of_orders, because, actor) if of_orders else 0
    return back + _charge_leads([c for c in charges if c.order_id is None and c.amount], actor)


def _charge_orders(charges: Sequence[LeadCharge], because: str, actor: Actor) -> int:
    ids = [c.order_id for c in charges if c.order_id is not None]
    ended = [c for c in charges if not c.permille]
    back = sql.fetch_one(
        Q.lead_fees_written, order_ids=[c.order_id for c in ended], payers=[c.dealer_id for c in ended]
    ).amount
    sql.run(
        Q.add_lead_fees,
        order_ids=ids,
        lead_ids=[c.lead_id for c in charges],
        payers=[c.dealer_id for c in charges],
        permilles=[c.permille for c in charges],
        caps=[c.cap for c in charges],
        versions=[c.rule_version for c in charges],
        actor=str(actor),
    )
    actions.look_again(ids, because=because)
    return int(back)


def _charge_leads(charges: Sequence[LeadCharge], actor: Actor) -> int:
    today, now = clock.today(), clock.now()
    notes = {
        f"lead charged {c.lead_id} {c.dealer_id} {'back' if c.amount < 0 else ''}".strip(): c for c in charges
    }
    made = facts.note(
        [Note(_CHARGED, key, None, now, {"lead": c.lead_id, "amount": c.amount}) for key, c in notes.items()],
        actor=actor,
    )
    fresh = [(made[key], c) for key, c in notes.items() if key in made]
    if not fresh:
        return 0
    ids = parties.ids_of({Party("dealer", HEAD_OFFICE, c.dealer_id) for _, c in fresh})
    party = {c.dealer_id: ids[Party("dealer", HEAD_OFFICE, c.dealer_id)] for _, c in fresh}
    is_frozen = today > sql.fetch_one(Q.released_through).through
    sql.run(
        Q.add_entries,
        parties=[party[c.dealer_id] for _, c in fresh],
        order_ids=[None] * len(fresh),
        fact_ids=[fact_id for fact_id, _ in fresh],
        kinds=[KIND] * len(fresh),
        amounts=[c.amount for _, c in fresh],
        bases=[0] * len(fresh),
        corrections=[c.amount < 0 for _, c in fresh],
        versions=[c.rule_version for _, c in fresh],
        releases=[today] * len(fresh),
        frozens=[is_frozen] * len(fresh),
        booked_on=today,
    )
    ledger.post(
        [
            parties.moved(party[c.dealer_id], c.amount, fact_id, KIND, is_frozen=is_frozen)
            for fact_id, c in fresh
        ]
    )
    return sum(-c.amount for _, c in fresh if c.amount < 0)
