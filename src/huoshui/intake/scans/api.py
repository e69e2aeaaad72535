"""The way in by a code: who scanned it becomes a member, is bonded by the rules, and has its coupon (ADR 0037)."""

from __future__ import annotations

from huoshui.intake.scans.actions import join, offered
from huoshui.intake.scans.types import CHOICES, NOTICE, CannotJoin, Joined, Joining

__all__ = ["CHOICES", "NOTICE", "CannotJoin", "Joined", "Joining", "join", "offered"]
