"""The one way in: submit items, settle what was received."""

from __future__ import annotations

from huoshui.intake.river.settle import Settled, settle
from huoshui.intake.river.submit import Item, Line, Order, Verdict, identifier_row, submit
from huoshui.intake.river.sweep import sweep

__all__ = ["Item", "Line", "Order", "Settled", "Verdict", "identifier_row", "settle", "submit", "sweep"]
