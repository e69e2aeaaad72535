"""Take in what was tracked: read, check, store, answer. Consequences belong to the river."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple

from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.facts.aside import OF_DATA
from huoshui.core.facts.names import OF_PERSONS
from huoshui.core.facts.told import Carried, take_in
from huoshui.core.facts.told import Told as NewFacts
from huoshui.core.facts.types import CONSENTS
from huoshui.core.gather import Gathers
from huoshui.core.retry import retrying
from huoshui.core.wire import Asked
from huoshui.intake.river.api import identifier_row
from huoshui.intake.tracking import aside, faults, identifiers, orders, plan, reading
from huoshui.intake.tracking.aside import Rejected
from huoshui.intake.tracking.identifiers import Identifier
from huoshui.intake.tracking.plan import seen
from huoshui.intake.tracking.selling import sold
from huoshui.intake.tracking.settling import settler
from huoshui.intake.tracking.types import (
    ACCEPTED,
    DUPLICATE,
    EVENTS,
    GROUP,
    IDENTIFY,
    ORDERS,
    PAGE,
    PEOPLE,
    REJECTED,
    SCREEN,
    TRACK,
    Event,
    Fault,
    Frame,
    Verdict,
    Writer,
)
from huoshui.people import api as people

Q = sql.load("huoshui.intake.tracking")

logger = logging.getLogger(__name__)

__all__ = ["Told", "faults", "take", "take_one"]

SINGLES_AT_ONCE = 256


class Told(NamedTuple):
    """One event as it came, by whom, and how."""

    writer: Writer
    raw: bytes
    frame: Frame


def take(told: Sequence[Told], *, keep: bool = True) -> list[Verdict]:
    """Verdicts of these events, all of one source, in their order. All that was accepted is committed, and what was
    rejected is kept for mending, unless it comes from there.

    Raises RetryLater when others stood in the way for too long; told again, nothing counts twice.
    """
    verdicts: list[Verdict | None] = [None] * len(told)
    events, wrong = _read(told, verdicts)
    plain = [event for event in events if event.name not in orders.NAMES]
    stored = _stored(told[0].writer, plain) if plain else _Stored()
    for event in plain:
        verdicts[event.place] = _verdict(event, stored)
    wrong += [(place, fault) for place, fault in stored.wrong.items()]
    for event, outcome in sold(told[0].writer, [e for e in events if e.name in orders.NAMES]):
        if isinstance(outcome, Fault):
            wrong.append((event.place, outcome))
        else:
            verdicts[event.place] = outcome
    if wrong and keep:
        _set_aside(told, wrong)
    for place, fault in wrong:
        verdicts[place] = _rejected(told[place], fault)
    _count(told[0].writer, [e for e in events if verdicts[e.place].status == ACCEPTED])  # type: ignore[union-attr]  # each has its verdict by now
    _count_repeated(told[0].writer, verdicts)
    settler.call(stored.news)
    return verdicts  # type: ignore[return-value]


def take_one(told: Told) -> Verdict:
    """Those of one source that wait in this process go together in one transaction."""
    return _together.ask(told.writer.source.id, told)


def _take_together(_source_id: int, told: Sequence[Told]) -> list[Verdict]:
    return take(told)


_together: Gathers[int, Told, Verdict] = Gathers(_take_together, most=SINGLES_AT_ONCE)


def _read(
    told: Sequence[Told], verdicts: list[Verdict | None]
) -> tuple[list[Event], list[tuple[int, Fault]]]:
    declared = plan.current()
    events: list[Event] = []
    wrong: list[tuple[int, Fault]] = []
    in_hand: set[str] = set()
    for place, one in enumerate(told):
        try:
            event = read_one(one, place, declared)
        except Fault as fault:
            wrong.append((place, fault))
            continue
        except OF_DATA as error:  # we fail over it, and over nothing else of the request
            logger.exception("an event was set aside")
            wrong.append((place, Fault("event_not_storable", reason=type(error).__name__)))
            continue
        if event.digest in in_hand:
            verdicts[place] = Verdict(event.message_id, DUPLICATE)
            continue
        in_hand.add(event.digest)
        events.append(event)
    return events, wrong


def read_one(told: Told, place: int, declared: plan.Plan) -> Event:
    """Raises Fault."""
    by_contact = people.KINDS[told.writer.user_id_kind].is_contact
    read = reading.read(told.raw, told.frame, by_contact=by_contact)
    _refuse_unscoped(read.kind, read.name, told.writer)
    plan.check(
        declared, read.name, read.values, "/traits" if read.kind in (IDENTIFY, GROUP) else "/properties"
    )
    carried, warnings = identifiers.carried(read, told.writer)
    return Event(
        place=place,
        kind=read.kind,
        name=read.name,
        message_id=read.message_id,
        digest=read.digest,
        occurred_at=read.occurred_at,
        body=read.body,
        values=read.values,
        identifiers=carried,
        traits=_traits(read, declared) if read.kind == IDENTIFY else {},
        warnings=(*read.warnings, *warnings) if read.warnings or warnings else (),
    )


def _traits(read: reading.Read, declared: plan.Plan) -> dict[str, str]:
    more = frozenset(p.name for p in declared.get(read.name, ()) if p.klass in plan.LAKE_CLASSES)
    return identifiers.traits(read, more)


def _refuse_unscoped(kind: str, name: str, writer: Writer) -> None:
    of_track = ORDERS if name in orders.NAMES else EVENTS
    is_behaviour = kind in (TRACK, PAGE, SCREEN) and name not in OF_PERSONS
    scope = of_track if is_behaviour else PEOPLE
    if scope not in writer.scopes:
        raise Fault("key_may_not", "/type" if scope == PEOPLE and kind != TRACK else "/event", scope=scope)


@dataclass
class _Stored:
    """What became of events: new (with their fact ids), of another source, not storable; the rest was there before."""

    fact_ids: dict[int, int] = field(default_factory=dict)  # by place
    wrong: dict[int, Fault] = field(default_factory=dict)
    news: list[int] = field(default_factory=list)  # fact ids that await the river


def _verdict(event: Event, stored: _Stored) -> Verdict:
    if event.place in stored.fact_ids:
        return Verdict(
            event.message_id, ACCEPTED, warnings=event.warnings, fact_id=stored.fact_ids[event.place]
        )
    return Verdict(event.message_id, DUPLICATE)


def _stored(writer: Writer, events: Sequence[Event]) -> _Stored:
    """What the database cannot hold is found by halves; the keys of messages make the repetition harmless."""
    try:
        return retrying(partial(_store, writer, events))
    except OF_DATA as error:
        if len(events) == 1:
            reason = (str(error).splitlines() or ["?"])[0]
            return _Stored(wrong={events[0].place: Fault("event_not_storable", reason=reason)})
        half = len(events) // 2
        one, other = _stored(writer, events[:half]), _stored(writer, events[half:])
        return _Stored(one.fact_ids | other.fact_ids, one.wrong | other.wrong, one.news + other.news)


def _store(writer: Writer, events: Sequence[Event]) -> _Stored:
    stored = _Stored()
    source = writer.source
    actor = Actor("source", source.id, source.name)
    with transaction.atomic(durable=True), sql.pipelined():
        sql.by_index()
        taken = _take_messages(source.id, events)
        of_whom = _of_whom(events)  # of a few that were told before, too: asked in one flight with their keys
        ((messages,),) = sql.rows_as(tuple, taken)
        if messages is not None:
            new = {message.replace("-", "") for message in messages}
            stored.wrong = _of_others(source.id, [e for e in events if e.digest not in new])
            events = [e for e in events if e.digest in new]
        if not events:
            return stored
        told, settled = _columns(events, of_whom)
        fact_ids = take_in(told, source=source, received_at=clock.now(), actor=actor)
    stored.fact_ids = {event.place: fact_id for event, fact_id in zip(events, fact_ids, strict=True)}
    stored.news = [fact_id for fact_id, is_settled in zip(fact_ids, settled, strict=True) if not is_settled]
    return stored


def _take_messages(source_id: int, events: Sequence[Event]) -> Asked:
    return sql.ask(
        Q.take_messages,
        source_id=source_id,
        messages=[e.digest for e in events],
        today=clock.now().date(),
    )


def _of_others(source_id: int, known: Sequence[Event]) -> dict[int, Fault]:
    """Those whose messageId another source has used: perhaps a guess at ours, so the event is kept aside."""
    rows = sql.fetch(Q.sources_of_messages, messages=[e.digest for e in known])
    others = {row.message.replace("-", "") for row in rows if row.source_id != source_id}
    return {e.place: Fault("message_of_another", "/messageId") for e in known if e.digest in others}


class _OfWhom(NamedTuple):
    rows: Mapping[Identifier, tuple[str, str | None, str | None]]
    """Each identifier as `core` keeps it."""
    persons: Mapping[int, int | None]
    """By place, as `people.recognise` says."""


def _of_whom(events: Sequence[Event]) -> _OfWhom:
    rows = {name: _row(name[0], name[2]) for e in events for name in e.identifiers}
    carried = [tuple([(k, s, rows[k, s, v][0]) for k, s, v in e.identifiers]) for e in events]
    known = people.recognise(carried, [e.occurred_at for e in events])
    return _OfWhom(rows, {e.place: person for e, person in zip(events, known, strict=True)})


def _columns(events: Sequence[Event], of_whom: _OfWhom) -> tuple[NewFacts, list[bool]]:
    """The events as `core.facts` takes them in, and which of them need nothing more of the river."""
    persons = [of_whom.persons[event.place] for event in events]
    settled = [
        person != people.NEWS and event.kind != IDENTIFY and event.name not in CONSENTS
        for person, event in zip(persons, events, strict=True)
    ]
    told = NewFacts(
        names=[e.name for e in events],
        keys=[e.message_id for e in events],
        hashes=[e.digest for e in events],
        times=[e.occurred_at for e in events],
        person_ids=[person if done else None for person, done in zip(persons, settled, strict=True)],
        settled=settled,
        bodies=[e.body for e in events],
    )
    for place, event in enumerate(events):
        for name in event.identifiers:
            told.identifiers.append(Carried(place, name[0], name[1], *of_whom.rows[name]))
        if event.traits:
            told.traits += [(place, name, value) for name, value in event.traits.items()]
    return told, settled


def _row(kind: str, value: str) -> tuple[str, str | None, str | None]:
    """As `core` keeps it. What names nobody was left out when the event was read."""
    if people.KINDS[kind].is_contact:
        return identifier_row(kind, value) or ("", None, None)
    return value, None, None


def _set_aside(told: Sequence[Told], wrong: Sequence[tuple[int, Fault]]) -> None:
    rejected = [
        Rejected(told[place].raw, fault, told[place].frame, told[place].writer.scopes)
        for place, fault in wrong
    ]
    retrying(partial(_keep, told[0].writer, rejected))


def _rejected(told: Told, fault: Fault) -> Verdict:
    message_id = aside.glance(told.raw).messageId
    text = str(message_id) if isinstance(message_id, str | int) else ""
    return Verdict(text, REJECTED, fault.code, fault.pointer, fault.detail)


def _keep(writer: Writer, rejected: Sequence[Rejected]) -> None:
    with transaction.atomic(durable=True):
        aside.keep(writer, rejected)


def _count(writer: Writer, events: Sequence[Event]) -> None:
    shapes: dict[tuple[int, str, tuple[str, ...]], tuple[int, Mapping[str, Any]]] = {}
    times: Counter[tuple[int, str, tuple[str, ...]]] = Counter()
    for event in events:
        shape = (writer.source.id, event.name, tuple(event.values))
        times[shape] += 1
        shapes.setdefault(shape, (0, event.values))
    seen.add({shape: (times[shape], values) for shape, (_, values) in shapes.items()})


def _count_repeated(writer: Writer, verdicts: Sequence[Verdict | None]) -> None:
    repeated = sum(verdict is not None and verdict.status == DUPLICATE for verdict in verdicts)
    if repeated:
        seen.add_repeated(writer.source.id, repeated)
