"""The door of WeCom: one customer's code of one of the staff, and what comes of it (ADR 0042)."""

from __future__ import annotations

from huoshui.intake.wecom.actions import ask, may_add, way_for
from huoshui.intake.wecom.faults import sentence
from huoshui.intake.wecom.house import ask_trial, is_open, may_set_up, save, standing
from huoshui.intake.wecom.reading import LARGEST
from huoshui.intake.wecom.sayings import SAID
from huoshui.intake.wecom.told import hear, verify
from huoshui.intake.wecom.types import (
    ASKED,
    FAILED,
    LIVES,
    READY,
    StaffUnknown,
    Standing,
    Tampered,
    Way,
    WecomMissing,
)

__all__ = [
    "ASKED",
    "FAILED",
    "LARGEST",
    "LIVES",
    "READY",
    "SAID",
    "StaffUnknown",
    "Standing",
    "Tampered",
    "Way",
    "WecomMissing",
    "ask",
    "ask_trial",
    "hear",
    "is_open",
    "may_add",
    "may_set_up",
    "save",
    "sentence",
    "standing",
    "verify",
    "way_for",
]
