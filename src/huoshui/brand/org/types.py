from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Place:
    """Under whom a unit stood. `since` None: as far back as anybody knows; `until` is the first day it did not any more."""

    org_unit_id: int
    parent_id: int | None
    parent_name: str
    since: date | None
    until: date | None
    reason: str
    actor: str
    said_at: datetime


@dataclass(frozen=True)
class Moved:
    """One move that has been: from whom to whom."""

    org_unit_id: int
    unit_name: str
    parent_id: int | None
    parent_name: str
    before_id: int | None
    before_name: str
    since: date
    reason: str
    actor: str
    said_at: datetime


@dataclass(frozen=True)
class Planned:
    id: int
    org_unit_id: int
    parent_id: int
    on_day: date
    reason: str
    actor: str


@dataclass(frozen=True)
class Owners:
    """Whose a unit was on a day."""

    dealer_id: int | None
    region_id: int | None
