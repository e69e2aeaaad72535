"""What has been told since the last time: who wants something, and who has bought. A reader of the facts, like bonds and
commission; by the worker, each minute."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.facts import api as facts
from huoshui.core.scope import look_as
from huoshui.people import api as people
from huoshui.trade.codes import api as codes
from huoshui.trade.commission import api as commission
from huoshui.trade.leads import actions, billing, dispatching, keeping
from huoshui.trade.leads.billing import Won
from huoshui.trade.leads.scope import widened
from huoshui.trade.leads.terms import Terms
from huoshui.trade.leads.types import SUBMITTED, Draft, Event

Q = sql.load("huoshui.trade.leads")

READER = "leads"
_CHUNK = 1_000
_OF_CODES = {"campaign": "campaign", "partner": "partner"}


def follow() -> int:
    """Leads that were born, and those that became orders; then everything waiting is given out. May be killed anywhere and run
    again. Returns how many changed."""
    with facts.since_last_read(READER) as span:
        look_as(SYSTEM)
        bounds = {"low": str(span.low), "high": str(span.high)}
        told = sql.fetch(Q.submitted, **bounds)
        changed = sum(facts.by_halves(told, _make, fact_of=lambda r: r.fact_id))
        changed += _win(sql.fetch(Q.sold, **bounds)) if sql.fetch_one(Q.is_any_held).is_held else 0
    return changed + tend()


def _make(told: Sequence[sql.Row]) -> int:
    return len(actions.make(_drafts(told), actor=SYSTEM))


def tend() -> int:
    """Offers nobody answered go to the next, what waits is given out, bills nobody objected to are owed. In chunks, each in a
    transaction of its own."""
    changed = 0
    for step in (actions.time_out, dispatching.dispatch, billing.enter_due):
        while True:
            with transaction.atomic():
                look_as(SYSTEM)
                done = step()
            changed += done
            if done < _CHUNK:
                break
    return changed


def submitted(fact_ids: Sequence[int], *, actor: Actor) -> dict[int, int]:
    """Fact → the lead made of it, at once: for a door that answers. In the caller's transaction."""
    drafts = _drafts(sql.fetch(Q.submitted_by, fact_ids=list(fact_ids)))
    actions.make(drafts, actor=actor)
    with widened(actor):
        known = {r.key: int(r.id) for r in sql.fetch(Q.by_keys, keys=[d.key for d in drafts])}
    return {d.fact_id: known[d.key] for d in drafts if d.fact_id is not None}


def _drafts(rows: Sequence[sql.Row]) -> list[Draft]:
    told = [(r, facts.said(r.told)) for r in rows]
    scanned = {str(t.get("code")) for r, t in told if r.name != SUBMITTED}
    by = dispatching.current()
    known = {c.handle: c for c in codes.by_handles(sorted(scanned)) if c.kind in by.scan_kinds}
    titles = sorted({str(t["batch"]) for _, t in told if t.get("batch")})
    batches = {r.title: int(r.id) for r in sql.fetch(Q.batch_ids, titles=titles)} if titles else {}
    units = brand.find_units(sorted({str(t["store"]) for _, t in told if t.get("store")}))
    drafts = []
    for row, said in told:
        if row.name == SUBMITTED:
            drafts.append(_submitted(row, said, batches, units))
        elif code := known.get(str(said.get("code"))):
            drafts.append(_scanned(row, code))
    return drafts


def _submitted(row: sql.Row, said: dict[str, Any], batches: dict[str, int], units: dict[str, int]) -> Draft:
    source = str(said.get("source", "form"))
    return Draft(
        key=f"fact {row.fact_id}",
        source=source if source in ("form", "campaign", "partner", "import") else "form",
        person_id=row.person_id,
        made_at=row.occurred_at,
        wants=str(said.get("wants", ""))[:500],
        district=str(said.get("district", ""))[:100],
        org_unit_id=units.get(str(said.get("store"))),
        batch_id=batches.get(str(said.get("batch"))),
        fact_id=row.fact_id,
    )


def _scanned(row: sql.Row, code: codes.Code) -> Draft:
    """A person who scans one code twice is one lead of it."""
    brought: tuple[str, int | None] = ("", None)
    if code.guide_id is not None:
        brought = "guide", code.guide_id
    elif code.person_id is not None:
        brought = "person", code.person_id
    return Draft(
        key=f"code {code.id} {people.canonical_id(row.person_id)}",
        source=_OF_CODES.get(code.kind, "scan"),
        person_id=row.person_id,
        made_at=row.occurred_at,
        wants=code.title,
        org_unit_id=code.store_id or code.dealer_id,
        brought_kind=brought[0],
        brought_by=brought[1],
        fact_id=row.fact_id,
    )


def _win(sold: Sequence[sql.Row]) -> int:
    won = 0
    for start in range(0, len(sold), _CHUNK):
        won += _win_some(sold[start : start + _CHUNK])
    return won


def _win_some(sold: Sequence[sql.Row]) -> int:
    """An order of a lead's human, at the dealer who holds the lead, within the days."""
    by = dispatching.current()
    kin = people.kin_of(sorted({r.person_id for r in sold}))
    asked = [(place, one) for place, r in enumerate(sold) for one in kin[r.person_id]]
    held = sql.fetch(Q.held_of, places=[p for p, _ in asked], person_ids=[one for _, one in asked])
    if not held:
        return 0
    at = {o.order_id: o.dealer_id for o in commission.placed(sorted({sold[h.place].order_id for h in held}))}
    first: dict[int, sql.Row] = {}
    for h in sorted(held, key=lambda h: (sold[h.place].at, sold[h.place].order_id)):
        order = sold[h.place]
        in_time = h.held_at <= order.at <= h.held_at + timedelta(days=by.window_days)
        if in_time and at.get(order.order_id) == h.dealer_id:
            first.setdefault(h.id, order)
    return _close(first, by) if first else 0


def _close(orders: dict[int, sql.Row], by: Terms) -> int:
    now = clock.now()
    leads = [lead for lead in keeping.locked(list(orders)) if lead.state == "held"]
    nets = commission.nets(sorted({orders[lead.id].order_id for lead in leads}))
    events = [
        (
            lead.id,
            lead.now,
            Event(
                "won",
                str(SYSTEM),
                now,
                by.version,
                dealer_id=lead.dealer_id,
                stage=_stage(lead.stage, by),
                order_id=orders[lead.id].order_id,
            ),
        )
        for lead in leads
    ]
    keeping.write(events, now=now)
    billing.bill_orders(
        [Won(lead, orders[lead.id].order_id, nets.get(orders[lead.id].order_id, 0)) for lead in leads],
        by,
        now=now,
    )
    return len(leads)


def _stage(now: str, by: Terms) -> str:
    """The deal is made; a stage beyond it stays."""
    if now in by.stages and by.stages.index(now) > by.stages.index(by.won_stage):
        return now
    return by.won_stage
