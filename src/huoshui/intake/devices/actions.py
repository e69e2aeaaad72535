"""Take in what devices tell: read, check, store, answer. Consequences belong to the river."""

from __future__ import annotations

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple

from django.db import transaction

from huoshui.core import clock, crypto, sql
from huoshui.core.crypto import seal
from huoshui.core.facts.aside import OF_DATA
from huoshui.core.retry import retrying
from huoshui.intake.devices import faults, reading
from huoshui.intake.devices.storing import Seen, Stored, store
from huoshui.intake.devices.types import ACCEPTED, DUPLICATE, REJECTED, Fault, Post, Reading, Verdict
from huoshui.intake.river import api as river

Q = sql.load("huoshui.intake.devices")

__all__ = ["faults", "give_up", "kept", "kept_json", "note_dropped", "take"]

MOST_ASIDE = 500
"""So many reasons of one device are kept at once; a device gone mad fills no disk."""

logger = logging.getLogger(__name__)


class _Raw(NamedTuple):
    post: Post
    raw: bytes


def take(posts: Sequence[Post], *, keep: bool = True) -> list[list[Verdict]]:
    """Verdicts of the readings of each post, in their order. All that was accepted is committed; what was rejected is kept
    aside with its reason, unless it comes from there.

    Raises RetryLater when others stood in the way for too long; told again, nothing counts twice.
    """
    raws = [_Raw(post, raw) for post in posts for raw in post.readings]
    readings, wrong = _read(raws)
    stored = _stored(readings, _seen(posts))
    wrong |= stored.wrong
    if wrong and keep:
        retrying(partial(_set_aside, raws, wrong))
    by_place = {r.place: r for r in readings}
    verdicts = [_verdict(n, one, by_place.get(n), stored, wrong.get(n)) for n, one in enumerate(raws)]
    _settle(stored.news)
    found = iter(verdicts)
    return [[next(found) for _ in post.readings] for post in posts]


def _read(raws: Sequence[_Raw]) -> tuple[list[Reading], dict[int, Fault]]:
    readings, wrong = [], {}
    for place, one in enumerate(raws):
        try:
            readings.append(reading.read(one.raw, place, one.post))
        except Fault as fault:
            wrong[place] = fault
        except OF_DATA as error:  # we fail over it, and over nothing else of the delivery
            logger.exception("a reading was set aside")
            wrong[place] = Fault("reading_not_storable", reason=type(error).__name__)
    return readings, wrong


def _seen(posts: Sequence[Post]) -> dict[int, Seen]:
    found: dict[int, Seen] = {}
    for post in posts:
        offset = post.sent_at - post.received_at if post.sent_at is not None and post.is_live else None
        before = found.get(post.device.id)
        found[post.device.id] = Seen(
            post.received_at, offset if offset is not None or before is None else before.offset
        )
    return found


def _stored(readings: Sequence[Reading], seen: dict[int, Seen]) -> Stored:
    """What the database cannot hold is found by halves; the keys of messages make the repetition harmless."""
    try:
        return retrying(partial(store, readings, seen))
    except OF_DATA as error:
        if not readings:
            raise
        if len(readings) == 1:
            reason = (str(error).splitlines() or ["?"])[0]
            return Stored(wrong={readings[0].place: Fault("reading_not_storable", reason=reason)})
        half = len(readings) // 2
        return _stored(readings[:half], seen) | _stored(readings[half:], seen)


def _verdict(place: int, one: _Raw, read: Reading | None, stored: Stored, fault: Fault | None) -> Verdict:
    message_id = read.message_id if read else reading.glance(one.raw)
    if fault is not None:
        gives = False if fault.code.startswith("sample_code") else None
        return Verdict(message_id, REJECTED, fault.code, fault.pointer, fault.detail, gives=gives)
    fact_id = stored.fact_ids.get(place)
    status = DUPLICATE if fact_id is None else ACCEPTED
    return Verdict(message_id, status, fact_id=fact_id, gives=stored.gives.get(place))


def _settle(news: Sequence[int]) -> None:
    """An identifier nobody has seen makes a person: at once, for few do. What cannot be done now the sweep does."""
    if not news:
        return
    try:
        river.settle(list(news))
    except Exception as error:
        logger.warning("readings are left to the sweep: %s", error)


def _set_aside(raws: Sequence[_Raw], wrong: Mapping[int, Fault]) -> None:
    rows = {}
    for place, fault in wrong.items():
        post, raw = raws[place]
        digest = crypto.digest(hashlib.blake2b(fault.code.encode() + raw, digest_size=16).hexdigest())
        rows[post.device.id, digest] = (fault, raw)
    with transaction.atomic(durable=True):
        sql.run(
            Q.set_aside,
            device_ids=[device_id for device_id, _ in rows],
            digests=[digest for _, digest in rows],
            message_ids=[reading.glance(raw) for _, raw in rows.values()],
            codes=[fault.code for fault, _ in rows.values()],
            details=[kept_json(fault.detail) for fault, _ in rows.values()],
            pointers=[fault.pointer for fault, _ in rows.values()],
            bodies=[seal(kept(fault.code, raw)).hex() for fault, raw in rows.values()],
            at=clock.now(),
            most=MOST_ASIDE,
        )


def kept(code: str, raw: bytes) -> str:
    """The reading without the person it names: what is set aside leads to nobody. Of who has not consented, nothing."""
    given = reading.opened(raw) if code != "consent_withdrawn" else {}
    return kept_json({name: value for name, value in given.items() if name != "person"})


def give_up(post: Post) -> list[Verdict]:
    """Readings that we fail over are kept aside, for whoever mends us."""
    raws = [_Raw(post, raw) for raw in post.readings]
    fault = Fault("reading_not_storable", reason="?")
    retrying(partial(_set_aside, raws, dict.fromkeys(range(len(raws)), fault)))
    return [Verdict(reading.glance(raw), REJECTED, fault.code, "", fault.detail) for raw in post.readings]


def kept_json(detail: Mapping[str, object]) -> str:
    return json.dumps(detail, default=str, ensure_ascii=False).replace("\\u0000", "")


def note_dropped(dropped: Mapping[int, int]) -> None:
    """So many readings of each device were above its rate and were not kept."""
    counts = Counter({device_id: n for device_id, n in dropped.items() if n})
    if counts:
        with transaction.atomic():
            sql.run(Q.tell_dropped, device_ids=list(counts), dropped=list(counts.values()), at=clock.now())
