"""All ids of one human."""

from __future__ import annotations

from collections.abc import Sequence

from huoshui.people import api as people


def kin_of(person_ids: Sequence[int]) -> dict[int, list[int]]:
    """Each person's ids, his own first."""
    canonical = people.canonical_ids(person_ids)
    members: dict[int, list[int]] = {}
    for member, head in people.members_of(sorted(set(canonical.values()))):
        members.setdefault(head, []).append(member)
    return {
        p: [p] if len(ids := members[canonical[p]]) == 1 else [p, *(m for m in ids if m != p)]
        for p in person_ids
    }
