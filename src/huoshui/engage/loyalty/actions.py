"""The river's `earn` step: points as movements for the ledger, tiers as derived facts."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from huoshui.core import sql
from huoshui.core.facts.derived import Derived
from huoshui.core.ledger.types import Movement
from huoshui.engage.loyalty import rules
from huoshui.engage.loyalty.types import Earning, EarnRule, Given, OrderFact, Rulebook, Spent, Standing, Tier

Q = sql.load("huoshui.engage.loyalty")

TIER_REACHED = "Tier Reached"


@dataclass(frozen=True)
class Earned:
    movements: list[Movement]
    derived: list[Derived]


def earn(fact_ids: Sequence[int], *, history: Set[int]) -> Earned:
    """Points and tiers of these settled facts. Facts of `history` move tiers only: their points came with the past."""
    if not fact_ids:
        return Earned([], [])
    earnings = sql.fetch_as(Earning, Q.earnings, fact_ids=list(fact_ids))
    if not earnings:
        return Earned([], [])
    live = [e for e in earnings if e.fact_id not in history]
    changed = sorted({e.order_id for e in live if e.order_id is not None})
    facts = sql.fetch_as(OrderFact, Q.order_facts, order_ids=changed) if changed else []
    given = sql.fetch_as(Given, Q.given, order_ids=changed) if changed else []
    movements = rules.movements(live, rulebook(), facts=facts, given=given)
    return Earned(movements, _progress(_spent(earnings), live={e.fact_id for e in live}))


def _spent(earnings: Sequence[Earning]) -> list[Spent]:
    """Whose money it was: what a fact takes back was spent by whom it was told of then."""
    later = [e.fact_id for e in earnings if e.order_id is not None]
    taken_back = sql.fetch_as(Spent, Q.taken_back, fact_ids=later) if later else []
    return rules.spent(earnings, taken_back)


def rulebook() -> Rulebook:
    return Rulebook(sql.fetch_as(EarnRule, Q.rules))


def _progress(spent: Sequence[Spent], *, live: Set[int]) -> list[Derived]:
    if not spent:
        return []
    tiers = sql.fetch_as(Tier, Q.tiers)
    standings, reached = rules.progress(spent, _standings(spent), tiers)
    sql.send(
        Q.move_progress,
        person_ids=[s.person_id for s in standings],
        spends=[s.spend for s in standings],
    )
    if reached:
        highest = {r.person_id: r for r in reached}  # the last of each person's
        sql.send(
            Q.raise_tiers,
            person_ids=list(highest),
            ranks=[r.tier.rank for r in highest.values()],
            fact_ids=[r.fact_id for r in highest.values()],
        )
    return [
        Derived(
            name=TIER_REACHED,
            person_id=r.person_id,
            cause_id=r.fact_id,
            key=f"tier:{r.person_id}:{r.tier.rank}",
            body={"tier": r.tier.name},
        )
        for r in reached
        if r.fact_id in live
    ]


def _standings(spent: Sequence[Spent]) -> list[Standing]:
    """How far these persons have come, under lock; those who are new to it begin at nothing."""
    first_fact = {s.person_id: s.fact_id for s in reversed(spent) if s.person_id is not None}
    person_ids = sorted(first_fact)
    rows = sql.fetch_as(Standing, Q.lock_progress, person_ids=person_ids)
    if len(rows) < len(person_ids):
        sql.send(Q.open_progress, person_ids=person_ids, fact_ids=[first_fact[p] for p in person_ids])
        rows = sql.fetch_as(Standing, Q.lock_progress, person_ids=person_ids)
    return rows
