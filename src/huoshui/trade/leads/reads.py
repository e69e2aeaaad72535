"""Leads as far as the actor may see them: row-level security leaves a dealer what is offered to it or held by it, a regional
manager what is on his desk, head office all. In the caller's scoped transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.trade.leads import terms
from huoshui.trade.leads.scope import may_see, require_seeing, widened
from huoshui.trade.leads.terms import Terms
from huoshui.trade.leads.types import Event, Lead

Q = sql.load("huoshui.trade.leads")

_MOST = 1_000
_ALL = 2**62


class RulesVersion(NamedTuple):
    terms: Terms
    actor: str
    reason: str
    set_at: datetime | None


class Candidate(NamedTuple):
    no: int
    dealer_id: int
    is_chosen: bool
    points: int
    said: tuple[tuple[str, int], ...]


class Count(NamedTuple):
    dealer_id: int
    state: str
    stage: str
    leads: int


class Brought(NamedTuple):
    """What became of a lead, for who brought it: neither whom, nor with whom."""

    id: int
    made_at: datetime
    state: str
    stage: str
    changed_at: datetime


class BillView(NamedTuple):
    id: int
    lead_id: int
    dealer_id: int
    kind: str
    order_id: int | None
    base: int
    amount: int
    rule_version: int
    billed_at: datetime
    object_until: datetime
    state: str
    said: str
    decision: str


class ClaimView(NamedTuple):
    id: int
    lead_id: int
    dealer_id: int
    kind: str
    said: str
    opened_by: str
    opened_at: datetime
    state: str
    decision: str
    refunded: int


class Batch(NamedTuple):
    """`shares`: (dealer or 0, permille, money). Per lead and per order: None where there is none yet."""

    id: int
    title: str
    cost: int
    leads: int
    taken: int
    won: int
    shares: tuple[tuple[int, int, int], ...]

    @property
    def per_lead(self) -> int | None:
        return self.cost // self.leads if self.leads else None

    @property
    def per_order(self) -> int | None:
        return self.cost // self.won if self.won else None


class Share(NamedTuple):
    batch_id: int
    title: str
    permille: int
    amount: int


def rules_versions(actor: Actor) -> list[RulesVersion]:
    """The one in force first; the house's own last."""
    require_seeing(actor)
    rows = [
        RulesVersion(terms.read(r.version, json.loads(r.params)), r.actor, r.reason, r.set_at)
        for r in sql.fetch(Q.versions)
    ]
    return [*reversed(rows), RulesVersion(terms.HOUSE, "system:0", "", None)]


def leads(
    actor: Actor,
    *,
    states: Sequence[str] | None = None,
    stage: str | None = None,
    dealer_id: int | None = None,
    ids: Sequence[int] | None = None,
    before: int = _ALL,
    limit: int = 100,
) -> list[Lead]:
    require_seeing(actor)
    return sql.fetch_as(
        Lead,
        Q.listed,
        states=list(states) if states is not None else None,
        stage=stage,
        dealer_id=dealer_id,
        ids=list(ids) if ids is not None else None,
        before=before,
        limit=min(limit, _MOST),
    )


def find(actor: Actor, lead_id: int) -> Lead:
    """Raises NotFound."""
    found = leads(actor, ids=[lead_id], limit=1)
    if not found:
        raise NotFound
    return found[0]


def events(actor: Actor, lead_id: int) -> list[Event]:
    """What happened, from the first; of others' offers a dealer sees nothing. Raises NotFound."""
    find(actor, lead_id)
    return sql.fetch_as(Event, Q.events, lead_id=lead_id)


def why(actor: Actor, lead_id: int) -> list[Candidate]:
    """Who was looked at for each offer, and what spoke for and against. A dealer sees its own choice alone. Raises NotFound."""
    find(actor, lead_id)
    return [
        Candidate(
            r.no, r.dealer_id, r.is_chosen, r.points, tuple((str(w), int(p)) for w, p in json.loads(r.said))
        )
        for r in sql.fetch(Q.candidates, lead_id=lead_id)
    ]


def funnel(actor: Actor, *, days: int = 90) -> list[Count]:
    require_seeing(actor)
    return sql.fetch_as(Count, Q.funnel, since=clock.now() - timedelta(days=days))


def brought(actor: Actor, *, limit: int = 50) -> list[Brought]:
    """Of a member of the staff, by whose code or hand they came."""
    with widened(actor):
        return _brought("guide", [actor.id], limit) if actor.kind == "staff" else []


def brought_by_person(person_ids: Sequence[int], *, actor: Actor, limit: int = 50) -> list[Brought]:
    """Of a customer or partner, by all born ids; for her own page."""
    with widened(actor):
        return _brought("person", person_ids, limit)


def _brought(kind: str, ids: Sequence[int], limit: int) -> list[Brought]:
    return sql.fetch_as(Brought, Q.brought, kind=kind, ids=list(ids), limit=min(limit, _MOST))


def bills(
    actor: Actor, *, states: Sequence[str] | None = None, ids: Sequence[int] | None = None
) -> list[BillView]:
    require_seeing(actor)
    rows: list[BillView] = sql.fetch_as(
        BillView,
        Q.bills,
        states=list(states) if states is not None else None,
        ids=list(ids) if ids is not None else None,
        limit=200,
    )
    return rows


def claims(actor: Actor, *, states: Sequence[str] | None = None) -> list[ClaimView]:
    """The open ones first."""
    require_seeing(actor)
    return sql.fetch_as(ClaimView, Q.claims, states=list(states) if states is not None else None, limit=200)


def batches(actor: Actor, *, limit: int = 50) -> list[Batch]:
    """What leads cost, and who bears it. Head office's to see; a dealer sees its share (`own_shares`)."""
    if not actor.sees_whole_brand:
        raise NotFound
    rows = sql.fetch(Q.batches, limit=min(limit, _MOST))
    shares: dict[int, list[tuple[int, int, int]]] = {}
    for r in sql.fetch(Q.shares, ids=[r.id for r in rows]):
        shares.setdefault(r.batch_id, []).append((r.dealer_id, r.permille, r.amount))
    return [Batch(r.id, r.title, r.cost, r.leads, r.taken, r.won, tuple(shares.get(r.id, ()))) for r in rows]


def own_shares(actor: Actor, *, limit: int = 50) -> list[Share]:
    if not may_see(actor):
        raise NotFound
    dealers: Any = sorted(actor.org_unit_ids)
    return sql.fetch_as(Share, Q.own_shares, dealers=dealers, limit=min(limit, _MOST))
