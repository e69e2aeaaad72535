"""Frozen values of facts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import pyarrow as pa

ORDER_COMPLETED = "Order Completed"
ORDER_REFUNDED = "Order Refunded"
IDENTIFY = "Identify"
FACT_WITHDRAWN = "Fact Withdrawn"
"""That a fact which is no order has been taken back; its `order_id` is that fact."""

CONSENTS = frozenset({"Consent Given", "Consent Withdrawn", "Segment Consent Preference Updated"})
"""Facts that tell what may be done with a person's data: the river writes it down, so they never settle at once."""

PARENT_UNKNOWN = "parent_unknown"
"""Code of the exception of a fact that has waited too long for its parent."""

UNLISTED_PRODUCT = 1
NO_QUANTITY = 2
NO_AMOUNT = 4
DAMAGED = 8
"""Came back, and cannot be sold: not onto the shelf."""
NOT_RETURNED = 16
"""Its money was given back and it did not come: not onto the shelf either."""


@dataclass(frozen=True)
class Source:
    id: int
    name: str
    label: str
    mode: str

    @property
    def is_history(self) -> bool:
        return self.mode == "history"


@dataclass(frozen=True)
class Batch:
    """Facts as a door hands them in, in columns. `ref` is 0 … n−1 in `facts` and names the fact in the other tables.

    facts: ref, name, client_key, content_hash (32 hex digits), occurred_at (timestamp UTC); optional body (JSON text).
    identifiers: ref, kind, scope, key, sealed (hex with a leading \\x, or null), tail4.
    traits: ref, name, value.
    orders: ref and the columns of fact_order but fact_id, name, source_id, occurred_at.
    lines: ref and the columns of fact_line but fact_id.
    tenders, coupons, vouchers: ref and the columns of fact_tender, fact_coupon, fact_voucher but fact_id.
    """

    facts: pa.Table
    identifiers: pa.Table | None = None
    traits: pa.Table | None = None
    orders: pa.Table | None = None
    lines: pa.Table | None = None
    tenders: pa.Table | None = None
    coupons: pa.Table | None = None
    vouchers: pa.Table | None = None
    is_timeless: bool = False  # rows of a list: occurred_at is now, and all rows of a key come in one batch


@dataclass(frozen=True)
class Columns:
    """What `Batch` has in Arrow tables, in lists of one length a table. `ref` is the fact's place; `body` None where there is
    none. Few facts cost less so, and go in by one statement."""

    facts: dict[str, list[Any]]
    identifiers: dict[str, list[Any]]
    traits: dict[str, list[Any]]
    orders: dict[str, list[Any]]
    lines: dict[str, list[Any]]
    tenders: dict[str, list[Any]]
    coupons: dict[str, list[Any]]
    vouchers: dict[str, list[Any]]

    def batch(self) -> Batch:
        """For those that go in by COPY."""
        return Batch(**{name: _arrow(columns) for name, columns in vars(self).items()})


_TEXTS = frozenset(
    [
        *(
            "name",
            "client_key",
            "content_hash",
            "body",
            "kind",
            "scope",
            "key",
            "sealed",
            "tail4",
            "value",
            "code",
        ),
        *("order_key", "parent_key", "channel", "status", "line_key", "reference", "source"),
    ]
)
_TYPES = {"occurred_at": pa.timestamp("us", tz="UTC"), "business_day": pa.date32()}


def _arrow(columns: dict[str, list[Any]]) -> pa.Table:
    return pa.table(
        {
            name: pa.array(values, _TYPES.get(name) or (pa.string() if name in _TEXTS else pa.int64()))
            for name, values in columns.items()
        }
    )


class Held(NamedTuple):
    """A key that was taken before: by which fact, whether that says the same, and the hash of what it says."""

    fact_id: int
    is_same: bool
    content_hash: str


@dataclass(frozen=True)
class Received:
    """Ids of the facts that were new, in input order, how many were already known, and the new ones' `ref`.

    `held` tells, by `ref`, of those of a source that says each thing once.
    """

    fact_ids: list[int]
    known: int
    refs: list[int]
    held: dict[int, Held] = field(default_factory=dict)


class Raised(NamedTuple):
    """An exception: a consequence that a fact could not have. `code` and `detail` make its sentence (`core.unmet`)."""

    fact_id: int
    code: str
    line_no: int | None
    detail: dict[str, Any]
    raised_at: datetime


class Note(NamedTuple):
    """Something that happened here and not at a door: points adjusted by hand, a coupon claimed. `key` makes it once."""

    name: str
    key: str
    person_id: int | None
    occurred_at: datetime
    body: dict[str, Any]


@dataclass
class Claimed:
    """The facts of a batch that may settle now, and those of them whose source only tells history."""

    fact_ids: list[int] = field(default_factory=list)
    orders: list[int] = field(default_factory=list)
    orders_with_kin: set[int] = field(default_factory=set)  # other facts tell of them too
    by_voucher: set[int] = field(default_factory=set)  # other facts sold, verified or gave back its voucher
    profiles: list[int] = field(default_factory=list)
    consents: list[int] = field(default_factory=list)
    history: set[int] = field(default_factory=set)
