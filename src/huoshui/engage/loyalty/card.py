"""What this room writes on a person's card."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from huoshui.core import clock, sql
from huoshui.engage.loyalty import standing
from huoshui.people import api as people

Q = sql.load("huoshui.engage.loyalty")


def rewrite(canonical_ids: list[int]) -> None:
    members = people.members_of(canonical_ids)
    rows = _figures(members)
    if stale := [r.canonical_id for r in rows if r.is_stale]:
        # Ids were merged or parted: together, or alone, they may have another tier
        standing.reassess(stale, at=clock.now())
        rows = _figures(members)
    people.write_card_loyalty(rows)


def _figures(members: Sequence[tuple[int, int]]) -> list[sql.Row]:
    ids_of: dict[int, list[int]] = defaultdict(list)
    for member, head in members:
        ids_of[head].append(member)
    return sql.fetch(
        Q.card_figures,
        person_ids=[m for m, _ in members],
        canonical_ids=[c for _, c in members],
        members=[",".join(map(str, sorted(ids))) if len(ids := ids_of[c]) > 1 else "" for _, c in members],
    )
