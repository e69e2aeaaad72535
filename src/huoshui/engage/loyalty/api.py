"""Points and tiers."""

from __future__ import annotations

from huoshui.engage.loyalty.actions import Earned, earn
from huoshui.engage.loyalty.reads import tier_names, tiers_reached_by
from huoshui.engage.loyalty.spending import Spent, spend, usable, worth_of

__all__ = ["Earned", "Spent", "earn", "spend", "tier_names", "tiers_reached_by", "usable", "worth_of"]
