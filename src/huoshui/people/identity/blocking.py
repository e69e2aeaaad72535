"""Identifiers that are kept already, and whose values name nobody by some masks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from huoshui.core import sql
from huoshui.core.crypto import lookup_key, unseal
from huoshui.core.phone import NotAPhone
from huoshui.people.identity.kinds import DELIVERED
from huoshui.people.identity.nothing import OTHERS
from huoshui.people.identity.rules import plain
from huoshui.people.identity.ruleset import NUMBERS, Ruleset

Q = sql.load("huoshui.people.identity")

_STRETCH = 50_000


def blocked(masks: Mapping[str, tuple[str, ...]]) -> frozenset[int]:
    """Their ids. Contacts are opened only for a mask with wildcards: a whole value is found by its hash."""
    by = Ruleset(0, DELIVERED, masks)
    found: set[int] = set()
    for kind, known in DELIVERED.items():
        of_kind = [*masks.get(kind, ()), *(masks.get(OTHERS, ()) if kind not in NUMBERS else ())]
        if not of_kind:
            continue
        if known.is_contact and not any(c in mask for mask in of_kind for c in "*?="):
            keys = list(_keys(kind, of_kind))
            found |= {r.id for r in sql.fetch(Q.of_keys, kind=kind, keys=keys)}
        else:
            found |= {i for i, value in _values(kind) if by.is_blocked(kind, value)}
    return frozenset(found)


def _keys(kind: str, values: Sequence[str]) -> Iterator[str]:
    for value in values:
        try:
            yield lookup_key(plain(kind, value))
        except NotAPhone:
            continue  # nothing that is no phone was ever kept as one


def _values(kind: str) -> Iterator[tuple[int, str]]:
    after = 0
    while rows := sql.fetch(Q.values_of_kind, kind=kind, after=after, limit=_STRETCH):
        after = rows[-1].id
        for r in rows:
            if not DELIVERED[kind].is_contact:
                yield r.id, r.key
            elif r.sealed is not None:
                yield r.id, unseal(bytes(r.sealed))
