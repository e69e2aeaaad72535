"""What leads cost a dealer: shown first, owed only when the days to object are over, given back where a lead was none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.audit import record as audit
from huoshui.core.errors import NotFound, Refused
from huoshui.trade.commission import api as commission
from huoshui.trade.leads import dispatching, keeping, rules
from huoshui.trade.leads.scope import is_taker, require_decider, widened
from huoshui.trade.leads.terms import Terms
from huoshui.trade.leads.types import BAD_KINDS, AlreadySaid, Event, Lead, ReasonMissing, TooLate

Q = sql.load("huoshui.trade.leads")

_CHUNK = 1_000


class Bill(NamedTuple):
    id: int
    lead_id: int
    dealer_id: int
    kind: str
    order_id: int | None
    amount: int
    permille: int
    cap: int
    rule_version: int
    object_until: datetime
    state: str


class Won(NamedTuple):
    """A lead whose human bought at its holder."""

    lead: Lead
    order_id: int
    net: int


def bill_lead(lead: Lead, by: Terms, *, now: datetime) -> None:
    """For an accepted lead itself, where that has a price and the dealer has had its free ones."""
    if not by.lead_price:
        return
    if sql.fetch_one(Q.taken_before, dealer_id=lead.dealer_id).leads <= by.free_leads:
        return
    _add([(lead, "lead", None, 0, by.lead_price, 0, 0)], by, now)


def bill_orders(won: Sequence[Won], by: Terms, *, now: datetime) -> None:
    if not by.fee_permille:
        return
    rows = [
        (
            w.lead,
            "conversion",
            w.order_id,
            w.net,
            rules.fee(w.net, permille=by.fee_permille, cap=by.fee_cap),
            by.fee_permille,
            by.fee_cap,
        )
        for w in won
    ]
    _add(rows, by, now)


def _add(rows: Sequence[tuple[Lead, str, int | None, int, int, int, int]], by: Terms, now: datetime) -> None:
    sql.run(
        Q.add_bills,
        now=now,
        until=now + timedelta(days=by.object_days),
        lead_ids=[r[0].id for r in rows],
        dealers=[r[0].dealer_id for r in rows],
        kinds=[r[1] for r in rows],
        orders=[r[2] for r in rows],
        bases=[r[3] for r in rows],
        amounts=[r[4] for r in rows],
        permilles=[r[5] for r in rows],
        caps=[r[6] for r in rows],
        versions=[by.version] * len(rows),
    )


def enter_due() -> int:
    """Bills to which nobody objected in time are owed now. In the caller's transaction, which sees all; returns how many."""
    due = sql.fetch_as(Bill, Q.lock_due, now=clock.now(), limit=_CHUNK)
    if due:
        _put(due, "entered")
        commission.charge([_charge(bill) for bill in due], because="lead bill", actor=SYSTEM)
    return len(due)


def _charge(bill: Bill, *, back: bool = False) -> commission.LeadCharge:
    is_order = bill.order_id is not None
    return commission.LeadCharge(
        lead_id=bill.lead_id,
        dealer_id=bill.dealer_id,
        order_id=bill.order_id,
        permille=0 if back else bill.permille,
        cap=bill.cap,
        amount=0 if is_order else -bill.amount if back else bill.amount,
        rule_version=bill.rule_version,
    )


def object_to(bill_id: int, *, said: str, actor: Actor) -> None:
    """The dealer says no, and why: the bill enters nothing until head office has decided. Raises NotFound, TooLate,
    ReasonMissing."""
    if not said.strip():
        raise ReasonMissing
    with widened(actor):
        bill = _locked(bill_id)
        if not is_taker(actor, bill.dealer_id):
            raise NotFound
        if bill.state != "open" or clock.now() > bill.object_until:
            raise TooLate
        _put([bill], "objected", said=said.strip()[:200])
        audit(actor, "lead.bill_objected", "lead", bill.lead_id, bill=bill.id, said=said.strip()[:200])


def decide_bill(bill_id: int, *, stands: bool, reason: str, actor: Actor) -> None:
    """Raises NotFound, ReasonMissing; Refused where nobody objected."""
    require_decider(actor)
    if not reason.strip():
        raise ReasonMissing
    bill = _locked(bill_id)
    if bill.state != "objected":
        raise Refused("这笔账单现在没有异议要裁决。")
    # One that stands enters with the next that are due
    until = clock.now() if stands else None
    _put([bill], "open" if stands else "waived", actor=actor, decision=reason.strip()[:200], until=until)
    audit(
        actor, "lead.bill_decided", "lead", bill.lead_id, bill=bill.id, stands=stands, reason=reason.strip()
    )


