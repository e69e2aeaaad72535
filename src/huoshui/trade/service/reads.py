"""What a customer bought, and whom to turn to today. Callers have made sure that the actor may see these persons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.insight.api import tags
from huoshui.people import api as people
from huoshui.trade.bonds import api as bonds
from huoshui.trade.service import rules
from huoshui.trade.service.types import Before, Candidate, Doing, Purchase, Task

Q = sql.load("huoshui.trade.service")

_BACK = timedelta(days=730)
_MOST = 500


def bought(kin: Mapping[int, Sequence[int]]) -> dict[int, list[Purchase]]:
    """Head → what she took in two years, the latest day first; `kin` has all ids of each head. One statement for any number."""
    found: dict[int, list[Purchase]] = {head: [] for head in kin}
    for row in sql.fetch(Q.bought, **_spread(kin), since=clock.now() - _BACK):
        found[row.person_id].append(Purchase(row.sku_id, row.day, row.quantity_milli, row.org_unit_id))
    return found


def before(person_ids: Sequence[int]) -> Before:
    """All that her page is made of, in one flight. `person_ids` are all ids of one human, the head first."""
    kin = {person_ids[0]: person_ids}
    taken = sql.ask(Q.bought, **_spread(kin), since=clock.now() - _BACK)
    worn = tags.ask_by_hand(person_ids, [question.key for question in rules.QUESTIONS])
    is_profiled = not people.unprofiled_kin(kin)
    purchases = [Purchase(r.sku_id, r.day, r.quantity_milli, r.org_unit_id) for r in taken.rows()]
    return Before(purchases, is_profiled, worn.rows(tuple))


def customers(actor: Actor) -> list[int]:
    """Whom she serves, of those she may see."""
    return [
        c.person_id for c in people.cards_for(actor, bonds.customers(actor, guide_id=actor.id, limit=_MOST))
    ]


def today(actor: Actor, *, now: datetime | None = None) -> list[Doing]:
    """At most ten, the same all day; as many statements for five hundred customers as for one."""
    now = now or clock.now()
    cards = people.cards_for(actor, bonds.customers(actor, guide_id=actor.id, limit=_MOST))
    if not cards:
        return []
    kin = people.kin_of([c.person_id for c in cards])
    taken, unprofiled = bought(kin), people.unprofiled(sorted(kin))
    day = clock.business_day(now)
    found = [
        rules.task_of(
            Candidate(
                c.person_id, tuple(taken[c.person_id]), c.grade == "high", c.person_id not in unprofiled
            ),
            today=day,
        )
        for c in cards
    ]
    tasks = [task for task in found if task]
    done = turned_to(
        {t.person_id: kin[t.person_id] for t in tasks}, since=clock.from_local(datetime.combine(day, time()))
    )
    picked = rules.chosen(tasks, may=_may(tasks, now), done=done)
    return [Doing(task, task.person_id in done) for task in picked]


def turned_to(kin: Mapping[int, Sequence[int]], *, since: datetime) -> frozenset[int]:
    """Those who were called, noted, or bought since then."""
    if not kin:
        return frozenset()
    return frozenset(r.person_id for r in sql.fetch(Q.turned_to, **_spread(kin), since=since))


def purpose_of(task: Task) -> str:
    """A word of care follows what she bought; the others want to sell."""
    return "service" if task.kind == "care" else "marketing"


def _may(tasks: Sequence[Task], now: datetime) -> dict[int, bool]:
    """Whether she may be called for this now."""
    may: dict[int, bool] = {}
    for purpose in ("service", "marketing"):
        asked = [t.person_id for t in tasks if purpose_of(t) == purpose]
        if asked:
            decided = people.may_send(asked, channel="call", purpose=purpose, at=now)
            may |= {person_id: decision.may for person_id, decision in decided.items()}
    return may


def _spread(kin: Mapping[int, Sequence[int]]) -> dict[str, list[int]]:
    pairs = [(member, head) for head, members in kin.items() for member in members]
    return {"person_ids": [m for m, _ in pairs], "whose": [h for _, h in pairs]}
