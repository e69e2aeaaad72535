"""Writes of context: figures and campaigns that others tell. Callers hold the transaction."""

from __future__ import annotations

from collections.abc import Sequence

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.insight.context.types import Event, Figure

Q = sql.load("huoshui.insight.context")


def record_figures(
    figures: Sequence[Figure], *, kind: str, source_id: int, run_id: int | None = None, actor: Actor
) -> int:
    """`kind`: targets, market, promotion or groups. Returns how many were new or other than before."""
    changed = sql.run(
        Q.record_figures,
        kind=kind,
        source_id=source_id,
        run_id=run_id,
        subjects=[f.subject for f in figures],
        metrics=[f.metric for f in figures],
        starts=[f.period_start for f in figures],
        ends=[f.period_end for f in figures],
        values=[str(f.value) for f in figures],
        units=[f.unit for f in figures],
        origins=[f.origin for f in figures],
        notes=[f.note for f in figures],
    )
    if changed:
        record(actor, "figures.recorded", "source", source_id, kind=kind, changed=changed)
    return changed


def record_events(events: Sequence[Event], *, source_id: int, run_id: int | None = None, actor: Actor) -> int:
    """Campaigns as a calendar. Returns how many were new or other than before."""
    changed = sql.run(
        Q.record_events,
        source_id=source_id,
        run_id=run_id,
        names=[e.name for e in events],
        starts=[e.starts_on for e in events],
        ends=[e.ends_on for e in events],
        channels=[e.channel for e in events],
        scopes=[e.scope for e in events],
        budgets=[e.budget for e in events],
        costs=[e.cost for e in events],
        notes=[e.note for e in events],
    )
    if changed:
        record(actor, "events.recorded", "source", source_id, changed=changed)
    return changed
