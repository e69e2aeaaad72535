"""Identity without some facts (ADR 0017): links and identifiers that only these proved go; callers hold the transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.people.identity import live, rules
from huoshui.people.identity.actions import guard, held_by, hold, recluster, visitors
from huoshui.people.identity.kinds import DEVICES
from huoshui.people.identity.regrouping import Living, Owned, Parted, Plan, Proof, Told, regroup, seen_of

Q = sql.load("huoshui.people.identity")


@dataclass(frozen=True)
class Regrouped:
    """Persons that were looked at, and facts of theirs that would be somebody else's now: to be told again."""

    person_ids: Sequence[int]
    retold: Sequence[int]
    links_gone: int = 0
    identifiers_gone: int = 0


def known_by(fact_ids: Sequence[int]) -> list[int]:
    """Whom these facts have named."""
    return sorted(r.person_id for r in sql.fetch(Q.known_by, fact_ids=list(fact_ids)))


def regroup_without(person_ids: Sequence[int], *, actor: Actor) -> Regrouped:
    """Look at these persons, and all who are one with them, anew by the facts that still count."""
    sql.fetch(Q.lock_clusters)
    everyone = _around(person_ids)
    if not everyone:
        return Regrouped((), ())
    # Whom a contradiction kept apart from them may belong to them once what contradicted names nobody any more
    if beside := [r.person_id for r in sql.fetch(Q.asked_beside, person_ids=everyone)]:
        everyone = _around([*everyone, *beside])
    told = sql.fetch_as(Told, Q.evidence, person_ids=everyone, devices=DEVICES)
    seen = seen_of(told, set(everyone))
    by = live.now()
    plan = regroup(
        told,
        sql.fetch_as(Owned, Q.identifiers_owned, person_ids=everyone),
        sql.fetch_as(Living, Q.links_living, person_ids=everyone),
        set(everyone),
        held=held_by(rules.beside_unknown(seen, by)),
        visitors=visitors(rules.perhaps_visitors(seen, by), by),
        by=by,
        parted=sql.fetch_as(Parted, Q.links_parted, person_ids=everyone),
    )
    _write(plan, actor)
    recluster(everyone)
    return Regrouped(everyone, plan.retold, len(plan.unlinked), len(plan.dropped))


def _around(person_ids: Sequence[int]) -> list[int]:
    return sorted(r.person_id for r in sql.fetch(Q.clusters_around, person_ids=list(person_ids)))


def _write(plan: Plan, actor: Actor) -> None:
    if plan.unlinked:
        sql.run(Q.drop_links, link_ids=plan.unlinked)
    if plan.dropped:
        sql.run(Q.detach_identifiers, identifier_ids=plan.dropped)
        sql.run(Q.drop_identifiers, identifier_ids=plan.dropped)
    if plan.kept:
        sql.run(
            Q.put_identifiers,
            ids=[k.id for k in plan.kept],
            person_ids=[k.person_id for k in plan.kept],
            fact_ids=[k.fact_id for k in plan.kept],
            links_made=[k.links_made for k in plan.kept],
            enough=rules.JOINED_ENOUGH,
        )
    hold(plan.held)
    if plan.born:
        sql.run(Q.give_birth_again, ids=[p for p, _ in plan.born], fact_ids=[f for _, f in plan.born])
    if plan.proofs:
        _prove(plan.proofs, actor)
    if plan.guarded:
        guard(plan.guarded)


def _prove(proofs: Sequence[Proof], actor: Actor) -> None:
    names = [p.via for p in proofs]
    known = {
        (r.kind, r.scope, r.key): r.identifier_id
        for r in sql.fetch(
            Q.known_names,
            kinds=[n[0] for n in names],
            scopes=[n[1] for n in names],
            keys=[n[2] for n in names],
        )
    }
    there = [p for p in proofs if p.link_id is not None]
    new = [p for p in proofs if p.link_id is None]
    if there:
        sql.run(
            Q.prove_links,
            ids=[p.link_id for p in there],
            fact_ids=[p.fact_id for p in there],
            identifier_ids=[known.get(p.via) for p in there],
        )
    if new:
        sql.run(
            Q.join_again,
            a=[p.person_a for p in new],
            b=[p.person_b for p in new],
            identifier_ids=[known.get(p.via) for p in new],
            fact_ids=[p.fact_id for p in new],
            actor=str(actor),
        )


def bury_untold(person_ids: Sequence[int]) -> list[int]:
    """Of these persons, those of whom nothing tells any more are no persons. Returns them."""
    gone = [r.id for r in sql.fetch(Q.untold, person_ids=list(person_ids))]
    if gone:
        sql.run(Q.bury, person_ids=gone)
    return gone


def living(person_ids: Sequence[int]) -> set[int]:
    """Those of these that are persons (still)."""
    return {r.id for r in sql.fetch(Q.living, person_ids=list(person_ids))}
