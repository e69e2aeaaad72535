"""What the house is known by at WeCom: sealed, as passwords of pickups are. The web adds; the secret only workers read."""

from __future__ import annotations

import json
import re
from typing import Final

from django.conf import settings
from django.db import transaction

from huoshui.core import clock, crypto, sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused
from huoshui.core.jobs import defer
from huoshui.intake.wecom import sayings
from huoshui.intake.wecom.envelope import key_of
from huoshui.intake.wecom.faults import NOT_SET
from huoshui.intake.wecom.types import Access, Door, Fault, Standing, Tampered

Q = sql.load("huoshui.intake.wecom")

_CORP: Final = re.compile(r"[A-Za-z0-9_-]{6,64}")
_TOKEN: Final = re.compile(r"[A-Za-z0-9]{1,32}")
_SECRET: Final = re.compile(r"[!-~]{16,200}")


def may_set_up(actor: Actor) -> bool:
    """Say what the house asks WeCom with."""
    return actor.kind == "system" or "boss" in actor.roles


def require(actor: Actor) -> None:
    """Raises NotFound."""
    if not may_set_up(actor):
        raise NotFound


def save(*, corp_id: str, secret: str, token: str, aes_key: str, actor: Actor) -> None:
    """All four together, for what is kept is never shown again. Raises NotFound, Refused."""
    require(actor)
    told = {name: value.strip() for name, value in locals().items() if isinstance(value, str)}
    if not _CORP.fullmatch(told["corp_id"]):
        raise Refused(sayings.CORP)
    if not _SECRET.fullmatch(told["secret"]):
        raise Refused(sayings.SECRET)
    if not _TOKEN.fullmatch(told["token"]):
        raise Refused(sayings.TOKEN)
    try:
        key_of(told["aes_key"])
    except Tampered as error:
        raise Refused(sayings.AES_KEY) from error
    with transaction.atomic():
        door = {name: told[name] for name in ("corp_id", "token", "aes_key")}
        sql.run(Q.add_door, sealed=crypto.seal(json.dumps(door)))
        sql.run(Q.add_secret, sealed=crypto.seal(json.dumps({n: told[n] for n in ("corp_id", "secret")})))
        sql.run(Q.note_set, now=clock.now())
        sql.run(Q.drop_old_doors)
        record(actor, "wecom.set", "wecom", 0)


def ask_trial(*, actor: Actor) -> None:
    """Let a worker see whether it works. In the caller's transaction. Raises NotFound."""
    from huoshui.intake.wecom.jobs import try_out

    require(actor)
    sql.run(Q.ask_trial, now=clock.now())
    defer(try_out, queueing_lock="wecom trial")


def doors() -> list[Door]:
    """What callbacks are read with, the newest first."""
    return [Door(**json.loads(crypto.unseal(bytes(r.sealed)))) for r in sql.fetch(Q.doors)]


def access() -> Access:
    """For workers only: the web's role may not read it. Raises Fault where nothing is set."""
    found = sql.fetch_one(Q.secret)
    if found is not None:
        return Access(**json.loads(crypto.unseal(bytes(found.sealed))))
    if settings.HUOSHUI_DEMO:
        return Access("ww-demo", "demo-secret-of-a-simulator")
    raise Fault(NOT_SET)


def is_open() -> bool:
    row = sql.fetch_one(Q.standing)
    return bool(settings.HUOSHUI_DEMO) or (row is not None and row.set_at is not None)


def standing(actor: Actor) -> Standing:
    """Raises NotFound."""
    require(actor)
    known = doors()[:1]
    so_far = sql.fetch_as(tuple, Q.standing) or [(None, None, None, "", "", None, None, 0)]
    return Standing(bool(known), known[0].corp_id if known else "", *so_far[0])
