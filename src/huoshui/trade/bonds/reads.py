"""Who owns and serves whom, and why. A dealer sees its own, head office all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import pyarrow as pa

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.subscribers import STATE_SCHEMA, XidRange
from huoshui.people import api as people
from huoshui.trade.bonds import fold, terms, why
from huoshui.trade.bonds.scope import is_of, units_of
from huoshui.trade.bonds.types import SIGNS, Count, Dispute, Guide, RulesVersion, Spell, View

Q = sql.load("huoshui.trade.bonds")

_RECENT = timedelta(days=90)
_MOST = 500


def of_person(actor: Actor, person_id: int) -> View:
    """A human's bonds, as far as the actor may see them: head office all, a dealer its own. Raises NotFound for whom
    the actor may not see."""
    head = people.card_for(actor, person_id).person_id
    ids = [member for member, _head in people.members_of([head])]
    spells = [Spell(*r[1:]) for r in sql.fetch(Q.said, person_ids=ids)]
    if not actor.sees_whole_brand:
        spells = [s for s in spells if is_of(actor, s.dealer_id, s.store_id)]
    spells.sort(key=lambda s: (s.since, s.made_by), reverse=True)
    names = names_of(spells)
    return View(
        person_id=head,
        now=next((s for s in spells if s.state == "live"), None),
        spells=tuple(spells),
        names=names,
        why=why.sentences(spells, names, clock.now()),
    )


def names_of(spells: Iterable[Spell]) -> dict[tuple[str, int], str]:
    """('unit' or 'staff', id) → name."""
    units = {i for s in spells for i in (s.dealer_id, s.store_id) if i is not None}
    staff = {s.guide_id for s in spells if s.guide_id is not None}
    named: dict[tuple[str, int], str] = {}
    named.update((("unit", i), name) for i, name in brand.unit_names(sorted(units)).items())
    named.update((("staff", i), name) for i, name in brand.staff_names(sorted(staff)).items())
    return named


class HeldAt(NamedTuple):
    """`place` is the caller's."""

    place: int
    dealer_id: int | None
    store_id: int | None
    guide_id: int | None
    made_by: int


def held_at(asked: Sequence[tuple[int, int, datetime]]) -> list[HeldAt]:
    """Of each (place, born id, moment) who owned and served her then; nothing where nobody did."""
    if not asked:
        return []
    places, persons, times = map(list, zip(*asked, strict=True))
    return sql.fetch_as(HeldAt, Q.held_at, places=places, person_ids=persons, times=times)


def counts(actor: Actor) -> list[Count]:
    """Customers per owner now, and what each won and lost in ninety days."""
    now = clock.now()
    rows = sql.fetch(Q.counts, units=units_of(actor), now=now, since=now - _RECENT)
    names = brand.unit_names([r.dealer_id for r in rows if r.dealer_id is not None])
    return [
        Count(
            r.dealer_id,
            names.get(r.dealer_id, "") if r.dealer_id is not None else "",
            r.people,
            r.protected,
            r.without_guide,
            r.gained,
            r.lost,
        )
        for r in rows
    ]


def guides(actor: Actor) -> list[Guide]:
    """Who serves how many, those who have left first."""
    rows = sql.fetch(Q.guides, units=units_of(actor))
    ids = sorted({r.guide_id for r in rows})
    names, left = brand.staff_names(ids), brand.staff_left(ids)
    found = [
        Guide(r.guide_id, names.get(r.guide_id, ""), r.dealer_id, r.people, left.get(r.guide_id))
        for r in rows
    ]
    return sorted(found, key=lambda g: (g.left_on is None, -g.people, g.guide_id))


def customers(
    actor: Actor,
    *,
    dealer_id: int | None = None,
    store_id: int | None = None,
    guide_id: int | None = None,
    after: int = 0,
    limit: int = 50,
) -> list[int]:
    """Canonical ids, ascending, from `after` on."""
    rows = sql.fetch(
        Q.customers,
        units=units_of(actor),
        dealer_id=dealer_id,
        store_id=store_id,
        guide_id=guide_id,
        after=after,
        limit=min(limit, _MOST),
    )
    return [r.person_id for r in rows]


