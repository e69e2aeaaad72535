"""Frozen values of tracking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

import msgspec

from huoshui.core.facts.types import Source

EVENTS, PEOPLE, ORDERS = "events", "people", "orders"
SCOPES = {EVENTS: "记录行为", PEOPLE: "说明是谁", ORDERS: "报订单和退款"}
KINDS = {"web": "网站", "miniapp": "小程序", "app": "手机应用", "server": "服务器"}

TRACK, PAGE, SCREEN, IDENTIFY, GROUP, ALIAS = "track", "page", "screen", "identify", "group", "alias"
TYPES = frozenset({TRACK, PAGE, SCREEN, IDENTIFY, GROUP, ALIAS})


@dataclass(frozen=True)
class Writer:
    """Who writes: a key, its source, and what the source's ids mean."""

    key_id: int
    source: Source
    scopes: frozenset[str]
    user_scope: str
    user_id_kind: str = "account"
    store_code: str = ""
    origins: frozenset[str] = frozenset()
    rate_per_minute: int = 60_000
    is_enabled: bool = True


class Warned(NamedTuple):
    """Something in an event that could not be used; the event itself was taken in."""

    code: str
    pointer: str


@dataclass(frozen=True)
class Frame:
    """What all events of one request have in common. `context` and `integrations` stand at the top of a batch."""

    received_at: datetime
    sent_at: datetime | None = None
    kind: str = ""
    """The type that the address says; '' where each event says its own."""
    context: Mapping[str, Any] = field(default_factory=dict)
    integrations: Mapping[str, Any] = field(default_factory=dict)
    ip: str = ""
    warnings: tuple[Warned, ...] = ()
    """What of the request could not be used: said of each event."""
    is_plain: bool = False
    """Whether no event of it can hold a contact, nor anything else that would be looked for in each: `contacts.is_plain`."""

    @cached_property
    def received_json(self) -> bytes:
        return b'"receivedAt":' + msgspec.json.encode(self.received_at)

    @cached_property
    def sent_json(self) -> bytes:
        """With a comma before it; nothing where it is not known."""
        return b',"sentAt":' + msgspec.json.encode(self.sent_at) if self.sent_at else b""


class Fault(Exception):
    """Why an event cannot be taken in. `pointer` is into the event itself."""

    def __init__(self, code: str, pointer: str = "", **detail: Any) -> None:
        self.code = code
        self.pointer = pointer
        self.detail = detail
        super().__init__(code)


class Verdict(NamedTuple):
    """`status`: accepted, duplicate (counted before) or rejected (set aside, with its reason)."""

    message_id: str
    status: str
    code: str = ""
    pointer: str = ""
    detail: Mapping[str, Any] = {}
    warnings: tuple[Warned, ...] = ()
    fact_id: int | None = None


ACCEPTED, DUPLICATE, REJECTED = "accepted", "duplicate", "rejected"


class Event(msgspec.Struct, gc=False):
    """One event, read. `identifiers` are (kind, scope, plain value), `traits` what an Identify says of its person."""

    place: int
    kind: str
    name: str
    message_id: str
    digest: str
    occurred_at: datetime
    body: bytes
    values: Mapping[str, Any]
    identifiers: tuple[tuple[str, str, str], ...]
    traits: Mapping[str, str]
    warnings: tuple[Warned, ...]
