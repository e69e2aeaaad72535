"""Memberships kept for another app of the room: the values of tags are told by rules, and kept current as segments are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from huoshui.core import sql

Q = sql.load("huoshui.insight.segments")

_AT_ONCE = 2_000


class Spell(NamedTuple):
    """A membership as it stands. One that `went_on` began, or ended, as a person became one with another: nothing new is
    known of the human."""

    id: int
    segment_id: int
    person_id: int
    since: datetime
    until: datetime | None
    left_why: str
    version_no: int
    in_went_on: bool
    out_went_on: bool


class Keeper(NamedTuple):
    """`refuses` answers who of those judged to be in must not be, whatever the rule says; it asks for them only when it has to.
    `follow` is told of each membership that began or ended, in one transaction with the mark that it was told, and may be
    told the same one again. `known` names what rules may ask for of it, as `used_for` would."""

    refuses: Callable[[str, Callable[[], Sequence[int]]], set[int]]
    follow: Callable[[Sequence[Spell]], None]
    known: Callable[[], set[str]]


_keepers: dict[str, Keeper] = {}


def register(prefix: str, keeper: Keeper) -> None:
    """For segments whose `used_for` begins with this word and a full stop."""
    _keepers[prefix] = keeper


def refused(row: sql.Row) -> set[int]:
    keeper = _keepers.get(row.used_for.partition(".")[0])
    if keeper is None:
        return set()
    return keeper.refuses(
        row.used_for, lambda: [r.person_id for r in sql.fetch(Q.judged_in, segment_id=row.id)]
    )


def known() -> set[str]:
    return set().union(*(keeper.known() for keeper in _keepers.values()))


def follow() -> int:
    """Tell the keepers what they have not been told of. Returns how many memberships that were."""
    told = 0
    while made := _follow_some():
        told += made
    return told


def _follow_some() -> int:
    with transaction.atomic():
        spells = sql.fetch_as(Spell, Q.unfollowed, limit=_AT_ONCE)
        for keeper in _keepers.values() if spells else ():
            keeper.follow(spells)
        sql.run(Q.mark_followed, ids=[spell.id for spell in spells])
    return len(spells)
