"""Leads made, taken, given back, moved and taken away. Callers hold the transaction; each change has its actor, time and
reason."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.audit import record as audit
from huoshui.core.errors import NotFound, Refused
from huoshui.people import api as people
from huoshui.trade.bonds import api as bonds
from huoshui.trade.leads import billing, dispatching, keeping, rules, terms
from huoshui.trade.leads.scope import decides, is_taker, require_decider, widened
from huoshui.trade.leads.types import Draft, Event, Lead, ReasonMissing, StageUnknown

Q = sql.load("huoshui.trade.leads")

_CHUNK = 1_000


def set_rules(params: Mapping[str, Any], *, reason: str, actor: Actor) -> int:
    """A version for what is given out from now on; what is not named is as it comes. Raises NotFound, BadLeadRules,
    ReasonMissing."""
    require_decider(actor)
    kept, why = terms.checked(params), _reason(reason)
    row = sql.fetch_one(
        Q.add_version, params=json.dumps(kept, ensure_ascii=False), actor=str(actor), reason=why
    )
    audit(actor, "lead.rules_set", "lead_rules", row.version, params=kept, reason=why)
    return int(row.version)


def add_batch(title: str, cost: int, shares: Sequence[tuple[int, int]], *, actor: Actor) -> int:
    """Money spent on leads, and who bears it: (dealer, permille), 0 is head office; together the whole. Raises NotFound,
    Refused."""
    require_decider(actor)
    if not title.strip() or cost < 0:
        raise Refused("请写明这笔钱的名字和金额。")
    known = {d for d, _ in shares}
    dealers = brand.unit_kinds(sorted(known - {0}))
    if sum(p for _, p in shares) != rules.WHOLE or any(p < 1 for _, p in shares) or len(known) != len(shares):
        raise Refused("各家的份额加起来要正好是 100%。")
    if any(dealers.get(d) != "dealer" for d in known - {0}):
        raise NotFound
    row = sql.fetch_one(Q.add_batch, title=title.strip(), cost=cost, actor=str(actor))
    if row is None:
        raise Refused("已经有一笔同名的投放费用，请换一个名字。")
    sql.run(
        Q.add_shares,
        batch_id=row.id,
        dealers=[d for d, _ in shares],
        permilles=[p for _, p in shares],
        amounts=rules.shared(cost, [p for _, p in shares]),
    )
    audit(actor, "lead.batch_added", "lead_batch", row.id, cost=cost, shares=list(shares))
    return int(row.id)


def make(drafts: Sequence[Draft], *, actor: Actor) -> dict[str, int]:
    """Key → lead, of those that were not there yet. Whose lead is open already gets none more: it is noted as the same."""
    if not drafts:
        return {}
    now = clock.now()
    with widened(actor):
        sql.fetch(Q.lock)
        columns = {
            "keys": [d.key for d in drafts],
            "sources": [d.source for d in drafts],
            "persons": [d.person_id for d in drafts],
            "wants": [d.wants for d in drafts],
            "districts": [d.district for d in drafts],
            "units": [d.org_unit_id for d in drafts],
            "brought_kinds": [d.brought_kind for d in drafts],
            "broughts": [d.brought_by for d in drafts],
            "batches": [d.batch_id for d in drafts],
            "facts": [d.fact_id for d in drafts],
            "mades": [d.made_at for d in drafts],
        }
        made = {r.key: int(r.id) for r in sql.fetch(Q.add, **columns, now=now)}
        _begin({made[d.key]: d.person_id for d in drafts if d.key in made}, actor, now)
    return made


def _begin(made: Mapping[int, int], actor: Actor, now: datetime) -> None:
    by = dispatching.current().version
    ids = sorted(made)
    first = Event("made", str(actor), now, by)
    after = keeping.write(
        [(i, lead.now._replace(state=""), first) for i, lead in _by_id(ids).items()], now=now
    )
    same = _same(made)
    if same:
        sql.run(Q.say_same, ids=list(same), sames=list(same.values()))
        twice = Event("doubled", str(SYSTEM), now, by)
        keeping.write([(i, after[i], twice) for i in same], now=now)


def _same(made: Mapping[int, int]) -> dict[int, int]:
    """New lead → the one of the same human that is open: an older one, or the first of these."""
    kin = people.kin_of(sorted(set(made.values())))
    born = sorted({one for ids in kin.values() for one in ids})
    older = {r.person_id: int(r.id) for r in sql.fetch(Q.open_of, person_ids=born, but=sorted(made))}
    canonical = people.canonical_ids(sorted(set(made.values())))
    first: dict[int, int] = {}
    same = {}
    for lead_id in sorted(made):
        person = made[lead_id]
        there = next((older[one] for one in kin[person] if one in older), None) or first.get(
            canonical[person]
        )
        if there is None:
            first[canonical[person]] = lead_id
        else:
            same[lead_id] = there
    return same


def _by_id(ids: Sequence[int]) -> dict[int, Lead]:
    return {lead.id: lead for lead in keeping.locked(ids)}


def accept(lead_id: int, *, actor: Actor, store_id: int | None = None) -> None:
    """The dealer takes it, for one of its stores or its first. Where nobody else's customer is concerned she becomes the
    dealer's, so that it may reach her as it does its own. Raises NotFound, LeadGone."""
    now = clock.now()
    with widened(actor):
        lead, by = _taken(lead_id, actor), dispatching.current()
        store = _store(lead, store_id)
        event = Event(
            "accepted",
            str(actor),
            now,
            by.version,
            dealer_id=lead.dealer_id,
            store_id=store,
            stage=by.first_stage,
        )
        keeping.write([(lead.id, lead.now, event)], now=now)
        billing.bill_lead(lead, by, now=now)
        audit(actor, "lead.accepted", "lead", lead.id, dealer_id=lead.dealer_id)
        if store is not None and lead.person_id is not None:
            _bind(lead, store)


