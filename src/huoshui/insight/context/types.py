"""Frozen values of context."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Figure:
    """One number somebody tells: of whom, what, for which days (both included)."""

    subject: str
    metric: str
    period_start: date
    period_end: date
    value: Decimal
    unit: str = ""
    origin: str = ""
    note: str = ""


@dataclass(frozen=True)
class Event:
    """A campaign in the calendar; money in minor units."""

    name: str
    starts_on: date
    ends_on: date
    channel: str = ""
    scope: str = ""
    budget: int | None = None
    cost: int | None = None
    note: str = ""
