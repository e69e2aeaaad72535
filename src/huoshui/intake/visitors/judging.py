"""Whether a basket was left or bought, and whether somebody who left came back: one look for all that are asked about."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import Note
from huoshui.intake.visitors import rules
from huoshui.intake.visitors.settings import patience
from huoshui.intake.visitors.types import (
    BOUGHT,
    BOUGHT_AFTER_ALL,
    LEFT,
    LEFT_NAMES,
    Item,
    Order,
    Patience,
    Standing,
    Verdict,
)
from huoshui.people import api as people

Q = sql.load("huoshui.intake.visitors")

SLICE = 2_000


def judge_due() -> int:
    """Conclude what became of the baskets whose time has come. Returns how many were looked at."""
    seen = 0
    while True:
        with transaction.atomic():
            allowed, now = patience(), clock.now()
            rows = sql.fetch_as(
                Standing, Q.due_baskets, scan=now - allowed.scan, basket=now - allowed.basket, limit=SLICE
            )
            judge(rows)
        seen += len(rows)
        if len(rows) < SLICE:
            return seen


def look_again(person_ids: Sequence[int], *, since: datetime) -> None:
    """These have bought: what waits for an order of theirs is looked at. In the caller's transaction."""
    canonical = set(people.canonical_ids(person_ids).values())
    members = [member for member, _ in people.members_of(sorted(canonical))]
    judge(sql.fetch_as(Standing, Q.baskets_of, person_ids=members, since=since))
    note_returns(sql.fetch(Q.awaited_visits, person_ids=members, since=since))


def recheck() -> None:
    """Everything that an order or a merge of two people could still change: for the night."""
    allowed = patience()
    with transaction.atomic():
        since = clock.now() - rules.CART_KEPT - allowed.back
        judge(sql.fetch_as(Standing, Q.baskets_since, since=since))
        note_returns(sql.fetch(Q.awaited_of_all, since=since))


def judge(baskets: Sequence[Standing]) -> None:
    """Conclude, and say in facts what changed: each once, whoever asks how often."""
    if not baskets:
        return
    sql.fetch(Q.lock_baskets, ids=[basket.id for basket in baskets])
    allowed, now = patience(), clock.now()
    orders = _first_orders(
        [(b.id, b.person_id, *rules.asked_span(b, allowed)) for b in baskets],
    )
    verdicts = {b: rules.judged(b, orders.get(b.id), now=now, patience=allowed) for b in baskets}
    changed = {
        b: v for b, v in verdicts.items() if (v.state, v.order and v.order.at) != (b.state, b.bought_at)
    }
    if changed:
        _write(changed, allowed)


class _Said(NamedTuple):
    amounts: dict[int, int]
    facts: dict[int, int]
    taken_back: dict[int, int]


def _write(changed: Mapping[Standing, Verdict], allowed: Patience) -> None:
    newly_left = [b for b, v in changed.items() if v.state == LEFT and b.fact_id is None]
    after_all = [(b, v) for b, v in changed.items() if v.state == BOUGHT and b.fact_id is not None]
    items = _contents([b.id for b in newly_left])
    said = _Said(
        {b.id: sum(item.amount for item in items.get(b.id, [])) for b in newly_left},
        _say_left(newly_left, items, allowed),
        _say_bought(after_all),
    )
    _keep_contents(items)
    rows = list(changed.items())
    sql.run(
        Q.set_states,
        ids=[b.id for b, _ in rows],
        states=[v.state for _, v in rows],
        bought=[v.order.at if v.order else None for _, v in rows],
        order_ids=[v.order.fact_id if v.order else None for _, v in rows],
        amounts=[said.amounts.get(b.id) for b, _ in rows],
        fact_ids=[said.facts.get(b.id) for b, _ in rows],
        taken_back_by=[said.taken_back.get(b.id) for b, _ in rows],
    )


def _say_left(
    baskets: Sequence[Standing], items: Mapping[int, list[Item]], allowed: Patience
) -> dict[int, int]:
    """At the time at which patience ended: then it became true."""
    notes = {
        b.id: Note(
            LEFT_NAMES[b.kind],
            f"basket left:{b.id}",
            b.person_id,
            b.last_at + allowed.of(b.kind),
            {
                "began_at": b.began_at.isoformat(),
                "last_at": b.last_at.isoformat(),
                "amount": sum(item.amount for item in items.get(b.id, [])),
                "products": [item._asdict() for item in items.get(b.id, [])],
            },
        )
        for b in baskets
    }
    return _noted(notes)


def _say_bought(baskets: Sequence[tuple[Standing, Verdict]]) -> dict[int, int]:
    notes = {
        b.id: Note(
            BOUGHT_AFTER_ALL,
            f"basket bought after all:{b.id}",
            b.person_id,
            clock.now(),
            {"of": b.fact_id, "order": v.order.fact_id if v.order else None},
        )
        for b, v in baskets
    }
    return _noted(notes)


def _noted(notes: Mapping[int, Note]) -> dict[int, int]:
    made = facts.note(list(notes.values()), actor=SYSTEM)
    return {number: made[note.key] for number, note in notes.items() if note.key in made}


def _contents(ids: Sequence[int]) -> dict[int, list[Item]]:
    if not ids:
        return {}
    told: dict[int, list[tuple[str, Mapping[str, Any]]]] = defaultdict(list)
    for row in sql.fetch(Q.told_in, ids=list(ids)):
        values = json.loads(row.told) if isinstance(row.told, str) else row.told
        if isinstance(values, dict):
            told[row.basket_id].append((row.name, values))
    return {number: rules.contents(rows) for number, rows in told.items()}


def _keep_contents(items: Mapping[int, list[Item]]) -> None:
    rows = [(number, item) for number, held in items.items() for item in held]
    if not rows:
        return
    known = brand.find_skus(sorted({item.code for _, item in rows}))
    sql.run(
        Q.set_contents,
        basket_ids=[number for number, _ in rows],
        codes=[item.code for _, item in rows],
        sku_ids=[known.get(item.code) for _, item in rows],
        names=[item.name for _, item in rows],
        quantities=[item.quantity_milli for _, item in rows],
        amounts=[item.amount for _, item in rows],
    )


def note_returns(visits: Sequence[sql.Row]) -> None:
    """Those who left with nothing, and have bought since, within the days that count as coming back."""
    if not visits:
        return
    allowed = patience()
    found = _first_orders([(v.id, v.person_id, v.ended_at, v.ended_at + allowed.back) for v in visits])
    if found:
        sql.run(
            Q.set_returns,
            ids=list(found),
            times=[order.at for order in found.values()],
            fact_ids=[order.fact_id for order in found.values()],
        )


def _first_orders(asked: Iterable[tuple[int, int, datetime, datetime]]) -> dict[int, Order]:
    """(thing, person, since, until) → the earliest order of that person, under any of their ids, in that span."""
    rows = list(asked)
    canonical = people.canonical_ids(sorted({person for _, person, _, _ in rows}))
    ids_of: dict[int, list[int]] = defaultdict(list)
    for member, own in people.members_of(sorted(set(canonical.values()))):
        ids_of[own].append(member)
    spread = [
        (number, member, since, until)
        for number, person, since, until in rows
        for member in ids_of[canonical[person]]
    ]
    found = sql.fetch(
        Q.first_orders,
        ids=[row[0] for row in spread],
        person_ids=[row[1] for row in spread],
        since=[row[2] for row in spread],
        until=[row[3] for row in spread],
    )
    return {row.id: Order(row.fact_id, row.occurred_at) for row in found}
