"""`POST /v1/devices/readings`: what a device tells over HTTP. MQTT says the same in `intake.devices.listening`."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse

from huoshui.core import clock
from huoshui.intake.devices import api as devices
from huoshui.web.track import reading
from huoshui.web.track.answers import said, wants_english
from huoshui.web.track.problems import JSON, Problem

MOST_READINGS = 500


class Delivery(msgspec.Struct, gc=False):
    readings: list[msgspec.Raw] | None = None
    sentAt: Any = None


class Item(msgspec.Struct, omit_defaults=True, gc=False):
    messageId: str
    status: str
    code: str = ""
    message: str = ""
    pointer: str = ""
    give: bool | None = None


class Answer(msgspec.Struct, gc=False):
    success: bool
    accepted: int
    duplicate: int
    rejected: int
    verdicts: list[Item]
    receivedAt: str
    """Our clock: a device without a good one may set its own by it."""


_delivery = msgspec.json.Decoder(Delivery)
flow = devices.Flow()


def readings(request: HttpRequest, origin: str) -> HttpResponse:
    """The key first: whoever has none is not read."""
    device = _device(request)
    delivery = _read(reading.body(request))
    given = tuple(bytes(raw) for raw in delivery.readings or ())
    if seconds := flow.take(device, max(1, len(given))):
        raise Problem("device_too_fast", again_in=seconds, seconds=seconds)
    sent_at, _ = reading.sent_at(delivery.sentAt)  # as at a broker: it tells nothing of the clock
    post = devices.Post(device, given, clock.now(), sent_at)
    (verdicts,) = devices.take([post])
    return _answer(verdicts, post, english=wants_english(request))


def _device(request: HttpRequest) -> devices.Known:
    token = _token(str(request.META.get("HTTP_AUTHORIZATION", "")))
    if not token:
        raise Problem("device_key_missing")
    device = devices.holder_of(token)
    if device is None:
        raise Problem("device_key_wrong")
    if not device.is_on:
        raise Problem("device_off")
    return device


def _token(header: str) -> str:
    """A Bearer's token, or the password of Basic, as at a broker."""
    scheme, _, told = header.partition(" ")
    if scheme.lower() == "bearer":
        return told.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(told.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


def _read(raw: bytes) -> Delivery:
    """Raises Problem."""
    try:
        try:
            found = _delivery.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError):
            found = _delivery.decode(reading.whole(raw))
    except msgspec.ValidationError:
        raise Problem("readings_missing", pointer="/readings") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem("body_not_json", reason=str(error)) from None
    if found.readings is None:
        raise Problem("readings_missing", pointer="/readings")
    if len(found.readings) > MOST_READINGS:
        count = len(found.readings)
        raise Problem("batch_too_long", pointer="/readings", most=MOST_READINGS, count=count)
    return found


def _answer(verdicts: Sequence[devices.Verdict], post: devices.Post, *, english: bool) -> HttpResponse:
    counts = dict.fromkeys((devices.ACCEPTED, devices.DUPLICATE, devices.REJECTED), 0)
    for verdict in verdicts:
        counts[verdict.status] += 1
    answer = Answer(
        success=True,
        accepted=counts[devices.ACCEPTED],
        duplicate=counts[devices.DUPLICATE],
        rejected=counts[devices.REJECTED],
        verdicts=[_item(n, verdict, english) for n, verdict in enumerate(verdicts)],
        receivedAt=post.received_at.isoformat(),
    )
    return HttpResponse(msgspec.json.encode(answer), content_type=JSON)


def _item(place: int, verdict: devices.Verdict, english: bool) -> Item:
    item = Item(verdict.message_id, verdict.status, give=verdict.gives)
    if verdict.code:
        item.code, item.pointer = verdict.code, f"/readings/{place}{verdict.pointer}"
        item.message = said(verdict.code, verdict.detail, english)
    return item
