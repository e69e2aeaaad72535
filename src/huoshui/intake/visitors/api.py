"""Visitors who did not buy: what guides tell, what was left in baskets, who walked in, and the numbers of it all."""

from __future__ import annotations

from huoshui.intake.visitors.actions import KeyReused, TooLate, guide_source, known_person, take_back, tell
from huoshui.intake.visitors.judging import judge_due, recheck
from huoshui.intake.visitors.places import may_tell, stores_of
from huoshui.intake.visitors.reading import read
from huoshui.intake.visitors.reads import Cell, footfall, overview, people_of, told_by, visits_of
from huoshui.intake.visitors.rules import Rate, rate
from huoshui.intake.visitors.settings import (
    ReasonUnknown,
    add_reason,
    change_patience,
    change_reason,
    patience,
    reasons,
)
from huoshui.intake.visitors.types import (
    COUNTED,
    UNDO,
    Count,
    DayRow,
    HourRow,
    Overview,
    Patience,
    ProductRow,
    Reason,
    Told,
    Visit,
    VisitView,
)

__all__ = [
    "COUNTED",
    "UNDO",
    "Cell",
    "Count",
    "DayRow",
    "HourRow",
    "KeyReused",
    "Overview",
    "Patience",
    "ProductRow",
    "Rate",
    "Reason",
    "ReasonUnknown",
    "Told",
    "TooLate",
    "Visit",
    "VisitView",
    "add_reason",
    "change_patience",
    "change_reason",
    "footfall",
    "guide_source",
    "judge_due",
    "known_person",
    "may_tell",
    "overview",
    "patience",
    "people_of",
    "rate",
    "read",
    "reasons",
    "recheck",
    "stores_of",
    "take_back",
    "tell",
    "told_by",
    "visits_of",
]