def _bind(lead: Lead, store: int) -> None:
    assert lead.person_id is not None
    owners = dispatching.owners_of([lead.person_id], clock.now())
    head = people.canonical_id(lead.person_id)
    if owners or head not in people.visible_persons(SYSTEM, [head]):
        return  # she has an owner, whom no lead moves; or she has no card yet, and the first purchase binds her
    bonds.assign(person_id=head, store_id=store, reason=f"接了线索 {lead.id}", actor=SYSTEM)


def _store(lead: Lead, wanted: int | None) -> int | None:
    """Raises NotFound for a store that is not the dealer's."""
    assert lead.dealer_id is not None
    below = sorted(brand.units_below([lead.dealer_id]) - {lead.dealer_id})
    if wanted is not None and wanted not in below:
        raise NotFound
    if wanted is None and lead.org_unit_id in below:
        return lead.org_unit_id
    return wanted or next(iter(below), None)


def bounce(lead_id: int, *, reason: str, actor: Actor) -> None:
    """It goes to the next. Raises NotFound, LeadGone, ReasonMissing."""
    _said_by_taker(lead_id, actor, lambda lead, by: Event(
        "bounced", str(actor), clock.now(), by, dealer_id=lead.dealer_id, reason=_reason(reason)))  # fmt: skip


def move(lead_id: int, *, stage: str, actor: Actor) -> bool:
    """Whether it was at another stage. Raises NotFound, LeadGone, StageUnknown."""
    if stage not in dispatching.current().stages:
        raise StageUnknown
    return _said_by_taker(lead_id, actor, lambda lead, by: None if lead.stage == stage else Event(
        "moved", str(actor), clock.now(), by, dealer_id=lead.dealer_id, stage=stage))  # fmt: skip


