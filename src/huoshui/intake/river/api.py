"""The one way in: submit items, settle what was received."""

from __future__ import annotations

from huoshui.intake.river.after import after_settling, label_cards
from huoshui.intake.river.batches import identifier_row
from huoshui.intake.river.parting import part_shared
from huoshui.intake.river.settle import Settled, settle
from huoshui.intake.river.submit import command, submit
from huoshui.intake.river.sweep import sweep
from huoshui.intake.river.types import Condition, CouponUse, Item, Line, Order, Tender, Verdict, Voucher

__all__ = [
    "Condition",
    "CouponUse",
    "Item",
    "Line",
    "Order",
    "Settled",
    "Tender",
    "Verdict",
    "Voucher",
    "after_settling",
    "command",
    "identifier_row",
    "label_cards",
    "part_shared",
    "settle",
    "submit",
    "sweep",
]
