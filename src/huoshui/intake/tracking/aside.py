"""What could not be taken in: kept sealed as it came, with its reason; mended and told again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from huoshui.core import crypto, sql
from huoshui.core.crypto import seal, unseal
from huoshui.intake.tracking import contacts
from huoshui.intake.tracking.types import Fault, Frame, Writer

Q = sql.load("huoshui.intake.tracking")

_SHOWN = 200


class Rejected(NamedTuple):
    """An event as it came, why it was not taken in, and how it came."""

    raw: bytes
    fault: Fault
    frame: Frame
    scopes: frozenset[str]


class Glance(msgspec.Struct):
    """What may still be read of an event that cannot be."""

    type: Any = None
    event: Any = None
    messageId: Any = None


@dataclass(frozen=True)
class Aside:
    """One that was set aside, opened."""

    id: int
    source_id: int
    state: str
    body: bytes
    frame: Frame
    scopes: frozenset[str]
    received_at: datetime


def glance(raw: bytes) -> Glance:
    try:
        return msgspec.json.decode(raw, type=Glance)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Glance()


def keep(writer: Writer, rejected: Sequence[Rejected]) -> None:
    """In the caller's transaction. The same again is counted, not kept twice: by its messageId, else by all of it."""
    rows: dict[str, tuple[Rejected, Glance]] = {}
    for one in rejected:
        seen = glance(one.raw)
        of = f"{seen.messageId}".encode() if seen.messageId else one.raw
        digest = crypto.digest(hashlib.blake2b(one.fault.code.encode() + of, digest_size=16).hexdigest())
        rows[digest] = (one, seen)
    if not rows:
        return
    sql.run(
        Q.set_aside,
        source_id=writer.source.id,
        digests=list(rows),
        kinds=[_short(one.frame.kind or seen.type) for one, seen in rows.values()],
        names=[_short(seen.event) for _, seen in rows.values()],
        message_ids=[_short(seen.messageId) for _, seen in rows.values()],
        codes=[one.fault.code for one, _ in rows.values()],
        details=[as_json(one.fault.detail) for one, _ in rows.values()],
        pointers=[_short(one.fault.pointer) for one, _ in rows.values()],
        bodies=[sealed(one.raw) for one, _ in rows.values()],
        frames=[as_json(_frame(one)) for one, _ in rows.values()],
    )


def opened(row: sql.Row) -> Aside:
    told = from_json(row.frame)
    sent_at = told["sentAt"]
    return Aside(
        id=row.id,
        source_id=row.source_id,
        state=row.state,
        body=unseal(bytes(row.body)).encode("latin-1"),
        frame=Frame(
            received_at=datetime.fromisoformat(told["receivedAt"]),
            sent_at=datetime.fromisoformat(sent_at) if sent_at else None,
            kind=told["kind"],
            context=told["context"],
            integrations=told["integrations"],
            ip=told["ip"],
        ),
        scopes=frozenset(told["scopes"]),
        received_at=row.received_at,
    )


def sealed(raw: bytes) -> str:
    """In hex. It may hold contacts, and what is no text at all."""
    return seal(raw.decode("latin-1")).hex()


def _frame(one: Rejected) -> dict[str, Any]:
    frame = one.frame
    return {
        "receivedAt": frame.received_at.isoformat(),
        "sentAt": frame.sent_at.isoformat() if frame.sent_at else None,
        "kind": frame.kind,
        "context": _without_contacts(frame.context),
        "integrations": frame.integrations,
        "ip": frame.ip,
        "scopes": sorted(one.scopes),
    }


def _without_contacts(context: Mapping[str, Any]) -> Any:
    return contacts.sealed(dict(context))


def _short(value: Any) -> str:
    return str(value).replace("\x00", "")[:_SHOWN] if isinstance(value, str | int | float) else ""


def as_json(value: Any) -> str:
    return json.dumps(value, default=str).replace("\\u0000", "")


def from_json(text: Any) -> dict[str, Any]:
    """Django leaves jsonb as text."""
    found: dict[str, Any] = json.loads(text) if isinstance(text, str) else text
    return found
