"""A message of a device, taken apart: its readings still as they came. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from huoshui.intake.devices import reading
from huoshui.intake.devices.types import Fault


class Delivery(NamedTuple):
    readings: tuple[bytes, ...]
    sent_at: datetime | None


class _Many(msgspec.Struct, gc=False):
    readings: list[msgspec.Raw] | None = None
    sentAt: Any = None


_many = msgspec.json.Decoder(_Many)


def opened(payload: bytes) -> Delivery:
    """`{"sentAt": …, "readings": […]}`, or one reading alone, with its `sentAt` beside the rest. What is neither is handed
    on as a reading, to be set aside as one that cannot be read."""
    try:
        found = _many.decode(payload)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Delivery((payload,), None)
    readings = (payload,) if found.readings is None else tuple(bytes(raw) for raw in found.readings)
    return Delivery(readings, _sent(found.sentAt))


def _sent(given: Any) -> datetime | None:
    """One that cannot be read tells nothing of the clock; the readings' own times are still checked."""
    try:
        return reading.instant(given, "/sentAt") if given else None
    except Fault:
        return None
