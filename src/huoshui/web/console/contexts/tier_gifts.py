"""The coupons that come with tiers, by name."""

from __future__ import annotations

from huoshui.core.actor import SYSTEM
from huoshui.engage.loyalty.api import Tier
from huoshui.web.console.contexts import rooms


def coupon_titles(*, with_ended: str = "") -> dict[str, str]:
    """By number as text, newest first; of those that have ended only this one."""
    found = rooms.campaigns.templates_for(SYSTEM)
    return {str(t.id): t.title for t in found if t.state != "ended" or str(t.id) == with_ended}


def gift_title(tier: Tier) -> str:
    if tier.gift_template_id is None:
        return ""
    return str(rooms.campaigns.template_for(SYSTEM, tier.gift_template_id).title)
