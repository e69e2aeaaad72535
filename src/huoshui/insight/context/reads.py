from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from huoshui.core import sql
from huoshui.insight.context.types import Event, Figure

Q = sql.load("huoshui.insight.context")


def figures(
    kind: str, *, first: date, last: date, metric: str | None = None, subjects: Sequence[str] | None = None
) -> list[Figure]:
    """Figures of this kind whose period touches these days."""
    rows = sql.fetch(
        Q.figures,
        kind=kind,
        first=first,
        last=last,
        metric=metric,
        subjects=None if subjects is None else list(subjects),
    )
    return [
        Figure(r.subject, r.metric, r.period_start, r.period_end, r.value, r.unit, r.origin) for r in rows
    ]


def events(*, first: date, last: date) -> list[Event]:
    """What was going on in these days."""
    rows = sql.fetch(Q.events, first=first, last=last)
    return [Event(r.name, r.starts_on, r.ends_on, r.channel, r.scope, r.budget, r.cost, r.note) for r in rows]
