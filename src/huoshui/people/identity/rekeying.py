"""Contacts found by the hash of a new generation of keys (`core.rotating`), without a moment in which one is not found.

While doors still ask by the old hash, every contact gets a twin under the new one. Then doors ask by the new. Then each
takes its twin in, and with it what happened to it meanwhile. Only values say what is left to do, so it may be killed anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from django.db import IntegrityError, transaction

from huoshui.core import crypto, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.rotating import next_hash
from huoshui.people.identity import actions
from huoshui.people.identity.reads import canonical_id
from huoshui.people.identity.rules import KINDS

Q = sql.load("huoshui.people.identity")

CONTACTS = tuple(name for name, kind in KINDS.items() if kind.is_contact)
_SLICE = 2_000
_TRIES = 5


class _Old(NamedTuple):
    id: int
    old: str
    word: str


def add_twins(between: Callable[[], None]) -> int:
    """Put every contact beside itself under the new hash. Returns how many were not there yet."""
    made, hash_of = 0, next_hash()
    for rows in _slices():
        due = _old(rows, hash_of)
        with transaction.atomic():
            made += sql.run(Q.add_twins, **_columns(due, hash_of))
        between()
    return made


def take_in_twins(between: Callable[[], None]) -> int:
    """Give every contact the new hash; its twin is no more. Returns how many had the old."""
    done = 0
    for rows in _slices():
        due = _old(rows, crypto.lookup_key)
        if due:
            done += _take_in(due)
        between()
    return done


def count_old() -> tuple[int, int]:
    """How many contacts have the old hash or seal, and how many nobody can hash anew, since their value was not kept."""
    old = unreadable = 0
    for rows in _slices():
        readable = [r for r in rows if r.sealed is not None]
        unreadable += len(rows) - len(readable)
        old += len(_old(rows, crypto.lookup_key))
    return old, unreadable


def _slices() -> Iterator[list[sql.Row]]:
    after = 0
    while rows := sql.fetch(Q.contacts_kept, after=after, kinds=list(CONTACTS), limit=_SLICE):
        after = rows[-1].key
        yield rows


def _old(rows: Sequence[sql.Row], hash_of: Callable[[str], str]) -> list[_Old]:
    words = [(r, crypto.unseal(bytes(r.sealed))) for r in rows if r.sealed is not None]
    return [
        _Old(r.key, r.hash, word)
        for r, word in words
        if hash_of(word) != r.hash or not crypto.is_sealed_now(bytes(r.sealed))
    ]


def _columns(due: Sequence[_Old], hash_of: Callable[[str], str]) -> dict[str, list[object]]:
    return {
        "ids": [one.id for one in due],
        "hashes": [hash_of(one.word) for one in due],
        "sealed": ["\\x" + crypto.seal(one.word).hex() for one in due],
    }


def _take_in(due: Sequence[_Old]) -> int:
    for _ in range(_TRIES):
        try:
            with transaction.atomic():
                return _take_in_now(due)
        except IntegrityError:  # somebody was met under the new hash just now: he is seen the next time
            continue
    raise actions.IdentifierRace


def _take_in_now(due: Sequence[_Old]) -> int:
    # No link is made by a twin while it goes
    sql.fetch(Q.lock_clusters)
    rows = sql.fetch(Q.twins, olds=[one.old for one in due], **_columns(due, crypto.lookup_key))
    twins = [r for r in rows if r.twin_id is not None and r.twin_id != r.id]
    linked = [r for r in twins if r.has_linked]
    if linked:
        sql.run(Q.hand_links_over, twin_ids=[r.twin_id for r in linked], ids=[r.id for r in linked])
    if twins:
        sql.run(Q.take_in_twins, twin_ids=[r.twin_id for r in twins], ids=[r.id for r in twins])
    sql.run(
        Q.rekey,
        ids=[r.id for r in rows],
        hashes=[r.hash for r in rows],
        sealed=[r.sealed for r in rows],
    )
    for r in twins:
        if r.is_anothers and r.person_id is not None and r.twin_person_id is not None:
            _join(r.person_id, r.twin_person_id)
    return len(rows)


def _join(one: int, other: int) -> None:
    """She was met by a door that did not know the new hash yet, and by one that did."""
    if canonical_id(one) != canonical_id(other):
        why = "更换密钥的时候，同一个号码登记了两次"
        actions.merge(person_a=one, person_b=other, reason=why, actor=SYSTEM)
