"""Who stands in which relation to whom. Ids are canonical as of now: a merge or a parting shows at once, and nothing is
rewritten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa

from huoshui.core import sql
from huoshui.core.subscribers import XidRange
from huoshui.people.consent.reads import unprofiled
from huoshui.people.identity import reads as identity
from huoshui.people.relations import rules
from huoshui.people.relations.rules import Claim
from huoshui.people.relations.types import Bringing, Brought, Edge, Proposal, Reach

Q = sql.load("huoshui.people.relations")

_RANKED = 4  # so many times those asked for are counted exactly


def edges_of(person_id: int) -> list[Edge]:
    """Every relation of a human, under all of his ids: what holds first, the newest first. What never held is left out."""
    head = identity.canonical_id(person_id)
    mine = [m for m, _ in identity.members_of([head])]
    rows = sql.fetch(Q.around, person_ids=mine)
    canonical = identity.canonical_ids(
        sorted({id_ for r in rows for id_ in (r.from_person_id, r.to_person_id)})
    )
    first = _first_of(canonical[r.to_person_id] for r in rows if r.kind == "brought" and r.until is None)
    found = {}
    for r in rows:
        from_id, to_id = canonical[r.from_person_id], canonical[r.to_person_id]
        if from_id == to_id or r.until == r.since:
            continue
        is_outward = from_id == head
        counts = r.until is None and (r.kind != "brought" or first[to_id].from_id == from_id)
        found[r.id] = Edge(
            r.id,
            r.kind,
            to_id if is_outward else from_id,
            is_outward,
            r.since,
            r.until,
            r.origin,
            r.evidence_fact_id,
            r.actor,
            r.reason,
            r.ended_by,
            r.ended_reason,
            counts,
        )
    return sorted(found.values(), key=lambda e: (e.until is not None, -e.since.timestamp(), e.id))


def reach(person_id: int, *, depth: int = rules.MOST_DEEP) -> Reach:
    """Whom a person brought, whom those brought, and so on: each human once, at the shortest way.

    Level by level, three statements each, however many stand in it; a ring ends where it comes back.
    """
    head = identity.canonical_id(person_id)
    seen, level = {head}, [head]
    tree: list[Brought] = []
    for far in range(1, depth + 1):
        new = {to: claim for to, claim in brought_of(level).items() if to not in seen}
        if not new:
            return Reach(head, tuple(tree), is_cut=False)
        tree += [Brought(to, far, new[to].from_id, new[to].since) for to in sorted(new)]
        seen |= new.keys()
        level = sorted(new)
    return Reach(head, tuple(tree), is_cut=bool(brought_of(level).keys() - seen))


def brought_of(person_ids: Sequence[int]) -> dict[int, Claim]:
    """Newcomer → that one of these brought her, where nobody else did so before. All canonical."""
    mine = [m for m, _ in identity.members_of(person_ids)]
    said = _claims(sql.fetch(Q.brought_by, person_ids=mine))
    first = _first_of({claim.to_id for claim in said})
    own = set(person_ids)
    return {to: claim for to, claim in first.items() if claim.from_id in own}


def _first_of(newcomers: Iterable[int]) -> dict[int, Claim]:
    heads = sorted(set(newcomers))
    if not heads:
        return {}
    members = [m for m, _ in identity.members_of(heads)]
    return rules.first_claims(_claims(sql.fetch(Q.bringers_of, person_ids=members)))


def _claims(rows: Sequence[sql.Row]) -> list[Claim]:
    canonical = identity.canonical_ids(
        sorted({id_ for r in rows for id_ in (r.from_person_id, r.to_person_id)})
    )
    return [Claim(canonical[r.from_person_id], canonical[r.to_person_id], r.since, r.id) for r in rows]


def most_bringing(*, limit: int = 50) -> list[tuple[int, list[int]]]:
    """Who brings most: (canonical id, whom). Ranked by what is said of all; of those in front each newcomer is counted once."""
    raw = {r.person_id: r.brought for r in sql.fetch(Q.bringers)}
    sums: dict[int, int] = defaultdict(int)
    for person_id, head in identity.canonical_ids(sorted(raw)).items():
        sums[head] += raw[person_id]
    front = sorted(sums, key=lambda p: (-sums[p], p))[: limit * _RANKED]
    whom: dict[int, list[int]] = defaultdict(list)
    for to, claim in sorted(brought_of(front).items()):
        whom[claim.from_id].append(to)
    return sorted(whom.items(), key=lambda one: (-len(one[1]), one[0]))[:limit]


def bringings(members: Mapping[int, int]) -> list[Bringing]:
    """Whom these persons (born id → canonical) brought, as long as each held, of several claims the first."""
    rows = sql.fetch(Q.bringings_of, person_ids=list(members))
    if not rows:
        return []
    canonical = identity.canonical_ids(sorted({r.to_person_id for r in rows}))
    first = _first_of(canonical.values())
    found = []
    for r in rows:
        head, other = members[r.from_person_id], canonical[r.to_person_id]
        is_first = r.until is not None or other not in first or first[other].from_id == head
        if head != other and is_first:
            found.append(Bringing(head, other, r.since, r.until, r.id, r.evidence_fact_id))
    return sorted(found, key=lambda b: (b.since, b.relation_id))


def beside(person_ids: Sequence[int]) -> set[int]:
    """Who stands at an end of any relation of these (any ids of their clusters): born ids. Who these are matters to them."""
    members = [m for m, _ in identity.members_of(sorted(set(identity.canonical_ids(person_ids).values())))]
    return {
        id_ for r in sql.fetch(Q.around, person_ids=members) for id_ in (r.from_person_id, r.to_person_id)
    }


def proposals_of(person_id: int) -> list[Proposal]:
    """Perhaps of one household: nobody has said yes or no, nor that nothing be guessed of them."""
    head = identity.canonical_id(person_id)
    rows = sql.fetch(Q.open_of, person_ids=[m for m, _ in identity.members_of([head])])
    canonical = identity.canonical_ids(sorted({id_ for r in rows for id_ in (r.person_a, r.person_b)}))
    others = [
        Proposal(
            r.id, next((c for p in (r.person_a, r.person_b) if (c := canonical[p]) != head), head), r.ground
        )
        for r in rows
    ]
    refused = unprofiled([head, *(p.other_id for p in others)]) if others else set()
    return [p for p in others if p.other_id != head and not refused & {head, p.other_id}]


def counts() -> dict[str, int]:
    """How many relations of each kind hold."""
    return {r.kind: r.relations for r in sql.fetch(Q.counts)}


def open_proposals() -> int:
    return int(sql.fetch_one(Q.count_open).proposals)


def changed_persons(span: XidRange) -> list[int]:
    return [r.person_id for r in sql.fetch(Q.changed_persons, low=str(span.low), high=str(span.high))]


def state_changes(span: XidRange) -> pa.Table:
    return sql.copy_out(Q.state_changes, low=str(span.low), high=str(span.high))
