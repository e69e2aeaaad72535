"""What a person does besides ordering: what sites, apps, shops and devices told, gathered by where and when it was."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from huoshui.core.actor import Actor
from huoshui.core.facts.types import FACT_WITHDRAWN
from huoshui.web.console import numbers, rhythm, words
from huoshui.web.console.contexts import about_words, rooms

PAGE = 120
SHOWN = 6  # lines of a stay

# What of a fact says best what it was about, the first that is there
_ABOUT = ("name", "query", "title", "category", "product_id", "sku", "coupon_id", "path", "url")
_MOST = 60
# Orders have their own place in the timeline, and what was taken back none
_ELSEWHERE = sorted({*words.ORDERS, FACT_WITHDRAWN})
_NEWEST = (datetime(9999, 1, 1, tzinfo=UTC), 2**62)

Cursor = tuple[datetime, int]


class Doing(NamedTuple):
    fact_id: int
    name: str
    occurred_at: datetime
    source: str
    about: str


@dataclass(frozen=True)
class Did:
    icon: str
    what: str
    about: str
    times: int
    at: datetime


@dataclass(frozen=True)
class Stay:
    """At one source, within two hours."""

    day: date
    first_at: datetime
    last_at: datetime
    source: str
    times: int
    did: tuple[Did, ...]
    more: int
    """What is not listed."""


def read(actor: Actor, person_id: int, before: Cursor | None) -> list[Doing]:
    """One more than a page, the newest first. Of the whole brand only: no shop of somebody else is told what its
    customers look at elsewhere."""
    if not actor.sees_whole_brand:
        return []
    rows = rooms.facts.of_persons(
        rooms.people.members(person_id), but=_ELSEWHERE, before=before or _NEWEST, limit=PAGE + 1
    )
    return [Doing(r.fact_id, r.name, r.occurred_at, r.source, _about(r.name, r.body)) for r in rows]


def _about(name: str, body: Any) -> str:
    told = json.loads(body) if isinstance(body, str) else body or {}
    if said := about_words.about(name, told):
        return said
    values = told.get("properties") or {}
    if not isinstance(values, dict):
        return ""
    found = next((str(values[k]) for k in _ABOUT if isinstance(values.get(k), str | int) and values[k]), "")
    return found if len(found) <= _MOST else f"{found[:_MOST]}…"


def stays(doings: Sequence[Doing]) -> list[Stay]:
    gathered = rhythm.visits([(one.occurred_at, one.source) for one in doings])
    return [_stay([doings[i] for i in places]) for places in gathered]


def _stay(found: Sequence[Doing]) -> Stay:
    alike: dict[tuple[str, str], list[Doing]] = {}
    for one in found:
        alike.setdefault((one.name, one.about), []).append(one)
    did = [_did(those) for those in alike.values()]
    return Stay(
        day=numbers.day_of(found[0].occurred_at),
        first_at=found[-1].occurred_at,
        last_at=found[0].occurred_at,
        source=found[0].source,
        times=len(found),
        did=tuple(did[:SHOWN]),
        more=sum(one.times for one in did[SHOWN:]),
    )


def _did(those: Sequence[Doing]) -> Did:
    newest = those[0]
    icon, what = words.DOINGS.get(newest.name, (words.ANY_DOING, words.FACTS.get(newest.name, newest.name)))
    return Did(icon, str(what), newest.about, len(those), newest.occurred_at)
