from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple


class Opening(NamedTuple):
    """A card and what followed, in the brand's wall-clock time. `minutes`: until the first order paid from then on, None
    without one. `had_bought`: at another dealer's store before. `once`: its one order ever came with a coupon within a
    day. `came`: has bought at the store that opened it."""

    person_id: int
    device: str
    at: datetime
    store_id: int | None
    dealer_id: int | None
    minutes: float | None
    had_bought: bool
    once: bool
    came: bool
    title: str


class Till(NamedTuple):
    """A dealer that opens new cards at the till, minutes before payment, for people who had long bought elsewhere.

    `openings`: cards of a year opened within ten minutes before payment; `had_bought`: of those, people who had bought at
    another dealer's before; `usual`: that share at all others together; `chance`: of so many or more, were it as there.
    """

    dealer_id: int
    openings: int
    had_bought: int
    usual: float
    chance: float
    device: str
    on_device: int
    people: tuple[int, ...]

    @property
    def share(self) -> float:
        return self.had_bought / self.openings


class Hunters(NamedTuple):
    """Devices that opened many accounts within days, each of which bought once, with a coupon. `usual`: how many of a
    hundred other accounts do so."""

    devices: tuple[str, ...]
    accounts: int
    once: int
    first: date
    last: date
    title: str
    usual: float
    chance: float
    people: tuple[int, ...]


class Crowd(NamedTuple):
    """A shop's device that signed up far more people than other shops' do. `usual`: the median of those; `came`: how many
    ever bought at its store. Such a device tells nobody from anybody."""

    device: str
    store_id: int
    sign_ups: int
    usual: float
    came: int
    first: date
    last: date
    people: tuple[int, ...]


class Family(NamedTuple):
    """One phone, given by cards of different names and birthdays."""

    people: tuple[int, ...]
    cards: int


class Findings(NamedTuple):
    """`openings`: cards looked at. What is not in a list was looked at like the rest and not found."""

    openings: int
    dealers: int
    devices: int
    tills: Sequence[Till]
    hunters: Sequence[Hunters]
    crowds: Sequence[Crowd]
    families: Sequence[Family]
    at: datetime
