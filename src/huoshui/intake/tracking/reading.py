"""One event as it came, read: its ids, its time, and the body that is kept. Pure, but for the sealing of contacts."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from huoshui.core.facts.names import is_ours
from huoshui.intake.tracking import contacts
from huoshui.intake.tracking.types import (
    ALIAS,
    GROUP,
    IDENTIFY,
    PAGE,
    SCREEN,
    TRACK,
    TYPES,
    Fault,
    Frame,
    Warned,
)

MOST_BYTES = 32 * 1024
MOST_MESSAGE_ID = 100
MOST_ID = 255
MOST_NAME = 200
MOST_DEPTH = 50
_OLDEST = timedelta(days=3653)

# Names that facts have here and that no caller may borrow
OWN_NAMES = frozenset({"Identify", "Page", "Screen", "Group", "Alias"})
_NAME_OF = {PAGE: "Page", SCREEN: "Screen", IDENTIFY: "Identify", GROUP: "Group", ALIAS: "Alias"}

Id = str | int | float | None


class Wire(msgspec.Struct, gc=False):
    """What of an event is looked at. Clients write ids as numbers too."""

    type: str | None = None
    event: str | None = None
    userId: Id = None
    anonymousId: Id = None
    groupId: Id = None
    previousId: Id = None
    messageId: Id = None
    timestamp: str | None = None
    originalTimestamp: str | None = None
    sentAt: Any = None
    properties: dict[str, Any] | None = None
    traits: dict[str, Any] | None = None
    context: msgspec.Raw = msgspec.Raw(b"")
    writeKey: Any = None


class Ids(msgspec.Struct, gc=False):
    externalIds: Any = None


_wire = msgspec.json.Decoder(Wire)
_ids = msgspec.json.Decoder(Ids)
_at = re.compile(r"`\$\.?([^`]*)`$")


class Read(msgspec.Struct, gc=False):
    """An event before anybody has asked who may say it."""

    wire: Wire
    kind: str
    name: str
    message_id: str
    digest: str
    user_id: str
    anonymous_id: str
    occurred_at: datetime
    body: bytes
    values: Mapping[str, Any]
    external_ids: list[dict[str, str]]
    warnings: list[Warned]


def decoded(raw: bytes) -> Wire:
    """Raises Fault, with the pointer to what is not as it should be."""
    try:
        return _wire.decode(raw)
    except msgspec.ValidationError as error:
        raise Fault("event_unreadable", pointer_of(str(error)), reason=str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Fault("event_unreadable", reason=str(error)) from None


def pointer_of(message: str) -> str:
    """'… - at `$.properties.price`' → '/properties/price'."""
    found = _at.search(message)
    path = found[1] if found else ""
    return (
        "/" + path.replace("[...]", "").replace(".", "/").replace("[", "/").replace("]", "") if path else ""
    )


def read(raw: bytes, frame: Frame, *, by_contact: bool = False) -> Read:
    """`by_contact`: users are known to its source by a phone or an address of mail. Raises Fault."""
    if len(raw) > MOST_BYTES:
        raise Fault("event_too_large", size=len(raw), most=MOST_BYTES)
    if is_too_deep(raw):
        raise Fault("event_too_deep", most=MOST_DEPTH)
    wire = decoded(raw)
    kind = frame.kind or _kind(wire)
    user_id, anonymous_id = _id(wire.userId, "/userId"), _id(wire.anonymousId, "/anonymousId")
    if not user_id and not anonymous_id and kind != ALIAS:
        raise Fault("ids_missing", "/userId")
    warnings: list[Warned] = list(frame.warnings)
    occurred_at, times = _time(wire, frame, warnings)
    message_id = _message_id(wire)
    is_looked_into = bool(frame.context) or not frame.is_plain
    return Read(
        wire=wire,
        kind=kind,
        name=_name(wire, kind),
        message_id=message_id,
        digest=hashlib.blake2b(message_id.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest(),
        user_id=user_id,
        anonymous_id=anonymous_id,
        occurred_at=occurred_at,
        body=_body(raw, wire, frame, times, by_contact=by_contact),
        values=(wire.traits if kind in (IDENTIFY, GROUP) else wire.properties) or {},
        external_ids=_external_ids(wire, frame, warnings) if is_looked_into else [],
        warnings=warnings,
    )


_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*"|[{}\[\]]', re.DOTALL)


def is_too_deep(raw: bytes) -> bool:
    """Whoever walks through it would fall: here, and on every page that shows it."""
    if len(raw) - len(raw.translate(None, b"{[")) <= MOST_DEPTH:
        return False
    depth = deepest = 0
    for found in _BRACKETS.finditer(raw):
        mark = found[0]
        if mark in (b"{", b"["):
            depth += 1
            deepest = max(deepest, depth)
        elif mark in (b"}", b"]"):
            depth -= 1
    return deepest > MOST_DEPTH


def _kind(wire: Wire) -> str:
    if not wire.type:
        raise Fault("type_missing", "/type")
    if wire.type not in TYPES:
        raise Fault("type_unknown", "/type", type=wire.type[:40])
    return wire.type


def _name(wire: Wire, kind: str) -> str:
    if kind == GROUP and wire.groupId in (None, ""):
        raise Fault("group_missing", "/groupId")
    if kind == ALIAS and (wire.previousId in (None, "") or wire.userId in (None, "")):
        raise Fault("alias_incomplete", "/previousId" if wire.previousId in (None, "") else "/userId")
    if kind != TRACK:
        return _NAME_OF[kind]
    name = (wire.event or "").strip()
    if not name:
        raise Fault("event_missing", "/event")
    if name in OWN_NAMES or is_ours(name):
        raise Fault("name_reserved", "/event", name=name)
    if len(name) > MOST_NAME:
        raise Fault("id_too_long", "/event", most=MOST_NAME)
    return name


def _id(value: Id, pointer: str) -> str:
    if value is None or value == "":
        return ""
    text = text_of(value)
    if len(text) > MOST_ID:
        raise Fault("id_too_long", pointer, most=MOST_ID)
    return text


def text_of(value: Id) -> str:
    """7 and 7.0 are the id '7'. A NUL has no place in the database."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).replace("\x00", "").strip()


