"""What follows the facts that tell of it now: others took them back and told them again (an import undone, people parted).

Readings go with their facts. So do claim codes, and the sample that came out on a claim is of whoever that is of. What was
noticed of one who turns out to be another never held: it is taken back, and looked at again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from huoshui.core import clock, sql
from huoshui.core.facts import api as facts
from huoshui.core.facts import withdrawn
from huoshui.core.subscribers import XidRange
from huoshui.intake.devices import terms
from huoshui.intake.devices.terms import Misplaced
from huoshui.intake.devices.types import BODY_MEASURED, LONGEST_RULE, SAMPLE_CLAIMED, SAMPLE_DISPENSED
from huoshui.people import api as people

Q = sql.load("huoshui.intake.devices")


class Moved(NamedTuple):
    """A fact, the one that stands for it now, and whose each is; nobody's, where the river has not said so yet."""

    fact_id: int
    retold_id: int
    at: datetime
    was: int | None
    person_id: int | None


def follow() -> int:
    """May be run again at will. Returns how many facts told again have been followed."""
    with facts.since_last_read("devices") as span:
        bounds = {"low": str(span.low), "high": str(span.high)}
        by = _Withdrawal()
        readings = sql.fetch_as(Moved, Q.withdrawn_readings, **bounds)
        if readings:
            _move_readings(readings, by)
        codes = [
            r.code for r in sql.fetch(Q.codes_told_again, **bounds, names=[SAMPLE_CLAIMED, SAMPLE_DISPENSED])
        ]
        if codes:
            _move_codes(codes, by)
        _part_notices(span, by)
        by.close()
        return len(readings) + len(codes)


class _Withdrawal:
    """Its number, taken when there is something to take back."""

    def __init__(self) -> None:
        self._number: int | None = None

    @property
    def number(self) -> int:
        self._number = terms.next_number() if self._number is None else self._number
        return self._number

    def close(self) -> None:
        if self._number is not None:
            withdrawn.close_withdrawal(self._number)
            facts.wake_readers()


def _move_readings(readings: Sequence[Moved], by: _Withdrawal) -> None:
    sql.run(
        Q.move_readings,
        fact_ids=[one.fact_id for one in readings],
        retold_ids=[one.retold_id for one in readings],
    )
    others = _keep_causes(readings)
    if others:
        terms.unnotice(by.number, [Misplaced(m.fact_id, m.at, m.was, m.person_id) for m in others])


def _move_codes(codes: Sequence[str], by: _Withdrawal) -> None:
    sql.fetch(Q.lock_codes, codes=sorted(codes))
    moved = sql.fetch_as(Moved, Q.point_codes, codes=sorted(codes))
    found = sql.fetch(Q.misplaced_samples, codes=sorted(codes))
    canonical = _canonical([r.was for r in found], [r.person_id for r in found])
    wrong = [r for r in found if canonical.get(r.was) != canonical.get(r.person_id)]
    if wrong:
        told = terms.retell(by.number, [Misplaced(r.fact_id, r.at, r.was, r.person_id) for r in wrong])
        sql.run(Q.point_outs, codes=[r.code for r in wrong], fact_ids=told)
        moved += [Moved(r.fact_id, new, r.at, r.was, r.person_id) for r, new in zip(wrong, told, strict=True)]
    if others := _keep_causes(moved):
        _take_back(by, sql.fetch(Q.notices_of_causes, fact_ids=[m.fact_id for m in others]))
        sql.run(Q.ask_again, fact_ids=[m.retold_id for m in others])


def _keep_causes(moved: Sequence[Moved]) -> list[Moved]:
    """What was noticed holds where it is still of the same one; the rest is returned."""
    canonical = _canonical([m.was for m in moved], [m.person_id for m in moved])
    same = [
        m
        for m in moved
        if m.was is not None and m.person_id is not None and canonical[m.was] == canonical[m.person_id]
    ]
    if same:
        sql.run(Q.move_causes, fact_ids=[m.fact_id for m in same], retold_ids=[m.retold_id for m in same])
    kept = {m.fact_id for m in same}
    return [m for m in moved if m.fact_id not in kept and m.was is not None]


def _part_notices(span: XidRange, by: _Withdrawal) -> None:
    """Whoever is another's part no more: what was noticed by a reading of theirs, under the other, is theirs."""
    parted = people.reclustered(span)
    if not parted:
        return
    found = sql.fetch(Q.notices_by_cause, person_ids=parted, names=[BODY_MEASURED, SAMPLE_DISPENSED])
    canonical = _canonical([r.was for r in found], [r.person_id for r in found])
    strays = [r for r in found if canonical[r.was] != canonical[r.person_id]]
    if not strays:
        return
    _take_back(by, strays)
    sql.run(Q.ask_again, fact_ids=[r.cause_id for r in strays])
    again = [(canonical[whose], r.at) for r in strays for whose in (r.was, r.person_id)]
    times: dict[int, list[datetime]] = {}
    for person_id, at in again:
        times.setdefault(person_id, []).append(at)
    pairs = people.members_of(sorted(times))
    sql.run(
        Q.look_again,
        members=[m for m, _ in pairs],
        firsts=[min(times[c]) for _, c in pairs],
        lasts=[max(times[c]) for _, c in pairs],
        days=LONGEST_RULE,
    )


def _take_back(by: _Withdrawal, notices: Sequence[sql.Row]) -> None:
    ids = sorted({row.fact_id for row in notices})
    if ids:
        terms.take_back_notes(by.number, ids)
        sql.run(Q.void_notices, fact_ids=ids, now=clock.now())


def _canonical(*persons: Sequence[int | None]) -> Mapping[int | None, int]:
    known = sorted({one for some in persons for one in some if one is not None})
    return people.canonical_ids(known) if known else {}  # type: ignore[return-value]  # asked for None, it has none
