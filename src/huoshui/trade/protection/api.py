"""What a dealer lets head office see, who looked, and what became of its customers elsewhere (ADR 0045)."""

from __future__ import annotations

from huoshui.trade.protection.actions import may_say, say
from huoshui.trade.protection.archive import Archive, public_key, take_along
from huoshui.trade.protection.reads import PAGE, elsewhere, exported, looks, said_by, standing, standings
from huoshui.trade.protection.types import Elsewhere, Exported, Look, Standing, Word

__all__ = [
    "PAGE",
    "Archive",
    "Elsewhere",
    "Exported",
    "Look",
    "Standing",
    "Word",
    "elsewhere",
    "exported",
    "looks",
    "may_say",
    "public_key",
    "said_by",
    "say",
    "standing",
    "standings",
    "take_along",
]
