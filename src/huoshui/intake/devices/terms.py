"""The terms in which people have a device, and what follows when one is mended (ADR 0016, 0017).

A reading is of whoever had the device at its own time: what was told of somebody else is taken back and told again. Callers
hold the transaction, and the device.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from huoshui.core import clock, jobs, sql
from huoshui.core.errors import NotFound, Refused
from huoshui.core.facts import api as facts
from huoshui.core.facts import withdrawn
from huoshui.intake.devices import jobs as work
from huoshui.intake.devices.types import CONSENT, LONGEST_RULE
from huoshui.people import api as people

Q = sql.load("huoshui.intake.devices")

_LOWEST = -(1 << 62)


class Term(NamedTuple):
    id: int
    device_id: int
    member: str
    person_id: int
    since: datetime
    until: datetime | None


class Misplaced(NamedTuple):
    """A reading, whose it was said to be, and whose it is."""

    fact_id: int
    at: datetime
    was: int | None
    person_id: int | None


def given_key(binding_id: int) -> str:
    return f"device given:{binding_id}"


def ended_key(binding_id: int) -> str:
    return f"device taken back:{binding_id}"


def one(device_id: int, binding_id: int) -> Term:
    """Raises NotFound."""
    found = sql.fetch_as(Term, Q.one_term, device_id=device_id, binding_id=binding_id)
    if not found:
        raise NotFound
    return found[0]


def refuse_shared(
    device_id: int, member: str, since: datetime, until: datetime | None, *, but: int = 0
) -> None:
    """No reading may be of two: raises Refused where somebody else had it in that time."""
    other = sql.fetch_one(
        Q.terms_beside, device_id=device_id, member=member, since=since, until=until, but=but
    )
    if other is None:
        return
    if other.until is None:
        raise Refused("这台秤的这个成员已经绑定了别人，请先解绑，或者把秤转给新的顾客。")
    raise Refused("这段时间里这台秤是别人在用，请先改那一段的时间。")


def tell_again(device_id: int, member: str, since: datetime, until: datetime | None) -> int:
    """Readings of that time that are not of whoever had it then are taken back and told again. Returns how many. Raises
    Refused where they would be of somebody who does not allow it."""
    found = sql.fetch_as(Misplaced, Q.misplaced, device_id=device_id, member=member, since=since, until=until)
    if not found:
        return 0
    owners = sorted({one.person_id for one in found if one.person_id is not None})
    if owners and people.unconsented(owners, CONSENT):
        raise Refused("这位顾客撤回了身体数据的同意，读数不能记到他名下。")
    number = next_number()
    retell(number, found)
    unnotice(number, found)
    withdrawn.close_withdrawal(number)
    facts.wake_readers()
    jobs.defer(work.notice, queueing_lock="devices notice")
    return len(found)


def next_number() -> int:
    return _LOWEST + int(sql.fetch_one(Q.next_correction).id)


def retell(number: int, found: Sequence[Misplaced]) -> list[int]:
    """Taken back and told again, each of whoever it is of. The facts that tell of it now, in this order."""
    fact_ids = [one.fact_id for one in found]
    by = withdrawn.reverse_others(number, fact_ids)
    withdrawn.withdraw(number, [(fact_id, by[fact_id], True) for fact_id in fact_ids])
    told = withdrawn.retell(fact_ids)
    persons = {new: one.person_id for new, one in zip(told, found, strict=True) if one.person_id is not None}
    # As when they first came: whose it is their door has seen, and nothing else follows from them in the river
    facts.mark_settled(told, persons)
    withdrawn.keep_places(told)
    sql.run(Q.move_readings, fact_ids=fact_ids, retold_ids=told)
    return told


def unnotice(number: int, found: Sequence[Misplaced]) -> None:
    """What was noticed by readings that were another's never held; what is left of theirs is looked at again."""
    former = [(one.was, one) for one in found if one.was is not None]
    if not former:
        return
    canonical = people.canonical_ids(sorted({was for was, _ in former}))
    pairs = people.members_of(sorted(set(canonical.values())))
    noticed = sql.fetch(
        Q.notices_of_readings,
        of=[canonical[was] for was, _ in former],
        fact_ids=[one.fact_id for _, one in former],
        times=[one.at for _, one in former],
        whose=[c for _, c in pairs],
        members=[m for m, _ in pairs],
    )
    take_back_notes(number, [row.fact_id for row in noticed])
    sql.run(Q.void_notices, fact_ids=[row.fact_id for row in noticed], now=clock.now())
    times: dict[int, list[datetime]] = {}
    for was, reading in former:
        times.setdefault(canonical[was], []).append(reading.at)
    sql.run(
        Q.look_again,
        members=[m for m, _ in pairs],
        firsts=[min(times[c]) for _, c in pairs],
        lasts=[max(times[c]) for _, c in pairs],
        days=LONGEST_RULE,
    )


def take_back_notes(number: int, fact_ids: Sequence[int]) -> None:
    """Facts of our own that never held."""
    if fact_ids:
        by = withdrawn.reverse_others(number, fact_ids)
        withdrawn.withdraw(number, [(fact_id, by[fact_id], False) for fact_id in fact_ids])
