"""Writes of whoever sets pickups up, and of whoever minds them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from huoshui.core import clock, crypto, sql
from huoshui.core.actor import Actor
from huoshui.core.audit import record
from huoshui.core.errors import NotFound, Refused
from huoshui.core.jobs import defer
from huoshui.intake.imports import api as imports
from huoshui.intake.pickup import reads
from huoshui.intake.pickup.checks import ELSEWHERE, check
from huoshui.intake.pickup.types import FETCHING, SKIPPED, TRYING, WAITING, Asked, Item, Pickup

Q = sql.load("huoshui.intake.pickup")

_UNDER_WAY = ("queued", "running")


def add(asked: Asked, *, actor: Actor) -> int:
    """A new pickup, not yet switched on: it is to be tried first. Returns its id."""
    _require(reads.may_set_up(actor))
    check(asked)
    with transaction.atomic():
        _refuse_taken(asked.name, 0)
        pickup_id: int = sql.fetch_one(Q.add, kind=asked.kind, actor=str(actor), **_told(asked)).id
        _keep_secret(pickup_id, asked.secret)
        record(
            actor,
            "pickup.added",
            "pickup",
            pickup_id,
            name=asked.name,
            kind=asked.kind,
            place=dict(asked.place),
        )
    return pickup_id


def change(pickup_id: int, asked: Asked, *, actor: Actor) -> None:
    """Where it goes elsewhere it must be given the password anew, and is switched off until it has been tried."""
    _require(reads.may_set_up(actor))
    with transaction.atomic():
        before = _locked(pickup_id)
        if asked.kind != before.kind:
            raise Refused("从哪里取不能改。请另建一个。")
        check(asked)
        _refuse_taken(asked.name, pickup_id)
        is_elsewhere = any(asked.place.get(f, "") != before.place.get(f, "") for f in ELSEWHERE)
        if is_elsewhere and asked.kind != "folder" and not asked.secret and not _needs_none(asked):
            raise Refused("换了地址或账号，请把密码（密钥）再填一次。")
        sql.run(
            Q.change,
            pickup_id=pickup_id,
            is_elsewhere=is_elsewhere,
            is_other_query=is_elsewhere or _is_other_query(before, asked),
            **_told(asked),
        )
        _keep_secret(pickup_id, asked.secret)
        record(
            actor,
            "pickup.changed",
            "pickup",
            pickup_id,
            name=asked.name,
            place=dict(asked.place),
            elsewhere=is_elsewhere,
        )


def _needs_none(asked: Asked) -> bool:
    return asked.place.get("dialect") == "sqlite"


def _is_other_query(before: Pickup, asked: Asked) -> bool:
    if before.kind != "sql":
        return False
    names = ("text", "cursor_column", "key_column")
    return asked.place.get("database") != before.place.get("database") or any(
        asked.what.get(name) != before.what.get(name) for name in names
    )


def switch(pickup_id: int, *, is_on: bool, actor: Actor) -> None:
    _minded(
        pickup_id,
        actor,
        lambda: sql.run(Q.switch, pickup_id=pickup_id, is_enabled=is_on, now=clock.now()),
        "on" if is_on else "off",
    )


def look_now(pickup_id: int, *, actor: Actor) -> None:
    def begin() -> None:
        sql.run(Q.look_now, pickup_id=pickup_id, now=clock.now())
        _wake()

    _minded(pickup_id, actor, begin, "look")


def ask_trial(pickup_id: int, *, actor: Actor) -> None:
    """Let a worker go there and tell what it sees, without taking anything in."""
    _require(reads.may_set_up(actor))

    def ask() -> None:
        sql.run(Q.ask_trial, pickup_id=pickup_id, now=clock.now())
        _wake()

    _minded(pickup_id, actor, ask, "trial")


def accept_host_key(pickup_id: int, *, actor: Actor) -> None:
    """Whoever answers there next is the one. For a server that was set up anew."""
    _require(reads.may_set_up(actor))
    _minded(
        pickup_id, actor, lambda: sql.run(Q.forget_host_key, pickup_id=pickup_id, now=clock.now()), "host_key"
    )


def remove(pickup_id: int, *, actor: Actor) -> None:
    """What it brought stays, with its history; its password does not."""
    _require(reads.may_set_up(actor))
    _minded(pickup_id, actor, lambda: sql.run(Q.remove, pickup_id=pickup_id), "removed")


def skip(pickup_id: int, item_id: int, *, actor: Actor) -> None:
    """Do not take this telling in. A query's rows are read again at the next look."""
    _require(reads.may_import(actor))
    with transaction.atomic():
        _locked(pickup_id)
        item = find_item(pickup_id, item_id)
        if item.state != WAITING:
            raise Refused("它现在不在等人处理。请刷新再看。")
        if item.run_id is not None and imports.run_for(actor, item.run_id).state in _UNDER_WAY:
            raise Refused("它正在导入，请等它结束。")
        settle(item, SKIPPED)
        sql.run(Q.look_now, pickup_id=pickup_id, now=clock.now())
        record(actor, "pickup.skipped", "pickup", pickup_id, path=item.path, run=item.run_id)


def find_item(pickup_id: int, item_id: int) -> Item:
    found = sql.fetch_as(reads.as_item, Q.item, pickup_id=pickup_id, item_id=item_id)
    if not found:
        raise NotFound
    return found[0]


def settle(item: Item, state: str, *, reason: str = "", said: str = "") -> None:
    """For workers too: the state that an item comes to, in the caller's transaction or one of its own."""
    is_open = state in (WAITING, TRYING, FETCHING, "seen", "importing")
    sql.run(
        Q.set_state,
        item_id=item.id,
        state=state,
        reason=reason,
        said=said[:500],
        is_settled=not is_open,
        now=clock.now(),
    )


def _minded(pickup_id: int, actor: Actor, work: Callable[[], Any], what: str) -> None:
    _require(reads.may_import(actor))
    with transaction.atomic():
        pickup = _locked(pickup_id)
        work()
        record(actor, f"pickup.{what}", "pickup", pickup_id, name=pickup.name)


def _wake() -> None:
    from huoshui.intake.pickup.jobs import look_around

    defer(look_around, queueing_lock="pickup wake", timestamp=0)


def _locked(pickup_id: int) -> Pickup:
    if not sql.fetch(Q.lock, pickup_id=pickup_id):
        raise NotFound
    return reads.find(pickup_id)


def _refuse_taken(name: str, pickup_id: int) -> None:
    if sql.fetch_one(Q.name_taken, name=name.strip(), pickup_id=pickup_id).taken:
        raise Refused("已经有一个叫这个名字的了，请换一个。")


def _keep_secret(pickup_id: int, secret: Mapping[str, str]) -> None:
    if any(secret.values()):
        sql.run(Q.add_secret, pickup_id=pickup_id, sealed=crypto.seal(json.dumps(dict(secret))))


def _told(asked: Asked) -> dict[str, Any]:
    return {
        "name": asked.name.strip(),
        "place": json.dumps({k: v.strip() for k, v in asked.place.items() if v.strip()}, ensure_ascii=False),
        "what": json.dumps(dict(asked.what), ensure_ascii=False),
        "every_minutes": asked.every_minutes,
        "daily_at": asked.daily_at,
        "source_name": asked.source_name.strip(),
        "form": asked.form,
        "mode": asked.mode,
        "tolerance": asked.tolerance,
        "now": clock.now(),
    }


def _require(is_allowed: bool) -> None:
    """Absent and forbidden look alike."""
    if not is_allowed:
        raise NotFound
