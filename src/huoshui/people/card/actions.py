"""Writes of the card. Subscribers of other rooms hand in their columns; `refresh` asks them to."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from huoshui.core import sql
from huoshui.core.facts import api as facts
from huoshui.core.subscribers import registry
from huoshui.people.identity import reads as identity
from huoshui.people.identity import undoing
from huoshui.people.profiles import reads as profiles

Q = sql.load("huoshui.people.card")

_CHUNK = 5_000


def refresh() -> int:
    """Rewrite the cards of everybody touched since the last time. Returns how many cards."""
    with facts.since_last_read("card") as span:
        reclustered = identity.changed_persons(span)
        touched = sorted({*facts.settled_persons(span), *reclustered})
        canonical = identity.canonical_ids(touched)
        absorbed = [p for p in reclustered if canonical.get(p, p) != p]
        if absorbed:
            sql.run(Q.drop, person_ids=absorbed)
        cards = sorted(undoing.living(sorted(set(canonical.values()))))
        for start in range(0, len(cards), _CHUNK):
            rewrite(cards[start : start + _CHUNK])
    return len(cards)


def drop(person_ids: Sequence[int]) -> None:
    """Those of whom nothing tells any more have no card."""
    sql.run(Q.drop, person_ids=list(person_ids))


def rewrite(canonical_ids: list[int]) -> None:
    """Write these cards anew: who they are here, what they bought and hold by the rooms that know."""
    _write_identity(canonical_ids)
    for part in registry.card.values():
        part(canonical_ids)


def _write_identity(canonical_ids: list[int]) -> None:
    members = identity.members_of(canonical_ids)
    found = {r.canonical_id: r for r in identity.card_identifiers(members)}
    canonical = dict(members)
    name_of = {canonical[m]: name for m, name in profiles.display_names(list(canonical))}
    sql.run(
        Q.put_identity,
        person_ids=canonical_ids,
        names=[name_of.get(c, "") for c in canonical_ids],
        card_nos=[found[c].card_no for c in canonical_ids],
        tails=[found[c].phone_tail4 for c in canonical_ids],
    )


def forget(person_ids: Sequence[int]) -> int:
    """Whoever is erased has no card. Returns how many had one."""
    return sql.run(Q.drop, person_ids=list(person_ids))


def write_sales(rows: Sequence[sql.Row], *, without: Sequence[int] = ()) -> None:
    """Rows of canonical_id, first_sale_at, last_sale_at, orders, spend, home_org_unit_id; and who has no sales, now or ever."""
    if without:
        sql.run(Q.clear_sales, person_ids=list(without))
    sql.run(
        Q.put_sales,
        person_ids=[r.canonical_id for r in rows],
        firsts=[r.first_sale_at for r in rows],
        lasts=[r.last_sale_at for r in rows],
        orders=[r.orders for r in rows],
        spends=[r.spend for r in rows],
        homes=[r.home_org_unit_id for r in rows],
    )


def write_loyalty(rows: Sequence[sql.Row]) -> None:
    """Rows of canonical_id, tier, points."""
    sql.run(
        Q.put_loyalty,
        person_ids=[r.canonical_id for r in rows],
        tiers=[r.tier for r in rows],
        points=[r.points for r in rows],
    )


def write_bonds(rows: Sequence[sql.Row]) -> None:
    """Rows of person_id (canonical), dealer_id, guide_id."""
    if rows:
        sql.run(
            Q.put_bonds,
            person_ids=[r.person_id for r in rows],
            dealer_ids=[r.dealer_id for r in rows],
            guide_ids=[r.guide_id for r in rows],
        )


def write_labels(labels: pa.Table) -> int:
    """Columns person_id (canonical), grade, frequency, ticket. Returns how many cards changed."""
    changed = 0
    for start in range(0, labels.num_rows, 10_000):
        part = labels.slice(start, 10_000).to_pydict()
        changed += sql.run(
            Q.put_labels,
            person_ids=part["person_id"],
            grades=[g or "" for g in part["grade"]],
            frequencies=[f or "" for f in part["frequency"]],
            tickets=[t or "" for t in part["ticket"]],
        )
    return changed
