"""Points and tiers."""

from __future__ import annotations

from huoshui.engage.loyalty.actions import Earned, earn
from huoshui.engage.loyalty.adjusting import Adjustment, adjust, approve, reject, waiting
from huoshui.engage.loyalty.bonuses import bonuses, end_bonus, set_bonus, set_rule
from huoshui.engage.loyalty.expiry import expire_due, notice
from huoshui.engage.loyalty.quoting import quote_earn
from huoshui.engage.loyalty.reads import tier_names, tiers_reached_by
from huoshui.engage.loyalty.rulebook import rulebook
from huoshui.engage.loyalty.spending import Spent, spend, usable, worth_of
from huoshui.engage.loyalty.standing import all_tiers, reassess, set_tier, tend
from huoshui.engage.loyalty.types import BasketLine, Bonus, EarnRule, Quote, Rulebook, Tier
from huoshui.engage.loyalty.why import why

__all__ = [
    "Adjustment",
    "BasketLine",
    "Bonus",
    "EarnRule",
    "Earned",
    "Quote",
    "Rulebook",
    "Spent",
    "Tier",
    "adjust",
    "all_tiers",
    "approve",
    "bonuses",
    "earn",
    "end_bonus",
    "expire_due",
    "notice",
    "quote_earn",
    "reassess",
    "reject",
    "rulebook",
    "set_bonus",
    "set_rule",
    "set_tier",
    "spend",
    "tend",
    "tier_names",
    "tiers_reached_by",
    "usable",
    "waiting",
    "why",
    "worth_of",
]
