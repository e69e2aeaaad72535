"""All that identity knows of everybody, as whole tables: what people are compared by (`people.matching`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from huoshui.core import sql
from huoshui.core.crypto import unseal

Q = sql.load("huoshui.people.identity")

_STRETCH = 20_000


def persons() -> pa.Table:
    """person_id, canonical_id of all who were not erased."""
    return sql.copy_out(Q.every_person)


def phone_tails() -> pa.Table:
    """person_id, tail."""
    return sql.copy_out(Q.every_tail)


def of_kinds(kinds: Sequence[str]) -> pa.Table:
    """person_id, kind, scope, key of identifiers that nobody shares; keyed hashes of contacts."""
    return sql.copy_out(Q.every_of_kinds, kinds=list(kinds))


def emails() -> Iterator[tuple[int, str]]:
    """(person, address). The plain values pass through: whoever asks keeps nothing of them but keyed hashes."""
    after = 0
    while rows := sql.fetch(Q.sealed_emails, after=after, limit=_STRETCH):
        after = rows[-1].id
        yield from ((r.person_id, unseal(bytes(r.sealed))) for r in rows)


def joined_by_evidence() -> pa.Table:
    """person_a, person_b whom their own identifiers have made one."""
    return sql.copy_out(Q.joined_by_evidence)


def parted() -> list[tuple[int, int]]:
    """Pairs that somebody has parted."""
    return sql.fetch_as(tuple, Q.every_parted)


def undone(link_ids: Sequence[int]) -> set[int]:
    """Those of these links that were taken back."""
    return {r.id for r in sql.fetch(Q.links_undone, ids=list(link_ids))}
