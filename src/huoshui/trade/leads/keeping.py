"""Events written, and what they come to: the one place where the state of a lead changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from huoshui.core import sql
from huoshui.trade.leads import rules
from huoshui.trade.leads.types import Event, Lead, State

Q = sql.load("huoshui.trade.leads")

Change = tuple[int, State, Event]
"""A lead, as it was when it was locked, and what happens to it."""


def locked(lead_ids: Sequence[int]) -> list[Lead]:
    return sql.fetch_as(Lead, Q.locked, ids=sorted(set(lead_ids)))


def write(changes: Sequence[Change], *, now: datetime) -> dict[int, State]:
    """Two statements for any number. Raises LeadGone, and then nothing has changed."""
    after = {lead_id: rules.applied(was, event) for lead_id, was, event in changes}
    if not changes:
        return after
    events = [event for _, _, event in changes]
    ids = [lead_id for lead_id, _, _ in changes]
    sql.run(
        Q.add_events,
        lead_ids=ids,
        nos=[after[i].no for i in ids],
        kinds=[e.kind for e in events],
        dealers=[e.dealer_id for e in events],
        stores=[e.store_id for e in events],
        desks=[e.desk_id for e in events],
        stages=[e.stage for e in events],
        untils=[e.until for e in events],
        orders=[e.order_id for e in events],
        reasons=[e.reason for e in events],
        versions=[e.rule_version for e in events],
        actors=[e.actor for e in events],
        ats=[e.at for e in events],
    )
    states = [after[i] for i in ids]
    sql.run(
        Q.put_states,
        now=now,
        lead_ids=ids,
        states=[s.state for s in states],
        dealers=[s.dealer_id for s in states],
        stores=[s.store_id for s in states],
        desks=[s.desk_id for s in states],
        stages=[s.stage for s in states],
        untils=[s.until for s in states],
        helds=[s.held_at for s in states],
        tries=[s.tries for s in states],
        orders=[s.order_id for s in states],
        nos=[s.no for s in states],
    )
    return after
