"""Points and tiers."""

from __future__ import annotations

from huoshui.engage.loyalty.actions import Earned, earn
from huoshui.engage.loyalty.reads import tier_names, tiers_reached_by

__all__ = ["Earned", "earn", "tier_names", "tiers_reached_by"]
