"""A dealer claims a customer, with facts for it; head office decides, with a reason. The decision is a fact."""

from __future__ import annotations

from collections.abc import Sequence

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound
from huoshui.people import api as people
from huoshui.trade.bonds.actions import Place, decide, owner_of, place_of
from huoshui.trade.bonds.scope import decides, is_of, require_decider
from huoshui.trade.bonds.types import DisputeOpen, EvidenceMissing, NoBond, ReasonMissing, WishStands

Q = sql.load("huoshui.trade.bonds")


def open_dispute(
    *,
    person_id: int,
    store_id: int,
    evidence: Sequence[int],
    said: str,
    actor: Actor,
    guide_id: int | None = None,
) -> int:
    """Returns its id. `evidence` are facts of this customer at the claimant's own stores: who has none has no claim, and learns
    nothing of whose she is.

    Raises ReasonMissing; NotFound for whoever may not speak for the store; EvidenceMissing, DisputeOpen, NoBond.
    """
    if not said.strip():
        raise ReasonMissing
    require_decider(actor)
    place = place_of(store_id, guide_id)
    if place.dealer_id is None or not (decides(actor) or is_of(actor, place.dealer_id, store_id)):
        raise NotFound
    ids = sorted(set(evidence))
    members = people.kin_of([person_id])[person_id]
    proven = sql.fetch(Q.evidence, fact_ids=ids, person_ids=members)
    if not ids or len(proven) != len(ids) or any(e.dealer_id != place.dealer_id for e in proven):
        raise EvidenceMissing
    held = owner_of(person_id)
    if held is None or held.dealer_id == place.dealer_id:
        raise NoBond("这位顾客已经归您，或者还没有归属，不用申诉。")
    made = sql.fetch_one(
        Q.open_dispute,
        person_id=person_id,
        dealer_id=place.dealer_id,
        store_id=store_id,
        guide_id=guide_id,
        evidence=ids,
        said=said.strip()[:2_000],
        against_fact_id=held.made_by,
        against_dealer_id=held.dealer_id,
        opened_by=str(actor),
    )
    if made is None:
        raise DisputeOpen
    record(actor, "bond_dispute.opened", "bond_dispute", made.id, person_id=person_id, evidence=ids)
    return int(made.id)


def decide_dispute(*, dispute_id: int, is_granted: bool, reason: str, actor: Actor) -> int:
    """Returns the fact's id. Granted, the customer is the claimant's from now on.

    Raises ReasonMissing; NotFound for whoever may not, and for what is decided already; WishStands where she has chosen
    herself.
    """
    if not reason.strip():
        raise ReasonMissing
    if not decides(actor):
        raise NotFound
    one = sql.fetch_one(Q.lock_dispute, dispute_id=dispute_id)
    if one is None:
        raise NotFound
    held = owner_of(one.person_id)
    if is_granted and held is not None and held.made_as == "wished":
        raise WishStands
    place = (
        Place(one.dealer_id, one.store_id, one.guide_id)
        if is_granted
        else held and Place(held.dealer_id, held.store_id, held.guide_id)
    )
    fact_id = decide(
        "decided" if is_granted else "upheld",
        one.person_id,
        place or Place(None, None, None),
        reason,
        actor,
        dispute_id=dispute_id,
        is_granted=is_granted,
        evidence=one.evidence,
    )
    sql.run(
        Q.close_dispute,
        dispute_id=dispute_id,
        state="granted" if is_granted else "refused",
        actor=str(actor),
        at=clock.now(),
        decision=reason.strip(),
        fact_id=fact_id,
    )
    return fact_id