def _message_id(wire: Wire) -> str:
    found = text_of(wire.messageId) if wire.messageId is not None else ""
    if len(found) > MOST_MESSAGE_ID:
        raise Fault("message_id_too_long", "/messageId", most=MOST_MESSAGE_ID)
    return found or f"huoshui-{uuid.uuid4()}"


def instant(text: str, pointer: str) -> datetime:
    """ISO 8601; without a zone it is UTC. Raises Fault."""
    try:
        at = datetime.fromisoformat(text.strip())
        if at.tzinfo is UTC:
            return at
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise Fault("time_unreadable", pointer) from None


def _sent_at(wire: Wire, frame: Frame, warnings: list[Warned]) -> datetime | None:
    if frame.sent_at is not None or not wire.sentAt or frame.warnings:
        return frame.sent_at
    try:
        return instant(wire.sentAt if isinstance(wire.sentAt, str) else "", "/sentAt")
    except Fault as fault:
        warnings.append(Warned(fault.code, fault.pointer))
        return None


def _time(wire: Wire, frame: Frame, warnings: list[Warned]) -> tuple[datetime, bytes]:
    """When it happened by our clock, and what the body tells of that: the last members of its object."""
    received = frame.received_at
    original = wire.timestamp or wire.originalTimestamp
    if not original:
        return received, frame.received_json + b',"timestamp":' + _json(received)
    said = instant(original, "/timestamp" if wire.timestamp else "/originalTimestamp")
    sent = _sent_at(wire, frame, warnings)
    try:
        at = said if sent is None else received - (sent - said)
        is_believable = at >= received - _OLDEST
    except OverflowError:
        is_believable = False
    if not is_believable:
        raise Fault("time_unbelievable", "/timestamp", at=original[:40])
    if at > received:
        at = received
    sent_json = frame.sent_json or (b',"sentAt":' + _json(sent) if sent is not None else b"")
    told = frame.received_json, b',"originalTimestamp":', _json(original), b',"timestamp":', _json(at)
    return at, b"".join(told) + sent_json


_json = msgspec.json.Encoder().encode


def _external_ids(wire: Wire, frame: Frame, warnings: list[Warned]) -> list[dict[str, str]]:
    given: Any = None
    if wire.context and b'"externalIds"' in (raw := bytes(wire.context)):
        try:
            given = _ids.decode(raw).externalIds
        except msgspec.MsgspecError:
            given = None
    elif frame.context:
        given = frame.context.get("externalIds")
    found = []
    for place, one in enumerate(given if isinstance(given, list) else ()):
        # All four are required, or nobody knows what it means
        if isinstance(one, dict) and all(
            isinstance(one.get(k), str) and one[k] for k in ("id", "type", "collection", "encoding")
        ):
            found.append(one)
        else:
            warnings.append(Warned("external_id_incomplete", f"/context/externalIds/{place}"))
    return found


def _body(raw: bytes, wire: Wire, frame: Frame, times: bytes, *, by_contact: bool) -> bytes:
    """The event as it came, with what was found of its time. Of a name that stands twice the database keeps the last."""
    is_named = by_contact and bool(wire.userId or wire.previousId)
    if is_named or frame.context or frame.integrations or wire.writeKey is not None:
        return _rewritten(raw, frame, times, by_contact=by_contact)
    if not frame.is_plain and _must_be_rewritten(raw, frame):
        return _rewritten(raw, frame, times)
    return b"%b,%b}" % (raw[: raw.rindex(b"}")], times)


def _must_be_rewritten(raw: bytes, frame: Frame) -> bool:
    return (bool(frame.ip) and b'"direct"' in raw) or contacts.may_be_in(raw)


def _rewritten(raw: bytes, frame: Frame, times: bytes, *, by_contact: bool = False) -> bytes:
    try:
        event: dict[str, Any] = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise Fault("event_unreadable", pointer_of(str(error)), reason=str(error)) from None
    event.pop("writeKey", None)
    context = event.get("context")
    if isinstance(context, dict) or (context is None and frame.context):
        event["context"] = context = {**frame.context, **(context or {})}
        if context.get("direct") is True and frame.ip and not context.get("ip"):
            context["ip"] = frame.ip
    if frame.integrations:
        own = event.get("integrations")
        event["integrations"] = {**frame.integrations, **(own if isinstance(own, dict) else {})}
    if by_contact:
        for name in ("userId", "previousId"):
            if event.get(name):
                event[name] = contacts.sealed_one(event[name])
    return msgspec.json.encode(contacts.sealed(event) | msgspec.json.decode(b"{%b}" % times))
