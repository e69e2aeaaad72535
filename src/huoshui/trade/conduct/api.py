"""How cards are opened, and by whom they are really used: at tills, on shared devices, by families with one phone (ADR 0049).

What is found is said with its evidence and how sure it is; nothing is decided by it, and nobody's customer moves.
"""

from __future__ import annotations

from huoshui.trade.conduct.reads import look, may_see
from huoshui.trade.conduct.teams import STORE_CHANNEL, Ratio, Team, Teams, teams
from huoshui.trade.conduct.types import Crowd, Family, Findings, Hunters, Till

__all__ = [
    "STORE_CHANNEL",
    "Crowd",
    "Family",
    "Findings",
    "Hunters",
    "Ratio",
    "Team",
    "Teams",
    "Till",
    "look",
    "may_see",
    "teams",
]
