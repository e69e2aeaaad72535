"""The rules in force, and what is judged by them."""

from __future__ import annotations

from collections.abc import Sequence

from huoshui.core import sql
from huoshui.engage.loyalty.types import Earning, EarnRule, Rulebook, Told

Q = sql.load("huoshui.engage.loyalty")


def rulebook() -> Rulebook:
    rows = sql.fetch(Q.rules)
    versions = [EarnRule(*row[:8]) for row in rows]
    return Rulebook(versions, has_bonus=rows[0].has_bonus, has_rates=rows[0].has_rates)


def look(fact_ids: Sequence[int]) -> Told:
    """What these settled facts say of money and points, read once for `spend` and `earn`."""
    earnings = sql.fetch_as(Earning, Q.earnings, fact_ids=list(fact_ids)) if fact_ids else []
    return Told(fact_ids, earnings, rulebook() if earnings else Rulebook(()))
