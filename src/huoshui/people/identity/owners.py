"""Whose an identifier is, by the id its person was born with: what must stay with that person through merges and partings."""

from __future__ import annotations

from collections.abc import Sequence

from huoshui.core import sql

Q = sql.load("huoshui.people.identity")

Name = tuple[str, str, str]


def owners(names: Sequence[Name]) -> dict[Name, int]:
    """(kind, scope, key) → born id. What nobody has, and what many share, names nobody."""
    if not names:
        return {}
    rows = sql.fetch(
        Q.known_names,
        kinds=[n[0] for n in names],
        scopes=[n[1] for n in names],
        keys=[n[2] for n in names],
    )
    return {
        (r.kind, r.scope, r.key): int(r.person_id)
        for r in rows
        if r.person_id is not None and not r.is_guarded
    }
