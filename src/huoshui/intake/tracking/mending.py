"""What was set aside is mended by hand and told again, at the time at which it came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from huoshui.core import audit, sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.intake.tracking import aside, keys
from huoshui.intake.tracking.actions import Told, take
from huoshui.intake.tracking.types import REJECTED, SCOPES, Verdict

Q = sql.load("huoshui.intake.tracking")


@dataclass(frozen=True)
class AsideView:
    id: int
    source_id: int
    kind: str
    name: str
    message_id: str
    code: str
    detail: dict[str, Any]
    pointer: str
    times: int
    state: str
    fact_id: int | None
    received_at: datetime
    text: str = ""
    """The event as it came; only of one that was opened."""


def open_one(aside_id: int) -> AsideView:
    """Raises NotFound. The text may hold contacts: whoever calls has asked whether they may be seen."""
    row = sql.fetch_one(Q.aside_one, id=aside_id)
    if row is None:
        raise NotFound
    return view(row, text=aside.opened(row).body.decode("utf-8", "replace"))


def replay(aside_id: int, *, text: str | None, actor: Actor) -> Verdict:
    """Tell it again, mended where `text` is given, and with every right: whoever replays answers for it.

    What is still wrong stays aside, with its present reason. Raises NotFound; Refused when it was dealt with before.
    """
    with transaction.atomic():
        row = sql.fetch_one(Q.lock_aside, id=aside_id)
        if row is None:
            raise NotFound
        if row.state != "open":
            raise Refused("这一条已经处理过了。")
    one = aside.opened(row)
    raw = text.encode() if text is not None else one.body
    (verdict,) = take([Told(keys.writer_for(one.source_id, tuple(SCOPES)), raw, one.frame)], keep=False)
    with transaction.atomic():
        if verdict.status == REJECTED:
            detail = aside.as_json(verdict.detail)
            sql.run(
                Q.retell_aside,
                id=aside_id,
                code=verdict.code,
                detail=detail,
                pointer=verdict.pointer,
                body=aside.sealed(raw),
            )
        else:
            sql.run(Q.close_aside, id=aside_id, state="replayed", fact_id=verdict.fact_id, by=str(actor))
            audit.record(actor, "tracked.replayed", "tracked_aside", aside_id, fact_id=verdict.fact_id)
    return verdict


def drop(aside_id: int, *, reason: str, actor: Actor) -> None:
    """Nothing will come of it. It stays, with who said so."""
    if not reason.strip():
        raise Refused("请写明为什么不要这一条。")
    with transaction.atomic():
        row = sql.fetch_one(Q.lock_aside, id=aside_id)
        if row is None:
            raise NotFound
        if row.state != "open":
            raise Refused("这一条已经处理过了。")
        sql.run(Q.close_aside, id=aside_id, state="dropped", fact_id=None, by=str(actor))
        audit.record(actor, "tracked.dropped", "tracked_aside", aside_id, reason=reason)


def view(row: sql.Row, *, text: str = "") -> AsideView:
    return AsideView(
        id=row.id,
        source_id=row.source_id,
        kind=row.kind,
        name=row.name,
        message_id=row.message_id,
        code=row.code,
        detail=aside.from_json(row.detail),
        pointer=row.pointer,
        times=row.times,
        state=row.state,
        fact_id=row.fact_id,
        received_at=row.received_at,
        text=text,
    )
