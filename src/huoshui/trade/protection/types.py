from __future__ import annotations

from datetime import date, datetime
from typing import NamedTuple

from huoshui.trade.protection.rules import CONTACT


class Word(NamedTuple):
    """What the dealer said, and who said it for the dealer."""

    scope: str
    is_given: bool
    said: str
    actor: str
    at: datetime
    by: str = ""


class Look(NamedTuple):
    """Who, not of the dealer, looked at how a customer is to be reached. `action`: opened (behind glass, with a reason),
    revealed or dialled."""

    id: int
    at: datetime
    staff_id: int
    name: str
    action: str
    person_id: int
    kind: str
    reason: str
    is_acting: bool


class Exported(NamedTuple):
    """An archive that the dealer took along."""

    at: datetime
    actor: str
    customers: int
    by: str = ""


class Elsewhere(NamedTuple):
    """What a customer of the dealer's bought at somebody else's: where, by whom, and what the dealer is owed for it.
    `sold_by` None: head office's own shop. `owed` and `frozen` are of the order as it stands."""

    order_id: int
    person_id: int
    day: date
    sold_by: int | None
    store_id: int | None
    guide_id: int | None
    amount: int
    owed: int
    frozen: int


class Standing(NamedTuple):
    """The dealer's account in one look. `opened`: the scopes that head office sees now (`rules.SCOPES`). `must_ask`: the
    house's own rule where the dealer said nothing. `last`: the last word, if there is one. `customers` None: not for
    head office."""

    dealer_id: int
    customers: int | None
    opened: frozenset[str]
    must_ask: bool
    last: Word | None
    orders: int
    sold: int
    owed: int
    frozen: int

    @property
    def is_shared(self) -> bool:
        """Whether head office sees how to reach them."""
        return CONTACT in self.opened
