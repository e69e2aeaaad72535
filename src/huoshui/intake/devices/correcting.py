"""Terms that were written down wrong: from when until when somebody had a device, or whether they had it at all."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import Refused
from huoshui.core.facts import api as facts
from huoshui.intake.devices import terms
from huoshui.intake.devices.binding import locked_device

Q = sql.load("huoshui.intake.devices")


def correct(
    device_id: int,
    binding_id: int,
    *,
    since: datetime,
    until: datetime | None,
    reason: str,
    actor: Actor,
) -> int:
    """Somebody had it from then until then (None: has it still). Readings that were another's, or nobody's, by the former times
    are told again. Returns how many. Raises NotFound; Refused, also where somebody else had it in that time."""
    reason = _given(reason)
    now = clock.now()
    if since > now or (until is not None and not since < until <= now):
        raise Refused("结束的时间要在开始之后，也不能在将来。")
    with transaction.atomic():
        locked_device(device_id)
        term = terms.one(device_id, binding_id)
        terms.refuse_shared(device_id, term.member, since, until, but=term.id)
        sql.run(Q.change_term, binding_id=binding_id, since=since, until=until, reason=reason, by=str(actor))
        retold = terms.tell_again(
            device_id,
            term.member,
            min(since, term.since),
            None if until is None or term.until is None else max(until, term.until),
        )
        record(
            actor,
            "device.term_corrected",
            "device",
            device_id,
            person_id=term.person_id,
            member=term.member,
            since=since,
            until=until,
            was_since=term.since,
            was_until=term.until,
            retold=retold,
            reason=reason,
        )
    return retold


def never_had(device_id: int, binding_id: int, *, reason: str, actor: Actor) -> int:
    """It was bound to the wrong person: their readings are nobody's, and on their timeline nothing is left of it. Returns how
    many readings were told again. Raises NotFound; Refused."""
    reason = _given(reason)
    with transaction.atomic():
        locked_device(device_id)
        term = terms.one(device_id, binding_id)
        sql.run(Q.drop_term, binding_id=binding_id)
        retold = terms.tell_again(device_id, term.member, term.since, term.until)
        said = [facts.noted(key) for key in (terms.given_key(binding_id), terms.ended_key(binding_id))]
        terms.take_back_notes(terms.next_number(), [note.fact_id for note in said if note is not None])
        facts.wake_readers()
        record(
            actor,
            "device.never_had",
            "device",
            device_id,
            person_id=term.person_id,
            member=term.member,
            was_since=term.since,
            was_until=term.until,
            retold=retold,
            reason=reason,
        )
    return retold


def _given(reason: str) -> str:
    reason = reason.strip()
    if not reason or len(reason) > 200:
        raise Refused("请写明为什么改，最多 200 个字。")
    return reason
