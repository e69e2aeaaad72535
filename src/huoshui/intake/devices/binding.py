"""Whose a device is: given to a person, handed to the next, and taken back. Readings before and after are not theirs."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import Note
from huoshui.core.phone import NotAPhone
from huoshui.intake.devices import terms
from huoshui.intake.devices.models import Device
from huoshui.intake.devices.reading import MOST_MEMBER, MOST_NOTICE
from huoshui.intake.devices.terms import Term
from huoshui.intake.devices.types import CONSENT, DEVICE_GIVEN, DEVICE_TAKEN_BACK, SCALE
from huoshui.people import api as people

Q = sql.load("huoshui.intake.devices")


def give(
    device_id: int,
    *,
    person_id: int,
    notice_version: str,
    member: str = "",
    since: datetime | None = None,
    actor: Actor,
) -> int:
    """Bind a scale, or one member of the household that uses it, to a person. Returns the binding's id.

    What a body weighs is sensitive: nobody is bound without a consent of its own, which goes into their ledger of consent
    with the version of the notice they were shown. Withdrawn there, their readings are not taken any more. `since` may be in
    the past: what was nobody's from then on is told again as theirs. Raises NotFound; Refused, also where somebody else had
    it in that time.
    """
    member = member.strip()
    if len(member) > MOST_MEMBER:
        raise Refused("成员最多写 40 个字。")
    now = clock.now()
    with transaction.atomic():
        device = locked_device(device_id)
        if device.kind != SCALE:
            raise Refused("只有体脂秤可以绑定顾客。")
        binding_id = _bind(device, member, person_id, since or now, notice_version, now, actor)
        terms.tell_again(device_id, member, since or now, None)
    return binding_id


def _bind(
    device: Device,
    member: str,
    person_id: int,
    since: datetime,
    notice_version: str,
    now: datetime,
    actor: Actor,
) -> int:
    notice_version = notice_version.strip()
    if not notice_version or len(notice_version) > MOST_NOTICE:
        raise Refused("身体数据要顾客单独同意才能收。请写明给顾客看的是哪一版告知书。")
    if since > now:
        raise Refused("开始的时间不能在将来。")
    terms.refuse_shared(device.id, member, since, None)
    person = people.canonical_id(person_id)
    made = sql.fetch_one(
        Q.bind,
        device_id=device.id,
        member=member,
        person_id=person,
        since=since,
        consent_at=now,
        by=str(actor),
    )
    said = people.Said(CONSENT, "", True, notice_version=notice_version, place=f"device:{device.code}")
    people.say_consent(person, [said], actor=actor)
    body = {"device": device.code, "device_name": device.name, "member": member, "notice": notice_version}
    facts.note([Note(DEVICE_GIVEN, terms.given_key(made.id), person, now, body)], actor=actor)
    record(
        actor,
        "device.given",
        "device",
        device.id,
        person_id=person,
        member=member,
        since=since,
        consent_at=now,
    )
    return int(made.id)


def take_back(
    device_id: int, binding_id: int, *, at: datetime | None = None, reason: str = "", actor: Actor
) -> None:
    """From then on (now) its readings are nobody's; those of before stay. Raises NotFound; Refused."""
    with transaction.atomic():
        device = locked_device(device_id)
        term = _open(device_id, binding_id)
        _end(device, term, at or clock.now(), reason.strip(), actor)
        terms.tell_again(device_id, term.member, at or clock.now(), None)


def hand_over(
    device_id: int,
    binding_id: int,
    *,
    person_id: int,
    notice_version: str,
    at: datetime | None = None,
    reason: str,
    actor: Actor,
) -> int:
    """From then on (now) it is the next person's: readings of before stay the former's, also those that come late; later ones
    are the next's, and are told again where they had been counted for the former. Returns the new binding's id.

    Raises NotFound; Refused.
    """
    reason = reason.strip()
    if not reason:
        raise Refused("请写明为什么换人，例如转送家人。")
    now = clock.now()
    with transaction.atomic():
        device = locked_device(device_id)
        term = _open(device_id, binding_id)
        if people.canonical_id(person_id) == people.canonical_id(term.person_id):
            raise Refused("现在就是这位顾客在用。")
        _end(device, term, at or now, reason, actor)
        made = _bind(device, term.member, person_id, at or now, notice_version, now, actor)
        terms.tell_again(device_id, term.member, at or now, None)
    return made


def _open(device_id: int, binding_id: int) -> Term:
    term = terms.one(device_id, binding_id)
    if term.until is not None:
        raise NotFound
    return term


def _end(device: Device, term: Term, at: datetime, reason: str, actor: Actor) -> None:
    if not term.since <= at <= clock.now():
        raise Refused("结束的时间要在开始之后，也不能在将来。")
    sql.run(Q.change_term, binding_id=term.id, since=term.since, until=at, reason=reason[:200], by=str(actor))
    body = {"device": device.code, "device_name": device.name, "member": term.member}
    note = Note(DEVICE_TAKEN_BACK, terms.ended_key(term.id), term.person_id, clock.now(), body)
    facts.note([note], actor=actor)
    record(
        actor,
        "device.taken_back",
        "device",
        device.id,
        person_id=term.person_id,
        member=term.member,
        until=at,
        reason=reason,
    )


def locked_device(device_id: int) -> Device:
    """Raises NotFound. While it is held, no reading of it is taken in."""
    device = Device.objects.filter(id=device_id).first()
    if device is None or sql.fetch_one(Q.lock_device, device_id=device_id) is None:
        raise NotFound
    return device


def find_person(text: str) -> int | None:
    """Whom somebody means by a phone, a member number or a card number. Their canonical id."""
    for kind in ("phone", "member_no", "card_no"):
        try:
            if (found := people.find(kind, text.strip())) is not None:
                return found
        except NotAPhone:
            continue
    return None
