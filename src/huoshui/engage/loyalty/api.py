"""Points and tiers."""

from __future__ import annotations

from huoshui.engage.loyalty.actions import Earned, earn
from huoshui.engage.loyalty.reads import tiers_reached_by

__all__ = ["Earned", "earn", "tiers_reached_by"]
