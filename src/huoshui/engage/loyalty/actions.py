"""The river's `earn` step: points as movements for the ledger, tiers as derived facts."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from huoshui.core import sql
from huoshui.core.facts.derived import Derived
from huoshui.core.ledger.types import Movement
from huoshui.engage.loyalty import bonuses, rules, standing
from huoshui.engage.loyalty.rulebook import Looked
from huoshui.engage.loyalty.types import Earning, Given, OrderFact, Spent

Q = sql.load("huoshui.engage.loyalty")


@dataclass(frozen=True)
class Earned:
    movements: list[Movement]
    derived: list[Derived]


def earn(looked: Looked, *, history: Set[int], undone: bool = False) -> Earned:
    """Points and tiers of these settled facts. Facts of `history` move tiers only: their points came with the past.

    `undone`: of the orders they take back nothing is left, not even what the past had made of them.
    """
    told = looked.told
    earnings, book = told.earnings, told.book
    if not earnings:
        return Earned([], [])
    live = [e for e in earnings if e.fact_id not in history]
    changed = sorted({e.order_id for e in live if e.order_id is not None})
    facts = sql.fetch_as(OrderFact, Q.order_facts, order_ids=changed) if changed else []
    given = sql.fetch_as(Given, Q.given, order_ids=changed) if changed else []
    spent = _spent(earnings)
    # Before what is beyond the base rule: caps are a person's, and his standing is the lock that guards them
    progress = standing.progress(spent) if spent else None
    bonus = (
        bonuses.beyond(live, book, facts=facts, batch=told.fact_ids, rank_at=progress.rank_at)
        if progress
        else {}
    )
    movements = rules.movements(live, book, facts=facts, given=given, bonus=bonus, undone=undone)
    derived = standing.write(progress, live={e.fact_id for e in live}) if progress else []
    return Earned(movements, derived)


def _spent(earnings: Sequence[Earning]) -> list[Spent]:
    """Whose money it was: what a fact takes back was spent by whom it was told of then."""
    later = [e.fact_id for e in earnings if e.order_id is not None]
    taken_back = sql.fetch_as(Spent, Q.taken_back, fact_ids=later) if later else []
    return rules.spent(earnings, taken_back)
