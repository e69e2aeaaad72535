"""From when until when a device was a person's: what is shown of `device_holder`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter, itemgetter

from huoshui.core import sql
from huoshui.core.subscribers import Expiry
from huoshui.people.identity.reads import canonical_id, members

Q = sql.load("huoshui.people.identity")


@dataclass(frozen=True)
class Device:
    """A device on which a person was known from `since` on, until somebody else was (None: nobody has been)."""

    identifier_id: int
    kind: str
    key: str
    since: datetime
    until: datetime | None


def devices(person_id: int) -> list[Device]:
    """The devices of a cluster, one entry for each time that it had one; a device that many share is nobody's."""
    human, found = canonical_id(person_id), []
    rows = sql.fetch(Q.holders_beside, person_ids=members(person_id))
    for _, group in groupby(rows, key=attrgetter("identifier_id")):
        of_device = list(group)
        told = [(r.since, int(r.canonical_id)) for r in of_device]
        first = of_device[0]
        found += [
            Device(first.identifier_id, first.kind, first.key, since, until)
            for since, until in terms(told, human)
        ]
    return sorted(found, key=lambda d: d.since)


def terms(told: Sequence[tuple[datetime, int]], human: int) -> list[tuple[datetime, datetime | None]]:
    """When this one had it, of those who were known there, in the order of time. Pure."""
    runs = [(who, next(some)[0]) for who, some in groupby(told, key=itemgetter(1))]
    ends: list[datetime | None] = [since for _, since in runs[1:]]
    return [(since, until) for (who, since), until in zip(runs, [*ends, None], strict=True) if who == human]


_ENDED = "设备以前是谁在用"


def _count_ended(before: datetime) -> Mapping[str, int]:
    return {_ENDED: int(sql.fetch_one(Q.count_ended_holders, before=before).ended)}


def _take_ended(before: datetime) -> Mapping[str, int]:
    return {_ENDED: sql.run(Q.drop_ended_holders, before=before)}


EXPIRY = Expiry(
    label=_ENDED,
    why="换人用以前的记录。三年前的浏览不会再补传了，留着只说明谁和谁用过同一台设备。现在是谁在用，一直留着。",
    days=1_095,
    count=_count_ended,
    take=_take_ended,
)
"""Whoever has a device at any moment that is not past its time is told by what stays."""
