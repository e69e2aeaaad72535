"""Who wears which role, since when, and why; and what a professional is worth to us."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pyarrow as pa

from huoshui.core import sql
from huoshui.core.subscribers import XidRange
from huoshui.people.identity import reads as identity
from huoshui.people.relations import reads as relations
from huoshui.people.roles.types import Pro, Role

Q = sql.load("huoshui.people.roles")


def roles_of(person_id: int) -> list[Role]:
    """Every role of a human, past ones too: what is worn now first, then the latest."""
    rows = sql.fetch(Q.of_persons, person_ids=[identity.canonical_id(person_id)])
    found = [Role(r.name, r.since, r.until, r.rule_version, json.loads(r.why)) for r in rows]
    return sorted(found, key=lambda r: (r.until is not None, -(r.until or r.since).timestamp(), r.name))


def roles_now(person_ids: Sequence[int]) -> dict[int, list[str]]:
    """Each of these persons (any ids) → the names of the roles worn now."""
    canonical = identity.canonical_ids(list(dict.fromkeys(person_ids)))
    rows = sql.fetch(Q.of_persons, person_ids=sorted(set(canonical.values())))
    worn: dict[int, list[str]] = {}
    for r in rows:
        if r.until is None:
            worn.setdefault(r.person_id, []).append(r.name)
    return {p: worn.get(head, []) for p, head in canonical.items()}


def counts() -> dict[str, int]:
    """How many people wear each role now."""
    return {r.name: r.people for r in sql.fetch(Q.counts)}


def wearing(name: str, *, limit: int = 1_000) -> list[int]:
    """Canonical ids of those who wear a role now."""
    rows = sql.fetch(Q.wearing, name=name, limit=limit)
    return sorted(set(identity.canonical_ids([r.person_id for r in rows]).values()))


def pro_of(person_id: int) -> Pro | None:
    """What came of a professional: whom she brought, what those have bought since; None for whoever never was one."""
    role = next((r for r in roles_of(person_id) if r.name == "pro"), None)
    if role is None:
        return None
    head = identity.canonical_id(person_id)
    brought = relations.brought_of([head])
    members = identity.members_of(sorted(brought))
    rows = sql.fetch(
        Q.orders_since,
        person_ids=[m for m, _ in members],
        sinces=[brought[c].since for _, c in members],
    )
    own = sql.fetch(Q.bought, person_ids=[m for m, _ in identity.members_of([head])])
    return Pro(
        profession=str(role.why.get("detail", "")),
        since=role.since,
        until=role.until,
        people=len(brought),
        orders=len({r.order_id for r in rows}),
        amount=sum(r.amount for r in rows),
        own_orders=len({r.order_id for r in own}),
        own_amount=sum(r.amount for r in own),
    )


def state_changes(span: XidRange) -> pa.Table:
    return sql.copy_out(Q.state_changes, low=str(span.low), high=str(span.high))