def disputes(actor: Actor, *, person_id: int | None = None, limit: int = 100) -> list[Dispute]:
    """The open ones first. A dealer sees those it opened."""
    ids = people.kin_of([person_id])[person_id] if person_id is not None else None
    rows = sql.fetch(Q.disputes, units=units_of(actor), person_ids=ids, limit=limit)
    units = {i for r in rows for i in (r.dealer_id, r.against_dealer_id) if i is not None}
    names = brand.unit_names(sorted(units))
    return [
        Dispute(
            id=r.id,
            person_id=r.person_id,
            dealer_id=r.dealer_id,
            dealer=names.get(r.dealer_id, ""),
            store_id=r.store_id,
            guide_id=r.guide_id,
            evidence=tuple(r.evidence),
            said=r.said,
            # Whose she is the claimant is not told
            against_dealer_id=r.against_dealer_id if actor.sees_whole_brand else None,
            against=names.get(r.against_dealer_id or 0, "") if actor.sees_whole_brand else "",
            opened_by=r.opened_by,
            opened_at=r.opened_at,
            state=r.state,
            decided_by=r.decided_by,
            decided_at=r.decided_at,
            decision=r.decision,
        )
        for r in rows
    ]


def evidence_of(actor: Actor, person_id: int, *, limit: int = 20) -> list[int]:
    """Facts of a customer at the actor's own dealer or stores, the latest first: what a claim may be founded on."""
    rows = sql.fetch(
        Q.evidence_of,
        person_ids=people.kin_of([person_id])[person_id],
        kinds=list(SIGNS),
        units=sorted(actor.org_unit_ids),
        limit=limit,
    )
    return [r.fact_id for r in rows]


def count_open(actor: Actor) -> int:
    return int(sql.fetch_one(Q.count_open, units=units_of(actor)).disputes)


def rules_versions() -> list[RulesVersion]:
    """The one in force first; the house's own last."""
    rows = [
        RulesVersion(r.version, json.loads(r.params), r.actor, r.reason, r.set_at)
        for r in sql.fetch(Q.versions)
    ]
    return [*reversed(rows), RulesVersion(0, terms.told(terms.HOUSE), "system:0", "", None)]


def current_rules() -> terms.Terms:
    versions = fold.known_versions()
    return versions[-1] if versions else terms.HOUSE


def state_changes(span: XidRange) -> pa.Table:
    """bond.dealer, bond.store, bond.guide: the id as number, the name as value; of head office's own, 总部 and 0."""
    rows = sql.fetch(Q.state_changes, low=str(span.low), high=str(span.high))
    names = _named_keys(rows)
    told = [
        {
            "person_id": r.person_id,
            "key": r.key,
            "value": _value(r, names),
            "number": _number(r),
            "at": r.at,
            "seq": r.seq,
            "source_id": 0,
        }
        for r in rows
    ]
    return pa.Table.from_pylist(told, schema=STATE_SCHEMA)


def _named_keys(rows: Sequence[sql.Row]) -> dict[tuple[str, int], str]:
    staff = sorted({r.id for r in rows if r.key == "bond.guide" and r.id is not None})
    units = sorted({r.id for r in rows if r.key != "bond.guide" and r.id is not None})
    named: dict[tuple[str, int], str] = {}
    named.update((("unit", i), name) for i, name in brand.unit_names(units).items())
    named.update((("staff", i), name) for i, name in brand.staff_names(staff).items())
    return named


def _value(row: sql.Row, names: dict[tuple[str, int], str]) -> str | None:
    if row.id is not None:
        return names.get(("staff" if row.key == "bond.guide" else "unit", row.id))
    return "总部" if row.key == "bond.dealer" and row.is_owned else None


def _number(row: sql.Row) -> float | None:
    if row.id is not None:
        return float(row.id)
    return 0.0 if row.key == "bond.dealer" and row.is_owned else None
