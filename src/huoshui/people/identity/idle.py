"""Who has been with us for how long: what retention asks of identity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from huoshui.core import sql
from huoshui.people.identity.reads import members_of

Q = sql.load("huoshui.people.identity")

_STRETCH = 50_000


def heads_born_before(before: datetime) -> Iterator[list[int]]:
    """Canonical ids of persons born before then who are still known by something, a stretch at a time. One may come again."""
    after = 0
    while rows := sql.fetch(Q.known_heads, before=before, after=after, limit=_STRETCH):
        after = rows[-1].person_id
        yield [r.head_id for r in rows]


def clusters_of(heads: Sequence[int]) -> dict[int, list[int]]:
    """Canonical id → all born ids."""
    found: dict[int, list[int]] = {}
    for member, head in members_of(heads):
        found.setdefault(head, []).append(member)
    return found


def born_since(person_ids: Sequence[int], since: datetime) -> set[int]:
    return {r.id for r in sql.fetch(Q.born_since, person_ids=list(person_ids), since=since)}
