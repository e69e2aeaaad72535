"""From touches to bonds: whoever was touched is worked out anew, and only what came out otherwise is said anew (ADR 0033).

So following the facts and replaying all of them must give the same, and a merge or a parting shows by itself.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import transaction

from huoshui.core import clock, sql
from huoshui.core.facts import api as facts
from huoshui.people import api as people
from huoshui.trade.bonds import rules, terms
from huoshui.trade.bonds.hearing import hear
from huoshui.trade.bonds.types import OF_FACTS, Join, Spell, Told, Touch

Q = sql.load("huoshui.trade.bonds")

READER = "bonds"
_CHUNK = 2_000


def read(*, now: datetime | None = None) -> int:
    """Hear what has settled since the last time. Returns how many humans have another owner or server now."""
    with facts.since_last_read(READER) as span:
        sql.by_index()
        bounds = {"low": str(span.low), "high": str(span.high)}
        found = [r.fact_id for r in sql.fetch(Q.touching, **bounds, names=list(OF_FACTS))]
        touched = {*hear(found), *(r.person_id for r in sql.fetch(Q.gone, **bounds))}
        return len(work_out({*touched, *people.reclustered(span)}, now=now))


def attend(*, now: datetime | None = None) -> int:
    """Whose bond silence releases. Their cards say so at once. Returns how many people were looked at."""
    moment, seen = now or clock.now(), 0
    while True:
        with transaction.atomic():
            sql.by_index()
            due = [r.person_id for r in sql.fetch(Q.due, now=moment, limit=_CHUNK)]
            sql.run(Q.drop_rechecks, person_ids=due)
            people.write_card_bonds(owners_now(work_out(due, now=moment)))
        seen += len(due)
        if len(due) < _CHUNK:
            return seen


def rebuild(*, now: datetime | None = None) -> int:
    """Replay everybody, page by page. Returns how many have another owner or server."""
    after, changed = 0, 0
    while True:
        with transaction.atomic():
            sql.by_index()
            page = [r.person_id for r in sql.fetch(Q.everyone, after=after, limit=_CHUNK)]
            changed += len(work_out(page, now=now))
        if len(page) < _CHUNK:
            return changed
        after = page[-1]


def work_out(person_ids: Iterable[int], *, now: datetime | None = None) -> list[int]:
    """Bring the bonds of these persons (any ids) up to what was heard. In the caller's transaction. Returns who
    (canonical ids) has another owner or server now."""
    touched = sorted(set(person_ids))
    if not touched:
        return []
    sql.fetch(Q.lock)
    canonical = people.canonical_ids(touched)
    heads = sorted(people.living(sorted(set(canonical.values()))))
    changed = _put_now(dict.fromkeys(sorted(set(touched) - set(heads))))
    for start in range(0, len(heads), _CHUNK):
        told = tell(heads[start : start + _CHUNK], now=now or clock.now())
        _say({member for one in told.values() for member in one[1]}, [one[0] for one in told.values()])
        changed += _put_now({head: one[0].live for head, one in told.items()})
        _recheck({head: one[0].release_at for head, one in told.items()})
    return changed


def tell(heads: Sequence[int], *, now: datetime) -> dict[int, tuple[Told, list[int]]]:
    """Canonical id → all spells of that human, and her born ids."""
    members: dict[int, list[int]] = defaultdict(list)
    for member, head in people.members_of(heads):
        members[head].append(member)
    whose = {m: head for head, ids in members.items() for m in ids}
    touches: dict[int, list[Touch]] = defaultdict(list)
    for touch in sql.fetch_as(Touch, Q.touches_of, person_ids=list(whose)):
        touches[whose[touch.person_id]].append(touch)
    joins: dict[int, list[Join]] = defaultdict(list)
    several = [m for ids in members.values() if len(ids) > 1 for m in ids]
    for one, other, at in people.links_among(several) if several else ():
        joins[whose[one]].append(Join(one, other, at))
    versions = known_versions()
    return {head: (rules.spells(touches[head], joins[head], versions, now), members[head]) for head in heads}


def known_versions() -> list[terms.Terms]:
    return [terms.read(r.version, r.from_position, json.loads(r.params)) for r in sql.fetch(Q.versions)]


def owners_now(heads: Sequence[int]) -> list[sql.Row]:
    """person_id, made_by, dealer_id, store_id, guide_id, protected_until of those of these who ever had an owner."""
    return sql.fetch(Q.now_of, person_ids=list(heads)) if heads else []


def _say(members: Iterable[int], told: Iterable[Told]) -> None:
    new = {(s.person_id, s.made_by): s for one in told for s in one.spells}
    old = {
        (r.person_id, r.made_by): (r.id, Spell(*r[1:])) for r in sql.fetch(Q.said, person_ids=sorted(members))
    }
    superseded = sorted(row_id for key, (row_id, spell) in old.items() if new.get(key) != spell)
    said = [s for key, s in new.items() if key not in old or old[key][1] != s]
    if superseded:
        sql.run(Q.supersede, ids=superseded)
    if said:
        columns = {f"{name}s": [getattr(s, name) for s in said] for name in Spell._fields}
        sql.run(Q.say, **columns)


def _put_now(owners: Mapping[int, Spell | None]) -> list[int]:
    """Returns those of whom something else holds now."""
    if not owners:
        return []
    old = {r.person_id: tuple(r[1:]) for r in owners_now(list(owners))}
    new = {p: _place(spell) for p, spell in owners.items()}
    nobody = _place(None)
    changed = [p for p in new if old.get(p, nobody) != new[p]]
    if changed:
        rows = [new[p] for p in changed]
        sql.run(
            Q.put_now,
            person_ids=changed,
            made_bys=[r[0] for r in rows],
            dealer_ids=[r[1] for r in rows],
            store_ids=[r[2] for r in rows],
            guide_ids=[r[3] for r in rows],
            protected_untils=[r[4] for r in rows],
        )
    return changed


def _place(spell: Spell | None) -> tuple[int | datetime | None, ...]:
    if spell is None:
        return (None,) * 5
    return spell.made_by, spell.dealer_id, spell.store_id, spell.guide_id, spell.protected_until


def _recheck(times: Mapping[int, datetime | None]) -> None:
    due = {p: at for p, at in times.items() if at is not None}
    if due:
        sql.run(Q.put_rechecks, person_ids=list(due), times=list(due.values()))
