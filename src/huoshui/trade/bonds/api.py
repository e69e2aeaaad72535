"""Whose customer she is: the dealer that owns, the store and guide that serve, since when, and why (ADR 0033)."""

from __future__ import annotations

from huoshui.trade.bonds.actions import assign, hand_over, release, set_rules, transfer, wish
from huoshui.trade.bonds.disputes import decide_dispute, open_dispute
from huoshui.trade.bonds.elsewhere import bought_elsewhere, brought_contacts, owned_among, taken_along
from huoshui.trade.bonds.fold import attend, read, rebuild
from huoshui.trade.bonds.reads import (
    count_open,
    counts,
    current_rules,
    customers,
    disputes,
    evidence_of,
    guides,
    held_at,
    of_person,
    rules_versions,
)
from huoshui.trade.bonds.scope import DECIDERS, decides, is_of
from huoshui.trade.bonds.terms import Terms
from huoshui.trade.bonds.types import (
    SIGNS,
    BadRules,
    Count,
    Dispute,
    Guide,
    RulesVersion,
    Spell,
    View,
)

__all__ = [
    "DECIDERS",
    "SIGNS",
    "BadRules",
    "Count",
    "Dispute",
    "Guide",
    "RulesVersion",
    "Spell",
    "Terms",
    "View",
    "assign",
    "attend",
    "bought_elsewhere",
    "brought_contacts",
    "count_open",
    "counts",
    "current_rules",
    "customers",
    "decide_dispute",
    "decides",
    "disputes",
    "evidence_of",
    "guides",
    "hand_over",
    "held_at",
    "is_of",
    "of_person",
    "open_dispute",
    "owned_among",
    "read",
    "rebuild",
    "release",
    "rules_versions",
    "set_rules",
    "taken_along",
    "transfer",
    "wish",
]
