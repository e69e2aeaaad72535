"""The guide at work: what a customer bought and is likely to want, three-tap notes, whom to turn to today (ADR 0044)."""

from __future__ import annotations

from huoshui.trade.service.actions import note
from huoshui.trade.service.mine import mine
from huoshui.trade.service.reads import before, bought, customers, purpose_of, today
from huoshui.trade.service.rules import (
    TOOK,
    WHOM,
    called,
    due,
    is_rush,
    likes,
    may_be_shown,
    next_product,
    often,
    told_at,
)
from huoshui.trade.service.types import NOTED, Before, Doing, Due, Mine, Note, Noted, Purchase, Task

__all__ = [
    "NOTED",
    "TOOK",
    "WHOM",
    "Before",
    "Doing",
    "Due",
    "Mine",
    "Note",
    "Noted",
    "Purchase",
    "Task",
    "before",
    "bought",
    "called",
    "customers",
    "due",
    "is_rush",
    "likes",
    "may_be_shown",
    "mine",
    "next_product",
    "note",
    "often",
    "purpose_of",
    "today",
    "told_at",
]
