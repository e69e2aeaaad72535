"""What was set aside is mended by hand and told again, at the time at which it came."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from huoshui.core import audit, clock, sql
from huoshui.core.actor import Actor
from huoshui.core.crypto import seal, unseal
from huoshui.core.errors import NotFound, Refused
from huoshui.core.unmet import sentence
from huoshui.intake.devices import reading
from huoshui.intake.devices.actions import kept, kept_json, take
from huoshui.intake.devices.registry import forget, known
from huoshui.intake.devices.types import CLAIM, REJECTED, Post, Verdict

Q = sql.load("huoshui.intake.devices")


class NotByHand(Refused):
    """领试用装要顾客当场在机器上来，事后不能补。"""

    code = "claim_by_hand"


class NothingKept(Refused):
    """顾客没有同意，原文没有留下，不能重新收。"""

    code = "nothing_kept"


class DealtWith(Refused):
    """这一条已经处理过了。"""

    code = "already_mended"


@dataclass(frozen=True)
class OpenedAside:
    """`text` is what the device told, without the person that it named."""

    id: int
    device_id: int
    message_id: str
    code: str
    sentence: str
    pointer: str
    times: int
    state: str
    fact_id: int | None
    received_at: datetime
    text: str


@dataclass(frozen=True)
class AsideCount:
    device_id: int
    device: str
    code: str
    items: int
    since: datetime


def open_aside(aside_id: int) -> OpenedAside:
    """Raises NotFound. The text may hold body figures: whoever calls has asked whether they may be seen."""
    row = sql.fetch_one(Q.aside_one, id=aside_id)
    if row is None:
        raise NotFound
    return OpenedAside(
        id=row.id,
        device_id=row.device_id,
        message_id=row.message_id,
        code=row.code,
        sentence=sentence(row.code, json.loads(row.detail)),
        pointer=row.pointer,
        times=row.times,
        state=row.state,
        fact_id=row.fact_id,
        received_at=row.received_at,
        text=_text(row),
    )


def aside_counts() -> list[AsideCount]:
    return [
        AsideCount(row.device_id, row.device, row.code, row.items, row.since)
        for row in sql.fetch(Q.aside_counts)
    ]


def replay(aside_id: int, *, text: str | None, actor: Actor) -> Verdict:
    """Tell it again, mended where `text` is given; whoever replays answers for it. Its device may be switched off by now.

    What is still wrong stays aside, with its present reason. Raises NotFound, and Refused for what cannot be told by hand
    or was dealt with before.
    """
    with transaction.atomic():
        row = _locked(aside_id)
    raw = (text if text is not None else _text(row)).encode()
    if row.code == "consent_withdrawn":
        raise NothingKept
    if reading.opened(raw).get("type") == CLAIM:
        raise NotByHand
    forget()
    post = Post(known([row.device])[row.device], (raw,), row.received_at, is_live=False)
    ((verdict,),) = take([post], keep=False)
    with transaction.atomic():
        if verdict.status == REJECTED:
            sql.run(
                Q.retell_aside,
                id=aside_id,
                code=verdict.code,
                detail=kept_json(verdict.detail),
                pointer=verdict.pointer,
                body=seal(kept(verdict.code, raw)).hex(),
            )
        else:
            _close(aside_id, "replayed", verdict.fact_id, actor)
            audit.record(actor, "reading.replayed", "device_aside", aside_id, fact_id=verdict.fact_id)
    return verdict


def drop(aside_id: int, *, reason: str, actor: Actor) -> None:
    """Nothing will come of it. It stays, with who said so. Raises NotFound and Refused."""
    if not reason.strip():
        raise Refused("请写明为什么不要这一条。")
    with transaction.atomic():
        _locked(aside_id)
        _close(aside_id, "dropped", None, actor)
        audit.record(actor, "reading.dropped", "device_aside", aside_id, reason=reason.strip())


def _locked(aside_id: int) -> sql.Row:
    row = sql.fetch_one(Q.lock_aside, id=aside_id)
    if row is None:
        raise NotFound
    if row.state != "open":
        raise DealtWith
    return row


def _close(aside_id: int, state: str, fact_id: int | None, actor: Actor) -> None:
    sql.run(Q.close_aside, id=aside_id, state=state, fact_id=fact_id, by=str(actor), at=clock.now())


def _text(row: sql.Row) -> str:
    return unseal(bytes.fromhex(row.body))
