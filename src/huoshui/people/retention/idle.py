"""People of whom nothing was heard for so long that there is nothing left to know them for.

They are forgotten just as who asks for it (`rights.erasing`): their sales stay, nobody's, and what they were known by stays as
marks, so that an old list does not bring them back.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice

from huoshui.core import sql
from huoshui.people.consent.reads import spoken_since
from huoshui.people.identity import idle as identity
from huoshui.people.retention import rules
from huoshui.people.rights import erasing
from huoshui.people.rights.reads import asking

Q = sql.load("huoshui.people.retention")

A_NIGHT = 10_000
"""No more humans than these at once: each night the logs, kept files and lake are read once for all of them."""
_HOUSE = "huoshui"
_WORD = "久未往来的顾客"


def count(before: datetime) -> Mapping[str, int]:
    return {_WORD: sum(1 for _ in _idle(before))}


def take(before: datetime) -> Mapping[str, int]:
    """All of tonight's in one erasure, which a worker that was killed takes up like any other."""
    humans = list(islice(_idle(before), A_NIGHT))
    if not humans:
        return {_WORD: 0}
    case_id = erasing.lapse([born for ids in humans for born in ids], via="保存期限到了")
    erasing.erase([case_id])
    return {_WORD: len(humans)}


def _idle(before: datetime) -> Iterator[tuple[int, ...]]:
    """Whole humans (all born ids), each once; a stretch of everybody at a time."""
    told: set[int] = set()
    for heads in identity.heads_born_before(before):
        new = sorted(set(heads) - told)
        members = identity.clusters_of(new)
        ids = sorted(born for of in members.values() for born in of)
        quiet = rules.idle(members, _busy(ids, before))
        told.update(head for head, of in quiet.items() if len(of) > 1)  # those of one are met once only
        yield from quiet.values()


def _busy(ids: list[int], since: datetime) -> set[int]:
    heard = {r.person_id for r in sql.fetch(Q.busy, person_ids=ids, since=since, house=_HOUSE)}
    return heard | identity.born_since(ids, since) | spoken_since(ids, since) | asking(ids)
