"""Leads given out to dealers: what the rules look at is gathered for a whole batch at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.people import api as people
from huoshui.trade.bonds import api as bonds
from huoshui.trade.leads import keeping, rules, terms
from huoshui.trade.leads.rules import House, Verdict, Wanted
from huoshui.trade.leads.terms import Terms
from huoshui.trade.leads.types import Event, Lead

Q = sql.load("huoshui.trade.leads")

_CHUNK = 1_000
_WHY_NONE = {
    "tries": "问过的经销商都没有接",
    "full": "这一带的经销商都接过了，或者手上满了",
    "area": "这一带没有经销商",
}


def current() -> Terms:
    row = sql.fetch_one(Q.latest_version)
    return terms.read(row.version, json.loads(row.params)) if row else terms.HOUSE


def dispatch(*, actor: Actor = SYSTEM) -> int:
    """Give out what waits, the oldest first, up to a thousand; returns how many. In the caller's transaction, which sees
    all."""
    sql.fetch(Q.lock)
    waiting = sql.fetch_as(Lead, Q.lock_new, limit=_CHUNK)
    if not waiting:
        return 0
    by, now = current(), clock.now()
    verdicts = rules.give_out(_wanted(waiting, now), _houses(by, now), by, regions=_units_of_kind("region"))
    _keep(waiting, verdicts, by, actor, now)
    return len(verdicts)


def _keep(
    waiting: Sequence[Lead], verdicts: Sequence[Verdict], by: Terms, actor: Actor, now: datetime
) -> None:
    was = {lead.id: lead.now for lead in waiting}
    until = now + timedelta(minutes=by.accept_minutes)
    changes = [(v.lead_id, was[v.lead_id], _event(v, by, until, actor, now)) for v in verdicts]
    after = keeping.write(changes, now=now)
    rows = [(v, c) for v in verdicts for c in v.candidates]
    sql.run(
        Q.add_candidates,
        lead_ids=[v.lead_id for v, _ in rows],
        nos=[after[v.lead_id].no for v, _ in rows],
        dealers=[c.dealer_id for _, c in rows],
        chosens=[c.dealer_id == v.dealer_id for v, c in rows],
        points=[c.points for _, c in rows],
        saids=[json.dumps(c.said) for _, c in rows],
    )


def _event(verdict: Verdict, by: Terms, until: datetime, actor: Actor, now: datetime) -> Event:
    if verdict.dealer_id is not None:
        return Event("offered", str(actor), now, by.version, dealer_id=verdict.dealer_id, until=until)
    why = _WHY_NONE[verdict.because]
    return Event("escalated", str(actor), now, by.version, desk_id=verdict.desk_id, reason=why)


def _wanted(waiting: Sequence[Lead], now: datetime) -> list[Wanted]:
    ids = [lead.id for lead in waiting]
    tried = {r.lead_id: frozenset(r.dealers) for r in sql.fetch(Q.tried, ids=ids)}
    paths = brand.branches_of(sorted({lead.org_unit_id for lead in waiting if lead.org_unit_id is not None}))
    owners = owners_of([lead.person_id for lead in waiting], now)
    return [
        Wanted(
            lead.id,
            lead.district,
            paths[lead.org_unit_id].path if lead.org_unit_id in paths else (),
            owners.get(place),
            tried.get(lead.id, frozenset()),
            lead.tries,
        )
        for place, lead in enumerate(waiting)
    ]


def owners_of(person_ids: Sequence[int | None], now: datetime) -> Mapping[int, int]:
    """By place, the dealer who owns her now; nothing where that is nobody or head office."""
    kin = people.kin_of(sorted({p for p in person_ids if p is not None}))
    asked = [(place, one, now) for place, p in enumerate(person_ids) if p is not None for one in kin[p]]
    return {h.place: h.dealer_id for h in bonds.held_at(asked) if h.dealer_id is not None}


def _houses(by: Terms, now: datetime) -> list[House]:
    dealers = sorted(_units_of_kind("dealer"))
    branches = brand.branches_of(dealers)
    since = now - timedelta(days=by.look_back_days)
    return [
        House(r.dealer_id, branches[r.dealer_id].path, r.in_hand, r.offered, r.won, r.closed)
        for r in sql.fetch(Q.houses, dealers=dealers, since=since)
        if r.dealer_id in branches
    ]


def _units_of_kind(kind: str) -> frozenset[int]:
    units = brand.org_units_table().select(["org_unit_id", "kind"]).to_pylist()
    return frozenset(u["org_unit_id"] for u in units if u["kind"] == kind)