def lose(lead_id: int, *, reason: str, actor: Actor) -> bool:
    """Whether it was not lost before. Raises NotFound, LeadGone, ReasonMissing."""
    why = _reason(reason)
    return _said_by_taker(lead_id, actor, lambda lead, by: None if lead.state == "lost" else Event(
        "lost", str(actor), clock.now(), by, dealer_id=lead.dealer_id, reason=why))  # fmt: skip


def _said_by_taker(lead_id: int, actor: Actor, event_of: Callable[[Lead, int], Event | None]) -> bool:
    with widened(actor):
        lead = _taken(lead_id, actor)
        event = event_of(lead, dispatching.current().version)
        if event is None:
            return False
        keeping.write([(lead.id, lead.now, event)], now=event.at)
        audit(actor, f"lead.{event.kind}", "lead", lead.id, stage=event.stage, reason=event.reason)
        return True


def _taken(lead_id: int, actor: Actor) -> Lead:
    """Locked. What is another's is as if it were not there."""
    found = keeping.locked([lead_id])
    if not found or not is_taker(actor, found[0].dealer_id, found[0].store_id):
        raise NotFound
    return found[0]


def offer(lead_ids: Sequence[int], *, dealer_id: int, reason: str, actor: Actor) -> int:
    """By hand, whatever the rules say: head office what waits or is on a desk, a regional manager what is on his own, to
    dealers of his region. Returns how many. Raises NotFound, LeadGone, ReasonMissing."""
    now, why = clock.now(), _reason(reason)
    with widened(actor):
        path = brand.branches_of([dealer_id]).get(dealer_id)
        if path is None or path.dealer_id != dealer_id:
            raise NotFound
        found = keeping.locked(lead_ids)
        if not decides(actor):
            desks = actor.org_unit_ids & set(path.path) if "regional_manager" in actor.roles else frozenset()
            found = [lead for lead in found if lead.desk_id is not None and lead.desk_id in desks]
        if len(found) != len(set(lead_ids)):
            raise NotFound
        by = dispatching.current()
        until = now + timedelta(minutes=by.accept_minutes)
        event = Event("offered", str(actor), now, by.version, dealer_id=dealer_id, until=until, reason=why)
        keeping.write([(lead.id, lead.now, event) for lead in found], now=now)
        for lead in found:
            audit(actor, "lead.offered", "lead", lead.id, dealer_id=dealer_id, reason=why)
    return len(found)


def recall(lead_ids: Sequence[int], *, reason: str, actor: Actor) -> int:
    """Head office takes leads back, to be given out anew. Returns how many; those that nobody has are left as they are.
    Raises NotFound, ReasonMissing."""
    require_decider(actor)
    now, why = clock.now(), _reason(reason)
    with widened(actor):
        by = dispatching.current().version
        found = [lead for lead in keeping.locked(lead_ids) if rules.may(lead.now, "recalled")]
        events = [
            (lead.id, lead.now, Event("recalled", str(actor), now, by, dealer_id=lead.dealer_id, reason=why))
            for lead in found
        ]
        keeping.write(events, now=now)
        sql.run(Q.waive_recalled, lead_ids=[lead.id for lead in found], reason=why, actor=str(actor), now=now)
        for lead in found:
            audit(actor, "lead.recalled", "lead", lead.id, dealer_id=lead.dealer_id, reason=why)
    return len(found)


def time_out() -> int:
    """Offers that nobody answered in time are open again. In the caller's transaction, which sees all."""
    now = clock.now()
    late = sql.fetch_as(Lead, Q.lock_late, now=now, limit=_CHUNK)
    by = dispatching.current().version
    events = [
        (lead.id, lead.now, Event("timed_out", str(SYSTEM), now, by, dealer_id=lead.dealer_id))
        for lead in late
    ]
    keeping.write(events, now=now)
    return len(late)


def _reason(text: str) -> str:
    if not text.strip():
        raise ReasonMissing
    return text.strip()[:200]
