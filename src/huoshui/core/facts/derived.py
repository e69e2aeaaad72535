"""Facts that follow from facts: tier reached, lead won. They carry a depth, so that a ring of rules is an error."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pyarrow as pa

from huoshui.core import sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.facts.actions import ensure_months
from huoshui.core.facts.types import Note

Q = sql.load("huoshui.core.facts")


@dataclass(frozen=True)
class Derived:
    """A fact about a known person that `cause_id` brought about; `key` makes it once for all time."""

    name: str
    person_id: int
    cause_id: int
    key: str
    body: dict[str, Any] = field(default_factory=dict)


class Noted(NamedTuple):
    fact_id: int
    person_id: int | None
    body: dict[str, Any]


def noted(key: str) -> Noted | None:
    """What `note` wrote under this key."""
    row = sql.fetch_one(Q.noted, key=key)
    return row and Noted(row.fact_id, row.person_id, json.loads(row.body))


def note(rows: Sequence[Note], *, actor: Actor) -> dict[str, int]:
    """Write what happened here, settled at once. Returns key → fact id of those not known before; a known key changes
    nothing and is left out."""
    if not rows:
        return {}
    ensure_months(pa.chunked_array([pa.array([r.occurred_at for r in rows], pa.timestamp("us", tz="UTC"))]))
    made = sql.fetch(
        Q.note,
        names=[r.name for r in rows],
        keys=[r.key for r in rows],
        person_ids=[r.person_id for r in rows],
        times=[r.occurred_at for r in rows],
        bodies=[json.dumps(r.body, ensure_ascii=False, default=str) for r in rows],
        actor=str(actor),
    )
    return {r.client_key: r.id for r in made}


def derive(rows: Sequence[Derived]) -> int:
    """Write derived facts, settled at once at the time of their cause. A known key changes nothing."""
    if not rows:
        return 0
    return sql.run(
        Q.derive,
        names=[r.name for r in rows],
        keys=[r.key for r in rows],
        person_ids=[r.person_id for r in rows],
        cause_ids=[r.cause_id for r in rows],
        bodies=[json.dumps(r.body | {"cause": r.cause_id}, ensure_ascii=False) for r in rows],
        actor=str(SYSTEM),
    )
