from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True)
class Seat:
    """A place of somebody's: of now, of a time to come, or that has been."""

    id: int
    org_unit_id: int
    role: str
    starts_on: date | None
    expires_on: date | None
    ended_on: date | None
    firm: str
    reason: str

    def holds(self, day: date) -> bool:
        return (
            self.ended_on is None
            and (self.starts_on is None or self.starts_on <= day)
            and (self.expires_on is None or day <= self.expires_on)
        )


@dataclass(frozen=True)
class Member:
    """One of the staff. `may_sign_in`: has a login that is not closed."""

    id: int
    number: str
    name: str
    may_sign_in: bool
    seats: tuple[Seat, ...]
    wecom_id: str = ""


@dataclass(frozen=True)
class Acting:
    """Somebody does, or did, for a dealer what the dealer may do."""

    id: int
    staff_id: int
    name: str
    org_unit_id: int
    reason: str
    began_at: datetime
    until_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True)
class Deed:
    """What was done meanwhile, as the audit has it."""

    acting_id: int
    at: datetime
    action: str
    object_kind: str
    object_id: int
