"""What devices are there, what they told, and of whom."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.core.unmet import sentence
from huoshui.intake.devices import rules
from huoshui.intake.devices.types import OF_A_PERSON
from huoshui.people import api as people

Q = sql.load("huoshui.intake.devices")

LATEST = (1 << 63) - 1
_FOR_ALL = frozenset({"kind", "days", "advice", "sample"})
_SLICE, _FURTHEST = 500, 20_000
OFFSET_SHOWN = timedelta(seconds=120)


@dataclass(frozen=True)
class DeviceView:
    id: int
    code: str
    kind: str
    name: str
    store_code: str
    org_unit_id: int | None
    rate_per_minute: int
    is_on: bool
    created_at: datetime
    key_made_at: datetime
    last_seen_at: datetime | None
    offset_ms: int
    offset_at: datetime | None
    taken: int
    repeated: int
    aside: int
    dropped: int
    dropped_at: datetime | None
    persons: int

    @property
    def offset(self) -> timedelta | None:
        """How far its clock is ahead of ours, where that is worth a word."""
        found = timedelta(milliseconds=self.offset_ms)
        return found if abs(found) > OFFSET_SHOWN else None


@dataclass(frozen=True)
class Binding:
    """A person who has a scale: since when, and how it is used of late."""

    id: int
    device_id: int
    device: str
    member: str
    person_id: int
    since: datetime
    until: datetime | None
    consent_at: datetime
    last_at: datetime | None
    readings: int


@dataclass(frozen=True)
class Had:
    """Somebody has or had a device: from when until when, and what it told of them in that time."""

    id: int
    device_id: int
    device: str
    member: str
    person_id: int
    since: datetime
    until: datetime | None
    reason: str
    readings: int
    last_at: datetime | None


@dataclass(frozen=True)
class AsideView:
    id: int
    message_id: str
    code: str
    sentence: str
    pointer: str
    times: int
    received_at: datetime


@dataclass(frozen=True)
class Notice:
    """Something a guide should know of a person. `said` is what its fact says, with figures only for who may see them."""

    fact_id: int
    kind: str
    person_id: int
    at: datetime
    said: Mapping[str, Any]
    state: str
    done_at: datetime | None


class PersonFact(NamedTuple):
    fact_id: int
    name: str
    at: datetime
    body: dict[str, Any]


class Counted(NamedTuple):
    """People in and out of a store within an hour of the brand's clock."""

    org_unit_id: int
    hour: datetime
    ins: int
    outs: int


def list_devices() -> list[DeviceView]:
    return sql.fetch_as(DeviceView, Q.device_list, device_id=0)


def device_view(device_id: int) -> DeviceView:
    """Raises NotFound."""
    found = sql.fetch_as(DeviceView, Q.device_list, device_id=device_id) if device_id else []
    if not found:
        raise NotFound
    return found[0]


def bindings(device_id: int = 0, *, is_now: bool = True, limit: int = 500) -> list[Binding]:
    """Who has a scale (of this device, or any): the longest unused first. `readings`: of the last four weeks."""
    since = clock.now() - timedelta(days=rules.REGULAR_DAYS)
    return sql.fetch_as(Binding, Q.bindings, device_id=device_id, since=since, is_now=is_now, limit=limit)


def terms_of_device(device_id: int, *, is_over: bool = False, limit: int = 100) -> list[Had]:
    """Who had this device, whoever has it now first; `is_over`: only those who have it no more."""
    return sql.fetch_as(
        Had, Q.terms_of_device, device_id=device_id, binding_id=0, is_over=is_over, limit=limit
    )


def term_of(device_id: int, binding_id: int) -> Had:
    """Raises NotFound."""
    asked = {"device_id": device_id, "binding_id": binding_id, "is_over": False, "limit": 1}
    found = sql.fetch_as(Had, Q.terms_of_device, **asked) if binding_id else []
    if not found:
        raise NotFound
    return found[0]


