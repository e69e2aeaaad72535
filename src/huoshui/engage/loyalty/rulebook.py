"""The rules in force."""

from __future__ import annotations

from huoshui.core import sql
from huoshui.engage.loyalty.types import EarnRule, Rulebook

Q = sql.load("huoshui.engage.loyalty")


def rulebook() -> Rulebook:
    rows = sql.fetch(Q.rules)
    versions = [EarnRule(*row[:8]) for row in rows]
    return Rulebook(versions, has_bonus=rows[0].has_bonus, has_rates=rows[0].has_rates)
