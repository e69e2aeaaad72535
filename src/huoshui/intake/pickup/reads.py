from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from huoshui.core import crypto, sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.intake.pickup.types import Item, Pickup, Trial

Q = sql.load("huoshui.intake.pickup")

_SEE = frozenset({"boss", "operator", "analyst", "auditor"})


def _told(value: Any) -> Any:
    """jsonb comes as text."""
    return json.loads(value) if isinstance(value, str) else value


def as_pickup(*row: Any) -> Pickup:
    pickup = Pickup(*row)
    return replace(pickup, place=_told(pickup.place), what=_told(pickup.what), cursor=_told(pickup.cursor))


def as_item(*row: Any) -> Item:
    item = Item(*row)
    return item if item.cursor is None else replace(item, cursor=_told(item.cursor))


def may_see(actor: Actor) -> bool:
    return actor.kind == "system" or (actor.sees_whole_brand and bool(actor.roles & _SEE))


def may_import(actor: Actor) -> bool:
    """Settle what waits, look now, pause."""
    return actor.kind == "system" or bool(actor.roles & {"boss", "operator"})


def may_set_up(actor: Actor) -> bool:
    """Say where the workers go and try it: they reach what the console's users do not."""
    return actor.kind == "system" or "boss" in actor.roles


@dataclass(frozen=True)
class Latest:
    """What a pickup brought last."""

    waiting: int
    path: str | None
    state: str | None
    rows: int | None
    problems: int | None
    run_id: int | None
    settled_at: datetime | None


def pickups(actor: Actor) -> list[tuple[Pickup, Latest]]:
    if not may_see(actor):
        raise NotFound
    latest = {row.pickup_id: Latest(*row[1:]) for row in sql.fetch(Q.latest)}
    return [(pickup, latest[pickup.id]) for pickup in sql.fetch_as(as_pickup, Q.all)]


def pickup_for(actor: Actor, pickup_id: int) -> Pickup:
    if not may_see(actor):
        raise NotFound
    return find(pickup_id)


def find(pickup_id: int) -> Pickup:
    found = sql.fetch_as(as_pickup, Q.one, pickup_id=pickup_id)
    if not found:
        raise NotFound
    return found[0]


def items(actor: Actor, pickup_id: int, *, most: int = 50) -> list[Item]:
    """Those that wait for somebody first, then the newest."""
    pickup_for(actor, pickup_id)
    return sql.fetch_as(as_item, Q.newest_items, pickup_id=pickup_id, most=most)


def waiting(actor: Actor) -> int:
    """How many tables wait for somebody's eyes."""
    return int(sql.fetch_one(Q.waiting).items) if may_import(actor) else 0


def trial(actor: Actor, pickup_id: int) -> Trial | None:
    """What the last trial saw: it shows rows, so only whoever may ask for one sees it."""
    if not may_set_up(actor):
        return None
    row = sql.fetch_one(Q.trial, pickup_id=pickup_id)
    if row.trial is None:
        return None
    return msgspec.convert(json.loads(crypto.unseal(bytes(row.trial))), Trial)


def secret_of(pickup_id: int) -> dict[str, Any]:
    """For workers only: the web's role may not read it."""
    found = sql.fetch(Q.secret, pickup_id=pickup_id)
    return dict(json.loads(crypto.unseal(bytes(found[0].sealed)))) if found else {}
