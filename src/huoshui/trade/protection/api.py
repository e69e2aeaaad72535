"""What a dealer lets head office see, who looked, and what became of its customers elsewhere (ADR 0045)."""

from __future__ import annotations

from huoshui.trade.protection.actions import may_say, say
from huoshui.trade.protection.answering import Cohorts, DealerCohorts, Exact, UnknownSpan, cohorts
from huoshui.trade.protection.archive import Archive, public_key, take_along
from huoshui.trade.protection.cohorts import FEWEST, Answer, Told
from huoshui.trade.protection.reads import (
    PAGE,
    closed,
    closed_units,
    elsewhere,
    exported,
    looks,
    said_by,
    standing,
    standings,
)
from huoshui.trade.protection.reasons import EXECUTION, FEAR, NO_TOOL, Evidence, Gain, Seen, Verdict
from huoshui.trade.protection.rules import BEHAVIOUR, CONTACT, COUNTS, SCOPES
from huoshui.trade.protection.sharing import Reasons, reasons
from huoshui.trade.protection.types import Elsewhere, Exported, Look, Standing, Word

__all__ = [
    "BEHAVIOUR",
    "CONTACT",
    "COUNTS",
    "EXECUTION",
    "FEAR",
    "FEWEST",
    "NO_TOOL",
    "PAGE",
    "SCOPES",
    "Answer",
    "Archive",
    "Cohorts",
    "DealerCohorts",
    "Elsewhere",
    "Evidence",
    "Exact",
    "Exported",
    "Gain",
    "Look",
    "Reasons",
    "Seen",
    "Standing",
    "Told",
    "UnknownSpan",
    "Verdict",
    "Word",
    "closed",
    "closed_units",
    "cohorts",
    "elsewhere",
    "exported",
    "looks",
    "may_say",
    "public_key",
    "reasons",
    "said_by",
    "say",
    "standing",
    "standings",
    "take_along",
]
