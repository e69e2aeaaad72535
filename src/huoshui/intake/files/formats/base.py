"""What a module of this folder says of one export. Header names and quirks follow public importers and fixtures of the
platform named; `grade` tells how well they are attested.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Grade = Literal["A", "B", "C", "D"]
"""A: a full header that several sources agree on. B: one full header, or several partial ones that agree. C: partial.
D: no header of the real file was ever seen, only its words; its columns are to be confirmed one by one."""

Columns = Mapping[str, tuple[str, ...]]
"""Our field → the platform's headers for it, best first; of a field that adds up, all that are there."""


def names(text: str) -> tuple[str, ...]:
    """'订单编号, 支付单号' → ('订单编号', '支付单号'); ', ' parts them, for a header may hold a comma of its own."""
    return tuple(part for each in text.split(", ") if (part := each.strip()))


@dataclass(frozen=True)
class Format:
    name: str
    label: str
    kind: str
    grade: Grade
    fingerprints: tuple[tuple[str, ...], ...]
    """The file is this one when all headers of any of these are there."""
    columns: Columns
    header: tuple[str, ...] = ()
    """Every header that the platform is known to write, also those we have no use for."""
    never: tuple[str, ...] = ()
    """A header that another format has and this one never."""
    facts: tuple[str, ...] = ()
    """Names of the facts that come out."""
    shop: str = ""
    """The online shop that sales belong to where the file names none; '' for a till, whose store must be told."""
    channel: str = ""
    scope: str = ""
    """Of the platform's own ids: who `account` is known to."""
    is_whole_order: bool = False
    """One row per order, all its products in one cell. A sister file tells of its lines."""
    joined_by: str = ""
    """Parts several products in one cell: their codes together are no product's."""
    day_in_order_no: str = ""
    """Pattern of the order number whose first group is its day, 260308: for rows that say no time at all."""
    borrows_time: bool = False
    """The file has no time of the order; its sister file told it."""
    is_refunds: bool = False
    """Every row is a refund of an earlier order."""
    paid_may_be_net: bool = False
    """What was paid may already be less what was given back; it is, wherever it is less than that."""
    shared: frozenset[str] = frozenset()
    """Fields of the order that stand on each of its rows, or on the first only: shared out among its lines."""
    fills_down: tuple[str, ...] = ()
    """Headers that are filled on the first row of an order only."""
    states: tuple[tuple[str, str], ...] = ()
    """(pattern, state) of this platform's own status words, before those that all have in common."""
    only: Mapping[str, str] = field(default_factory=dict)
    """Header → pattern: rows that say otherwise are not what this file is read for."""
    ends_at: str = ""
    """Pattern of the first cell of the summary below the data: nothing from there on is a row."""
    alias: tuple[str, ...] = ()
    """Fields that together tell a person apart within this source where nothing better is there; never joins anybody."""
    renames: tuple[tuple[str, str], ...] = ()
    """(pattern, replacement) of headers that become attributes."""
    note: str = ""
    """What the user should know before importing, in Chinese."""

    @property
    def is_weak(self) -> bool:
        return self.grade in ("C", "D")
