"""Points and tiers."""

from __future__ import annotations

from huoshui.engage.loyalty.actions import Earned, earn
from huoshui.engage.loyalty.bonuses import bonuses, end_bonus, set_bonus, set_rule
from huoshui.engage.loyalty.quoting import quote_earn
from huoshui.engage.loyalty.reads import tier_names, tiers_reached_by
from huoshui.engage.loyalty.rulebook import rulebook
from huoshui.engage.loyalty.spending import Spent, spend, usable, worth_of
from huoshui.engage.loyalty.standing import all_tiers, reassess, set_tier, tend
from huoshui.engage.loyalty.types import BasketLine, Bonus, EarnRule, Quote, Rulebook, Tier
from huoshui.engage.loyalty.why import why

__all__ = [
    "BasketLine",
    "Bonus",
    "EarnRule",
    "Earned",
    "Quote",
    "Rulebook",
    "Spent",
    "Tier",
    "all_tiers",
    "bonuses",
    "earn",
    "end_bonus",
    "quote_earn",
    "reassess",
    "rulebook",
    "set_bonus",
    "set_rule",
    "set_tier",
    "spend",
    "tend",
    "tier_names",
    "tiers_reached_by",
    "usable",
    "why",
    "worth_of",
]
