"""One transaction: which readings are new, of whom they are, and their facts. Set-based: as many queries for one as for
five hundred."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from msgspec import json as msgspec_json

from huoshui.core import clock, jobs, sql
from huoshui.core.actor import Actor
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import Source
from huoshui.intake.devices import jobs as work
from huoshui.intake.devices import rules, samples
from huoshui.intake.devices.types import (
    BODY_MEASURED,
    CONSENT,
    KINDS,
    SAMPLE_CLAIMED,
    SAMPLE_DISPENSED,
    SAMPLE_STUCK,
    VISITORS_COUNTED,
    Fault,
    Reading,
)
from huoshui.intake.river.api import identifier_row
from huoshui.people import api as people

Q = sql.load("huoshui.intake.devices")


class Seen(NamedTuple):
    """When a device was last heard, and how far its clock was ahead, where it told."""

    at: datetime
    offset: timedelta | None


class Whose(NamedTuple):
    """The person of a fact, where that is known; else what it carries for the river to find out."""

    person_id: int | None = None
    is_settled: bool = True
    carried: tuple[str, str, str, str | None, str | None] | None = None  # kind, scope, key, sealed, tail4


@dataclass
class Stored:
    """By place: facts that are new, why others were not taken in, and whether a claim gives. The rest was there before."""

    fact_ids: dict[int, int] = field(default_factory=dict)
    wrong: dict[int, Fault] = field(default_factory=dict)
    gives: dict[int, bool] = field(default_factory=dict)
    news: list[int] = field(default_factory=list)

    def __or__(self, other: Stored) -> Stored:
        return Stored(
            self.fact_ids | other.fact_ids,
            self.wrong | other.wrong,
            self.gives | other.gives,
            self.news + other.news,
        )


def store(readings: Sequence[Reading], seen: dict[int, Seen]) -> Stored:
    """Commits. `seen` is told of each device by its id."""
    stored = Stored()
    with transaction.atomic(durable=True):
        sql.by_index()
        sql.fetch(Q.lock_devices, device_ids=sorted({r.device.id for r in readings} | seen.keys()))
        new = _take_messages(readings)
        known = [r for r in readings if r.place not in new]
        stored.gives = samples.gives_again([r for r in known if r.name == SAMPLE_CLAIMED])
        fresh = [r for r in readings if r.place in new]
        bound = _bound([r for r in fresh if r.name == BODY_MEASURED and r.who is None])
        _refuse(fresh, bound, stored)
        good = [r for r in fresh if r.place not in stored.wrong]
        # A report of a dispenser is about a claim, which may have come with it
        of_dispensers = (SAMPLE_DISPENSED, SAMPLE_STUCK)
        _write([r for r in good if r.name not in of_dispensers], bound, stored)
        _write_outcomes([r for r in good if r.name in of_dispensers], stored)
        _release([r for r in fresh if r.place in stored.wrong])
        _tell_state(readings, known, stored, seen)
        if any(r.name == BODY_MEASURED for r in good):
            jobs.defer(work.notice, queueing_lock="devices notice")
    return stored


def _take_messages(readings: Sequence[Reading]) -> set[int]:
    """Places of those that nobody has told before. Of the same twice in one delivery the first counts."""
    first: dict[tuple[int, str], int] = {}
    for one in readings:
        first.setdefault((one.device.id, one.digest), one.place)
    keys = sorted(first)
    rows = sql.fetch(
        Q.take_messages, device_ids=[device for device, _ in keys], messages=[message for _, message in keys]
    )
    return {first[row.device_id, row.message.replace("-", "")] for row in rows}


def _bound(body: Sequence[Reading]) -> dict[int, int]:
    """By place, whose readings these are: of whoever had the device then."""
    if not body:
        return {}
    rows = sql.fetch(
        Q.bound,
        device_ids=[r.device.id for r in body],
        members=[r.member for r in body],
        times=[r.occurred_at for r in body],
    )
    return {body[row.place].place: row.person_id for row in rows}


def _refuse(fresh: Sequence[Reading], bound: Mapping[int, int], stored: Stored) -> None:
    stored.wrong |= samples.claim([r for r in fresh if r.name == SAMPLE_CLAIMED])
    stored.wrong |= _counted_before([r for r in fresh if r.interval])
    if bound:
        closed = people.unconsented(sorted(set(bound.values())), CONSENT)
        stored.wrong |= {
            place: Fault("consent_withdrawn") for place, person_id in bound.items() if person_id in closed
        }
    named = [r for r in fresh if r.name == BODY_MEASURED and r.who]
    if named:
        rows = sql.fetch(Q.bound_devices, device_ids=sorted({r.device.id for r in named}))
        owned = {row.device_id for row in rows}
        stored.wrong |= {
            r.place: Fault("person_of_a_bound_device", "/person") for r in named if r.device.id in owned
        }


def _counted_before(counts: Sequence[Reading]) -> dict[int, Fault]:
    if not counts:
        return {}
    asked = [(r.device.id, *r.interval) for r in counts if r.interval]
    rows = sql.fetch(
        Q.counted_over,
        device_ids=[d for d, _, _ in asked],
        froms=[start for _, start, _ in asked],
        tos=[end for _, _, end in asked],
    )
    over = rules.overlapping(asked, [(r.device_id, r.from_at, r.to_at) for r in rows])
    return {
        counts[n].place: Fault(
            "interval_known", "/from", **{"from": asked[n][1].isoformat(), "to": asked[n][2].isoformat()}
        )
        for n in over
    }


def _write(readings: Sequence[Reading], bound: Mapping[int, int], stored: Stored) -> None:
    if not readings:
        return
    whose = _whose(readings, bound)
    claims = [r for r in readings if r.name == SAMPLE_CLAIMED]
    more = samples.about([r.code for r in claims]) if claims else {}
    for one in claims:
        one.body.update(more.get(one.code, {}))
    _take_in(readings, whose, stored)
    ids = stored.fact_ids
    if claims:
        samples.claimed_by(claims, [ids[r.place] for r in claims])
        stored.gives |= {r.place: True for r in claims}
    _add_counts([r for r in readings if r.name == VISITORS_COUNTED], ids)
    _add_readings([r for r in readings if r.name == BODY_MEASURED], whose, ids)


def _write_outcomes(reports: Sequence[Reading], stored: Stored) -> None:
    if not reports:
        return
    claims = samples.claims_of(reports)
    good: dict[str, Reading] = {}
    for one in reports:
        if one.code in claims and one.code not in good:
            good[one.code] = one
        else:
            stored.wrong[one.place] = Fault("sample_not_claimed", "/code")
    if not good:
        return
    readings = list(good.values())
    more = samples.about(list(good))
    whose = {}
    for one in readings:
        one.body.update(more.get(one.code, {}))
        whose[one.place] = _of_claim(claims[one.code])
    _take_in(readings, whose, stored)
    samples.came_out(readings, [stored.fact_ids[r.place] for r in readings])


def _of_claim(row: sql.Row) -> Whose:
    if row.person_id is not None:
        return Whose(row.person_id)
    return Whose(
        None, False, (row.kind, row.scope, row.key, f"\\x{row.sealed}" if row.sealed else None, row.tail4)
    )


def _whose(readings: Sequence[Reading], bound: Mapping[int, int]) -> dict[int, Whose]:
    """By place. A reading is of whoever is bound to its device then, or of whom it names; of nobody else, ever."""
    found = {r.place: Whose(bound.get(r.place)) for r in readings}
    named = [r for r in readings if r.who]
    if named:
        carried = [(r.place, *r.who[:2], identifier_row(r.who[0], r.who[2])) for r in named if r.who]
        rows_of = {place: (kind, scope, *row) for place, kind, scope, row in carried if row}
        at = {r.place: r.occurred_at for r in named}
        known = people.recognise(
            [((row[0], row[1], row[2]),) for row in rows_of.values()], [at[place] for place in rows_of]
        )
        for (place, row), person_id in zip(rows_of.items(), known, strict=True):
            is_known = person_id != people.NEWS
            found[place] = Whose(person_id if is_known else None, is_known, row)
    return found


def _take_in(readings: Sequence[Reading], whose: dict[int, Whose], stored: Stored) -> None:
    by_kind: dict[str, list[Reading]] = defaultdict(list)
    for one in readings:
        by_kind[one.device.kind].append(one)
    now = clock.now()
    for kind, some in sorted(by_kind.items()):
        source = source_of(kind)
        told = facts.Told(
            names=[r.name for r in some],
            keys=[f"{r.device.code}:{r.message_id}" for r in some],
            hashes=[r.digest for r in some],
            times=[r.occurred_at for r in some],
            person_ids=[whose[r.place].person_id for r in some],
            settled=[whose[r.place].is_settled for r in some],
            bodies=[msgspec_json.encode(r.body) for r in some],
            identifiers=[
                facts.Carried(n, *row) for n, r in enumerate(some) if (row := whose[r.place].carried)
            ],
        )
        ids = facts.take_in(
            told, source=source, received_at=now, actor=Actor("source", source.id, source.name)
        )
        stored.fact_ids |= {r.place: fact_id for r, fact_id in zip(some, ids, strict=True)}
        stored.news += [
            fact_id for r, fact_id in zip(some, ids, strict=True) if not whose[r.place].is_settled
        ]


def source_of(kind: str) -> Source:
    return facts.ensure_source(name=f"device:{kind}", label=KINDS[kind], mode="live")


def _add_counts(counts: Sequence[Reading], ids: dict[int, int]) -> None:
    if not counts:
        return
    spans = [r.interval for r in counts if r.interval]
    sql.run(
        Q.add_counts,
        device_ids=[r.device.id for r in counts],
        froms=[start for start, _ in spans],
        tos=[end for _, end in spans],
        units=[r.device.org_unit_id for r in counts],
        ins=[r.counts[0] for r in counts],
        outs=[r.counts[1] for r in counts],
        fact_ids=[ids[r.place] for r in counts],
    )


def _add_readings(readings: Sequence[Reading], whose: dict[int, Whose], ids: dict[int, int]) -> None:
    rows = [(r, metric, value) for r in readings for metric, value in r.metrics.items()]
    if not rows:
        return
    of = [whose[r.place] for r, _, _ in rows]
    sql.run(
        Q.add_readings,
        fact_ids=[ids[r.place] for r, _, _ in rows],
        metrics=[metric for _, metric, _ in rows],
        amounts=[value for _, _, value in rows],
        times=[r.occurred_at for r, _, _ in rows],
        device_ids=[r.device.id for r, _, _ in rows],
        person_ids=[one.person_id for one in of],
        # Of nobody, and the river will find nobody: nothing follows from it
        noticed=[one.is_settled and one.person_id is None for one in of],
    )


def _release(wrong: Sequence[Reading]) -> None:
    if wrong:
        sql.run(
            Q.release_messages,
            device_ids=[r.device.id for r in wrong],
            messages=[r.digest for r in wrong],
        )


def _tell_state(
    readings: Sequence[Reading], known: Sequence[Reading], stored: Stored, seen: dict[int, Seen]
) -> None:
    taken = Counter(r.device.id for r in readings if r.place in stored.fact_ids)
    repeated = Counter(r.device.id for r in known)
    ids = sorted(seen)
    sql.run(
        Q.tell_state,
        device_ids=ids,
        seen=[seen[i].at for i in ids],
        taken=[taken[i] for i in ids],
        repeated=[repeated[i] for i in ids],
        offsets=[
            None if (offset := seen[i].offset) is None else int(offset / timedelta(milliseconds=1))
            for i in ids
        ],
    )
