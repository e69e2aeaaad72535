"""The one way in: submit items, settle what was received."""

from __future__ import annotations

from huoshui.intake.river.after import after_settling, label_cards
from huoshui.intake.river.settle import Settled, settle
from huoshui.intake.river.submit import Item, Line, Order, Verdict, identifier_row, submit
from huoshui.intake.river.sweep import sweep

__all__ = [
    "Item",
    "Line",
    "Order",
    "Settled",
    "Verdict",
    "after_settling",
    "identifier_row",
    "label_cards",
    "settle",
    "submit",
    "sweep",
]
