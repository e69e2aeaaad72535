"""What was tracked, as people look at it: the live stream, what was seen, what was set aside."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from huoshui.core import sql
from huoshui.intake.tracking.mending import AsideView, view
from huoshui.people import api as people

Q = sql.load("huoshui.intake.tracking")

STREAM_DEPTH = 50_000
"""A filter that finds nothing looks through so many facts and no further."""

_LAST = 2**62


@dataclass(frozen=True)
class Streamed:
    fact_id: int
    name: str
    source_id: int
    message_id: str
    occurred_at: datetime
    received_at: datetime
    state: str
    person_id: int | None
    body: dict[str, Any]
    order_key: str = ""
    """Of an order or a refund, with its money in 分."""
    amount: int = 0


@dataclass(frozen=True)
class SeenName:
    source_id: int
    fact: str
    property: str
    times: int
    sample_type: str
    first_at: datetime
    last_at: datetime


def stream(
    source_ids: Sequence[int],
    *,
    after: int = 0,
    before: int = _LAST,
    name: str = "",
    text: str = "",
    person_id: int | None = None,
    is_open: bool = False,
    limit: int = 50,
) -> list[Streamed]:
    """The latest facts of these sources, whichever door they came by, newest first; `text` stands anywhere in the event, and
    `is_open` are those that the river has not settled."""
    floor = sql.fetch_one(Q.last_fact).id - STREAM_DEPTH
    members = people.members(people.canonical_id(person_id)) if person_id is not None else None
    rows = sql.fetch(
        Q.stream,
        source_ids=list(source_ids),
        after=after,
        floor=floor,
        before=before,
        name=name,
        text=text,
        person_ids=members,
        is_open=is_open,
        limit=limit,
    )
    return [
        Streamed(
            fact_id=r.id,
            name=r.name,
            source_id=r.source_id,
            message_id=r.client_key,
            occurred_at=r.occurred_at,
            received_at=r.received_at,
            state=r.state,
            person_id=r.person_id,
            body=json.loads(r.body) if isinstance(r.body, str) else r.body or {},
            order_key=r.order_key or "",
            amount=r.amount or 0,
        )
        for r in rows
    ]


def set_aside(
    *, source_id: int = 0, code: str = "", state: str = "open", before: int | None = None, limit: int = 50
) -> list[AsideView]:
    rows = sql.fetch(
        Q.aside_list, source_id=source_id, code=code, state=state, before=before or _LAST, limit=limit
    )
    return [view(row) for row in rows]


def aside_counts() -> list[tuple[int, str, int, int]]:
    """(source, code, items, times) of what waits to be mended."""
    return [(r.source_id, r.code, r.items, int(r.times)) for r in sql.fetch(Q.aside_counts)]


def seen_names(source_id: int = 0) -> list[SeenName]:
    return [SeenName(*row) for row in sql.fetch(Q.seen_list, source_id=source_id)]


def activity() -> dict[int, tuple[int, datetime]]:
    """Source → how many facts it has told in all, and when it last did."""
    return {r.source_id: (r.times, r.last_at) for r in sql.fetch(Q.activity)}


def repeated() -> dict[int, int]:
    """Source → how many events it told again, which were counted once."""
    return {r.source_id: r.times for r in sql.fetch(Q.repeated)}
