"""Frozen values of taking an import back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from huoshui.core.errors import Refused
from huoshui.engage.campaigns.api import GiftUsed
from huoshui.trade.commission.api import ClosedOfRun


class NotUndoable(Refused):
    """这次导入还没有完成，没有可以撤销的。"""

    code = "not_undoable"


class AlreadyUndone(Refused):
    """这次导入已经撤销过了。"""

    code = "already_undone"


class UndoReasonMissing(Refused):
    """请写一句为什么要撤销这次导入，以后查得到。"""

    code = "undo_reason_missing"


class PointsOf(NamedTuple):
    """Points of one person that an import gave; `short`: of these, spent since, so that they would stay as a debt."""

    person_id: int
    points: int
    short: int


class OrderSince(NamedTuple):
    """An order of the import that others have told of too: how often. What they told of it stands."""

    order_key: str
    amount: int
    others: int


class OrderOfUndo(NamedTuple):
    """An order or refund that would be taken back."""

    order_key: str
    name: str
    business_day: date
    amount: int
    person_id: int | None
    state: str


class ListRows(NamedTuple):
    """Rows of a list that the import made or changed; `followed`: changed again since by another import."""

    relation: str
    added: int
    changed: int
    followed: int


@dataclass(frozen=True)
class Rehearsal:
    """What taking an import back would do. Money in minor units."""

    run_id: int
    orders: int
    refunds: int
    amount: int
    persons_told: int
    """Rows about customers, answers, payments, coupons of other systems."""
    also_told: int
    """Facts that another import told too: these stay."""
    waiting: int
    persons: int
    persons_staying: int
    points: int
    points_short: int
    points_of: tuple[PointsOf, ...]
    """Those whose points are short, most first."""
    people_with_points: int
    orders_since: tuple[OrderSince, ...]
    lists: tuple[ListRows, ...]
    documents: int
    coupons_used: tuple[GiftUsed, ...] = ()
    """Coupons that came with tiers reached by it, and were used since."""
    closed: tuple[ClosedOfRun, ...] = ()
    """Statements of commission closed since that have lines of its orders."""
    tags: int = 0
    """Tags that it said of people and that hold."""

    @property
    def persons_going(self) -> int:
        return self.persons - self.persons_staying

    @property
    def is_empty(self) -> bool:
        told = self.orders + self.refunds + self.persons_told + self.documents + self.also_told
        return not told and not self.lists and not self.tags


@dataclass(frozen=True)
class UndoView:
    """An import's undoing as it stands: 'asked' (waits for a second person), queued, running, done or failed."""

    run_id: int
    state: str
    reason: str
    actor_name: str
    asked_at: datetime
    approval_id: int | None
    phase: str
    message: str
    before: Mapping[str, int]
    counts: Mapping[str, int]
    ended_at: datetime | None
