"""Whose a device is: given to a person, and taken back. Readings before and after are not theirs."""

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
from huoshui.intake.devices.models import Device
from huoshui.intake.devices.reading import MOST_MEMBER, MOST_NOTICE
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
    with the version of the notice they were shown. Withdrawn there, their readings are not taken any more. Raises
    NotFound; Refused.
    """
    member = member.strip()
    if len(member) > MOST_MEMBER:
        raise Refused("成员最多写 40 个字。")
    notice_version = notice_version.strip()
    if not notice_version or len(notice_version) > MOST_NOTICE:
        raise Refused("身体数据要顾客单独同意才能收。请写明给顾客看的是哪一版告知书。")
    now = clock.now()
    with transaction.atomic():
        device = _locked(device_id)
        if device.kind != SCALE:
            raise Refused("只有体脂秤可以绑定顾客。")
        if sql.fetch_one(Q.open_binding, device_id=device_id, binding_id=0, member=member):
            raise Refused("这台秤的这个成员已经绑定了别人，请先解绑。")
        person = people.canonical_id(person_id)
        begins = _begin(device_id, member, since or now, now)
        made = sql.fetch_one(
            Q.bind,
            device_id=device_id,
            member=member,
            person_id=person,
            since=begins,
            consent_at=now,
            by=str(actor),
        )
        said = people.Said(CONSENT, "", True, notice_version=notice_version, place=f"device:{device.code}")
        people.say_consent(person, [said], actor=actor)
        body = {"device": device.code, "device_name": device.name, "member": member, "notice": notice_version}
        facts.note([Note(DEVICE_GIVEN, f"device given:{made.id}", person, now, body)], actor=actor)
        record(actor, "device.given", "device", device_id, person_id=person, member=member, consent_at=now)
    return int(made.id)


def _begin(device_id: int, member: str, since: datetime, now: datetime) -> datetime:
    """Not before the last who had it gave it back: no reading may be of two."""
    if since > now:
        raise Refused("开始的时间不能在将来。")
    until = sql.fetch_one(Q.last_of_member, device_id=device_id, member=member).until
    return max(since, until) if until else since


def take_back(device_id: int, binding_id: int, *, actor: Actor) -> None:
    """From now on its readings are nobody's; those of before stay. Raises NotFound."""
    now = clock.now()
    with transaction.atomic():
        device = _locked(device_id)
        row = sql.fetch_one(Q.open_binding, device_id=device_id, binding_id=binding_id, member=None)
        if row is None or not binding_id:
            raise NotFound
        sql.run(Q.unbind, binding_id=binding_id, until=now)
        body = {"device": device.code, "device_name": device.name, "member": row.member}
        facts.note(
            [Note(DEVICE_TAKEN_BACK, f"device taken back:{binding_id}", row.person_id, now, body)],
            actor=actor,
        )
        record(actor, "device.taken_back", "device", device_id, person_id=row.person_id, member=row.member)


def _locked(device_id: int) -> Device:
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
