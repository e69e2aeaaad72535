from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Card:
    """What anybody at work needs to know of a person at a glance. Money in minor units."""

    person_id: int
    display_name: str
    card_no: str
    phone_tail4: str
    tier: str
    points: int
    grade: str
    frequency: str
    ticket: str
    guide_id: int | None
    dealer_id: int | None
    home_org_unit_id: int | None
    first_sale_at: datetime | None
    last_sale_at: datetime | None
    orders: int
    spend: int
    updated_at: datetime
    guide: str = ""
    dealer: str = ""
    home_store: str = ""

    @property
    def title(self) -> str:
        """A name to call the person by: the name, else the card, else the phone's tail."""
        return self.display_name or self.card_no or (f"尾号 {self.phone_tail4}" if self.phone_tail4 else "")

    @property
    def frequency_ticket(self) -> str:
        return f"{self.frequency}_{self.ticket}" if self.frequency else ""


@dataclass(frozen=True)
class Filters:
    grade: str = ""
    frequency: str = ""
    ticket: str = ""
    tier: str = ""
    home_org_unit_id: int | None = None
    silent_days: int | None = None  # no sale for at least so many days


@dataclass(frozen=True)
class Page:
    """`next` is the cursor of the following page, '' on the last one."""

    rows: list[Card]
    next: str