def _locked(bill_id: int) -> Bill:
    found = sql.fetch_as(Bill, Q.lock_bill, bill_id=bill_id)
    if not found:
        raise NotFound
    return found[0]


def _put(
    bills: Sequence[Bill],
    state: str,
    *,
    said: str = "",
    actor: Actor | None = None,
    decision: str = "",
    until: datetime | None = None,
) -> None:
    sql.run(
        Q.put_bills,
        ids=[b.id for b in bills],
        state=state,
        said=said,
        actor=str(actor) if actor else None,
        decision=decision,
        until=until,
        now=clock.now(),
    )


def claim_bad(lead_id: int, *, kind: str, said: str, actor: Actor) -> int:
    """A lead that was none: an empty number, a double, out of the dealer's area; `said` is what shows it. Raises NotFound,
    TooLate, AlreadySaid, ReasonMissing."""
    if kind not in BAD_KINDS:
        raise Refused("请选哪里不对：空号、重复，或者不在本区。")
    if not said.strip():
        raise ReasonMissing
    now = clock.now()
    with widened(actor):
        found = keeping.locked([lead_id])
        if (
            not found
            or not is_taker(actor, found[0].dealer_id, found[0].store_id)
            or found[0].held_at is None
        ):
            raise NotFound
        (lead,) = found
        assert lead.held_at is not None
        if now > lead.held_at + timedelta(days=dispatching.current().bad_days) or lead.state == "bad":
            raise TooLate
        earlier = sql.fetch(Q.claims_of, lead_id=lead_id, dealer_id=lead.dealer_id)
        row = None
        if not earlier:
            row = sql.fetch_one(
                Q.open_claim,
                lead_id=lead_id,
                dealer_id=lead.dealer_id,
                kind=kind,
                said=said.strip()[:200],
                actor=str(actor),
                now=now,
            )
        if row is None:
            raise AlreadySaid
        audit(actor, "lead.called_bad", "lead", lead_id, kind=kind, said=said.strip()[:200])
        return int(row.id)


def decide_claim(claim_id: int, *, granted: bool, reason: str, actor: Actor) -> int:
    """Head office's word. Granted, the lead is closed as bad, what was billed is waived and what was owed is given back.
    Returns how much; a second time nothing, and nothing changes. Raises NotFound, ReasonMissing."""
    require_decider(actor)
    if not reason.strip():
        raise ReasonMissing
    claim = sql.fetch_one(Q.lock_claim, claim_id=claim_id)
    if claim is None:
        raise NotFound
    if claim.state != "open":
        return 0
    refunded = _give_back(claim.lead_id, claim.dealer_id, reason.strip(), actor) if granted else 0
    sql.run(
        Q.decide_claim,
        claim_id=claim_id,
        state="granted" if granted else "refused",
        actor=str(actor),
        now=clock.now(),
        decision=reason.strip()[:200],
        refunded=refunded,
    )
    audit(
        actor,
        "lead.claim_decided",
        "lead",
        claim.lead_id,
        granted=granted,
        refunded=refunded,
        reason=reason.strip(),
    )
    return refunded


def _give_back(lead_id: int, dealer_id: int, reason: str, actor: Actor) -> int:
    now = clock.now()
    (lead,) = keeping.locked([lead_id])
    if lead.dealer_id == dealer_id and rules.may(lead.now, "bad"):
        event = Event(
            "bad", str(actor), now, dispatching.current().version, dealer_id=dealer_id, reason=reason[:200]
        )
        keeping.write([(lead.id, lead.now, event)], now=now)
    bills = [b for b in sql.fetch_as(Bill, Q.lock_bills_of, lead_id=lead_id) if b.dealer_id == dealer_id]
    _put([b for b in bills if b.state in ("open", "objected")], "waived", actor=actor, decision=reason[:200])
    entered = [b for b in bills if b.state == "entered"]
    _put(entered, "refunded", actor=actor, decision=reason[:200])
    back = [_charge(bill, back=True) for bill in entered]
    return commission.charge(back, because=f"bad lead {lead_id}", actor=actor) if back else 0
