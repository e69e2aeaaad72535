from __future__ import annotations

import json
from typing import Any

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.core.subscribers import registry
from huoshui.people.retention.types import Counts, Rule, Run

Q = sql.load("huoshui.people.retention")


def rules_of(actor: Actor) -> list[Rule]:
    """Every class of data that rooms keep for a time, as delivered or as somebody has set it. For the head office."""
    if not actor.sees_whole_brand:
        raise NotFound
    changed = {r.name: r for r in sql.fetch(Q.rules)}
    last = {r.name: r for r in sql.fetch(Q.last_taken)}
    return [_rule(name, changed.get(name), last.get(name)) for name in registry.expiries]


def _rule(name: str, row: Any, last: Any) -> Rule:
    delivered = registry.expiries[name]
    return Rule(
        name=name,
        label=delivered.label,
        why=delivered.why,
        days=row.days if row else delivered.days,
        least=delivered.least,
        is_on=bool(row and row.is_on),
        tonight=_counts(row.counted) if row else {},
        counted_days=row.counted_days if row else None,
        counted_at=row.counted_at if row else None,
        last=_counts(last.taken) if last else {},
        last_at=last.ended_at if last else None,
    )


def _counts(told: Any) -> Counts:
    found: Counts = json.loads(told) if isinstance(told, str) else told
    return found


def runs(actor: Actor, *, limit: int = 20) -> list[Run]:
    """The latest first."""
    if not actor.sees_whole_brand:
        raise NotFound
    return [
        Run(**{**row._asdict(), "taken": _counts(row.taken), "failed": _counts(row.failed)})
        for row in sql.fetch(Q.runs, limit=limit)
    ]
