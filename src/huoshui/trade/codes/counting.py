"""How much a firm's codes are used: numbers alone, nobody who scanned."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from huoshui.core import sql

Q = sql.load("huoshui.trade.codes")


class Counted(NamedTuple):
    """Codes that are live, and how often codes of the dealer's were scanned."""

    dealer_id: int
    codes: int
    scans: int


def counted(dealer_ids: Sequence[int]) -> dict[int, Counted]:
    """By dealer, of those that have any. Its callers have asked whose it is to see."""
    return {r.dealer_id: r for r in sql.fetch_as(Counted, Q.counted, dealer_ids=list(dealer_ids))}
