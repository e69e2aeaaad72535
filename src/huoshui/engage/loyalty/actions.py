"""The river's `earn` step: points as movements for the ledger, tiers as derived facts."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from huoshui.core import sql
from huoshui.core.facts.derived import Derived
from huoshui.core.ledger.types import Movement
from huoshui.engage.loyalty import rules
from huoshui.engage.loyalty.types import Earning, EarnRule, Given, OrderFact, Spent

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
    earnings = [Earning(*row) for row in sql.fetch(Q.earnings, fact_ids=list(fact_ids))]
    if not earnings:
        return Earned([], [])
    live = [e for e in earnings if e.fact_id not in history]
    changed = sorted({e.order_id for e in live if e.order_id is not None})
    facts = [OrderFact(*r) for r in sql.fetch(Q.order_facts, order_ids=changed)] if changed else []
    given = [Given(*r) for r in sql.fetch(Q.given, order_ids=changed)] if changed else []
    movements = rules.movements(live, _rule(), facts=facts, given=given)
    return Earned(movements, _progress(_spent(earnings), live={e.fact_id for e in live}))


def _spent(earnings: Sequence[Earning]) -> list[Spent]:
    """Whose money it was: what a fact takes back was spent by whom it was told of then."""
    later = [e.fact_id for e in earnings if e.order_id is not None]
    taken_back = [Spent(*r) for r in sql.fetch(Q.taken_back, fact_ids=later)] if later else []
    return rules.spent(earnings, taken_back)


def _rule() -> EarnRule:
    return EarnRule(*sql.fetch_one(Q.rule))


def _progress(spent: Sequence[Spent], *, live: Set[int]) -> list[Derived]:
    if not spent:
        return []
    person_ids, fact_ids = [s.person_id for s in spent], [s.fact_id for s in spent]
    sql.run(Q.open_progress, person_ids=person_ids, fact_ids=fact_ids)
    sql.fetch(Q.lock_progress, person_ids=person_ids)
    effects = [s.amount for s in spent]
    reached = sql.fetch(Q.progress, person_ids=person_ids, effects=effects, fact_ids=fact_ids)
    return [
        Derived(
            name=TIER_REACHED,
            person_id=r.person_id,
            cause_id=r.fact_id,
            key=f"tier:{r.person_id}:{r.rank}",
            body={"tier": r.name},
        )
        for r in reached
        if r.fact_id in live
    ]