def devices_of(actor: Actor, person_id: int, *, limit: int = 50) -> list[Had]:
    """Which devices a person the actor may see has or had, the latest first. Raises NotFound."""
    if person_id not in people.visible_persons(actor, [person_id]):
        raise NotFound
    return sql.fetch_as(Had, Q.terms_of_person, person_ids=people.members(person_id), limit=limit)


def asides(device_id: int, *, limit: int = 50) -> list[AsideView]:
    return [
        AsideView(
            id=row.id,
            message_id=row.message_id,
            code=row.code,
            sentence=sentence(row.code, _loaded(row.detail)),
            pointer=row.pointer,
            times=row.times,
            received_at=row.received_at,
        )
        for row in sql.fetch(Q.asides, device_id=device_id, limit=limit)
    ]


def notices(actor: Actor, *, state: str = "open", limit: int = 100) -> list[Notice]:
    """The latest, of persons whom the actor may see; to guides only what rules let them see, and without figures. A store's
    may lie far down among the brand's: slice by slice, as far as `_FURTHEST`."""
    found: list[Notice] = []
    before = LATEST
    for _ in range(_FURTHEST // _SLICE):
        some = _slice(actor, state, before)
        found += some.notices
        if len(found) >= limit or not some.is_followed:
            break
        before = some.last
    return found[:limit]


class _Slice(NamedTuple):
    notices: list[Notice]
    last: int
    is_followed: bool


def _slice(actor: Actor, state: str, before: int) -> _Slice:
    rows = sql.fetch(Q.notices, state=state, is_all=actor.sees_whole_brand, before=before, limit=_SLICE)
    seen = people.visible_persons(actor, sorted({row.person_id for row in rows}))
    shown = [_notice(row, seen[row.person_id], actor) for row in rows if row.person_id in seen]
    return _Slice(shown, rows[-1].fact_id if rows else 0, len(rows) == _SLICE)


def _notice(row: sql.Row, person_id: int, actor: Actor) -> Notice:
    said = _loaded(row.said)
    return Notice(
        fact_id=row.fact_id,
        kind=row.kind,
        person_id=person_id,
        at=row.at,
        said={k: v for k, v in said.items() if actor.sees_whole_brand or k in _FOR_ALL},
        state=row.state,
        done_at=row.done_at,
    )


def find_notice_for(actor: Actor, fact_id: int) -> Notice:
    """Raises NotFound for one that is absent or of a person who is not the actor's to see."""
    row = sql.fetch_one(Q.one_notice, fact_id=fact_id, is_all=actor.sees_whole_brand)
    if row is None:
        raise NotFound
    seen = people.visible_persons(actor, [row.person_id])
    if row.person_id not in seen:
        raise NotFound
    return _notice(row, seen[row.person_id], actor)


def facts_of(actor: Actor, person_id: int, *, limit: int = 20) -> list[PersonFact]:
    """What devices told of a person the actor may see, newest first. Raises NotFound."""
    if person_id not in people.visible_persons(actor, [person_id]):
        raise NotFound
    rows = sql.fetch(
        Q.person_facts, person_ids=people.members(person_id), names=list(OF_A_PERSON), limit=limit
    )
    return [PersonFact(row.fact_id, row.name, row.occurred_at, _loaded(row.body)) for row in rows]


def counted(store_ids: Sequence[int], start: datetime, end: datetime) -> list[Counted]:
    """People counted into and out of these stores (org unit ids) by hour, of intervals that began in [start, end). Hours in
    which nothing was counted have no row: that is not zero, it is unknown."""
    return sql.fetch_as(
        Counted, Q.counted, store_ids=list(store_ids), start=start, end=end, zone=settings.HUOSHUI_ZONE
    )


def broker_users() -> list[tuple[str, str]]:
    """(code, password hash) of devices that are on."""
    return sql.fetch_as(tuple, Q.broker_users)


def _loaded(value: Any) -> dict[str, Any]:
    """Django leaves jsonb as text."""
    found: dict[str, Any] = json.loads(value) if isinstance(value, str) else value
    return found


def repeated() -> dict[str, int]:
    """Source (its name) → how many readings came again, and were counted once."""
    return {f"device:{r.kind}": r.times for r in sql.fetch(Q.repeated)}
