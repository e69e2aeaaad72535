"""The river's `earn` step: points as movements for the ledger, tiers as derived facts."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from huoshui.core import sql
from huoshui.core.facts.derived import Derived
from huoshui.core.ledger.types import Movement
from huoshui.engage.loyalty import rules
from huoshui.engage.loyalty.types import Earning, EarnRule, Given, OrderFact

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
    return Earned(movements, _progress(earnings, live={e.fact_id for e in live}))


def _rule() -> EarnRule:
    return EarnRule(*sql.fetch_one(Q.rule))


def _progress(earnings: Sequence[Earning], *, live: Set[int]) -> list[Derived]:
    known = [e for e in earnings if e.person_id is not None]
    if not known:
        return []
    reached = sql.fetch(
        Q.progress,
        person_ids=[e.person_id for e in known],
        effects=[e.effect for e in known],
        fact_ids=[e.fact_id for e in known],
    )
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
