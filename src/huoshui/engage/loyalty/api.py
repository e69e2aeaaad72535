"""Points and tiers."""

from __future__ import annotations

from huoshui.engage.loyalty.actions import Earned, earn
from huoshui.engage.loyalty.adjusting import Adjustment, adjust, approve, reject, waiting
from huoshui.engage.loyalty.alliance import (
    Exchanged,
    Partner,
    Statement,
    credit_partner_points,
    exchange,
    partners,
    put_partner,
    settle_partner,
    statement,
)
from huoshui.engage.loyalty.bonuses import bonuses, end_bonus, set_bonus, set_rule
from huoshui.engage.loyalty.caps import OfflineCap, OfflineUse
from huoshui.engage.loyalty.expiry import expire_due, notice
from huoshui.engage.loyalty.offline import beyond_caps, offline_caps, set_offline_cap
from huoshui.engage.loyalty.quoting import quote_earn, tiers_of
from huoshui.engage.loyalty.reads import (
    Balance,
    Entry,
    balance_of,
    history,
    tier_names,
    tiers_reached_by,
    with_standing,
)
from huoshui.engage.loyalty.rulebook import look, rulebook
from huoshui.engage.loyalty.spending import Spent, spend, unspend, usable, worth_of
from huoshui.engage.loyalty.standing import TIER_REACHED, all_tiers, reassess, set_tier, tend, unsay
from huoshui.engage.loyalty.types import BasketLine, Bonus, EarnRule, Quote, Rulebook, Tier, Told
from huoshui.engage.loyalty.whatif import RuleSet, TierMove, WhatIf, rules_now, what_if
from huoshui.engage.loyalty.why import why

__all__ = [
    "TIER_REACHED",
    "Adjustment",
    "Balance",
    "BasketLine",
    "Bonus",
    "EarnRule",
    "Earned",
    "Entry",
    "Exchanged",
    "OfflineCap",
    "OfflineUse",
    "Partner",
    "Quote",
    "RuleSet",
    "Rulebook",
    "Spent",
    "Statement",
    "Tier",
    "TierMove",
    "Told",
    "WhatIf",
    "adjust",
    "all_tiers",
    "approve",
    "balance_of",
    "beyond_caps",
    "bonuses",
    "credit_partner_points",
    "earn",
    "end_bonus",
    "exchange",
    "expire_due",
    "history",
    "look",
    "notice",
    "offline_caps",
    "partners",
    "put_partner",
    "quote_earn",
    "reassess",
    "reject",
    "rulebook",
    "rules_now",
    "set_bonus",
    "set_offline_cap",
    "set_rule",
    "set_tier",
    "settle_partner",
    "spend",
    "statement",
    "tend",
    "tier_names",
    "tiers_of",
    "tiers_reached_by",
    "unsay",
    "unspend",
    "usable",
    "waiting",
    "what_if",
    "why",
    "with_standing",
    "worth_of",
]
