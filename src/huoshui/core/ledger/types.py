"""Frozen values of the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

POINTS = "points"
BUDGET = "budget"  # money set aside for a coupon
PRIZE = "prize"  # money set aside for prizes
RED_PACKET = "red_packet"  # money set aside for red packets
PAYABLE = "payable"  # money owed: commission, fees, rewards, what a dealer's till gave away for us
STOCK = "stock"
"""The watermark up to which goods are folded."""


class Party(NamedTuple):
    """One end of a movement. A bucket is an expiry month ('2026-12'), '' where there is none, POOL for all of them."""

    owner_kind: str
    owner_id: int
    bucket: str = ""


POOL = "*"
ISSUER = Party("issuer", 0)
EXPIRED = Party("expired", 0)
SPENT = Party("spent", 0)
"""Where budgets go when they are used."""
SYSTEM_KINDS = frozenset({"issuer", "expired", "spent"})
DEBT_BUCKET = "debt"
HELD_BUCKET = "held"
"""Escrow: taken out of the pool, and given on or given back by further movements."""
APART = frozenset({DEBT_BUCKET, HELD_BUCKET})
"""Buckets that are no part of the pool."""


class IfShort(Enum):
    """What happens when the giving account has too little: an ask is refused, a report leaves a visible debt."""

    REFUSE = "refuse"
    DEBT = "debt"


class Movement(NamedTuple):
    """`amount` whole units, more than none, from `source` to `target`. All movements of one fact post, or none does.

    A movement whose source is a person's POOL is spread over the buckets, `first` ones before the soonest to expire. One
    that `repays` pays what its target owes before it fills the target's bucket.
    """

    unit: str
    source: Party
    target: Party
    amount: int
    fact_id: int
    reason: str
    if_short: IfShort = IfShort.REFUSE
    first: Sequence[str] = ()
    repays: bool = False


class Account(NamedTuple):
    id: int
    unit: str
    owner_kind: str
    owner_id: int
    bucket: str
    balance: int | None
    floor: int | None


class Transfer(NamedTuple):
    """A movement as decided: between two accounts. (fact, reason, part) is used once for all time."""

    fact_id: int
    reason: str
    part: int
    unit: str
    from_account_id: int
    to_account_id: int
    amount: int


class Lack(NamedTuple):
    """What a group was short of: how much of its unit it wanted for one reason, and how much of that there was."""

    unit: str
    want: int
    have: int


class Debt(NamedTuple):
    unit: str
    owed: int


@dataclass(frozen=True)
class Posted:
    refused: Mapping[int, Lack] = field(default_factory=dict)  # by fact id of a group that did not post
    indebted: Mapping[int, Debt] = field(default_factory=dict)  # by fact id that left a debt


@dataclass(frozen=True)
class UnitAudit:
    unit: str
    accounts: int
    transfers: int
    wrong_balances: int
    broken_floors: int

    @property
    def is_clean(self) -> bool:
        return not self.wrong_balances and not self.broken_floors


@dataclass(frozen=True)
class StockAudit:
    places: int
    wrong: int
    broken_floors: int

    @property
    def is_clean(self) -> bool:
        return not self.wrong and not self.broken_floors
