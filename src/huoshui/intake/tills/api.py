"""Commands of tills and shops: quote, sale, refund, exchange, void, receipt."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from huoshui.intake.tills.types import Basket, Exchange, Outcome, Quote, Receipt, Refund, Sale, Till


def quote(till: Till, basket: Basket, *, lock_for: str = "", minutes: int = 10) -> Quote:
    """What the basket comes to. With `lock_for`, an order key, the coupons are kept for that order for some minutes.

    Raises NotFound for a store the till may not speak for, Refused for a basket that names nothing.
    """
    raise NotImplementedError


def sell(till: Till, sales: Sequence[Sale]) -> list[Outcome]:
    """One outcome a sale, in order. Asks that are refused leave nothing behind; reports are never refused."""
    raise NotImplementedError


def refund(till: Till, refunds: Sequence[Refund]) -> list[Outcome]:
    raise NotImplementedError


def exchange(till: Till, command: Exchange) -> list[Outcome]:
    """[of the goods back, of the goods out]: both or neither."""
    raise NotImplementedError


def void(till: Till, *, key: str, order_key: str, at: datetime) -> Outcome:
    """Take the whole order back as if it had never been: refused once any of it was refunded, or on a later business day."""
    raise NotImplementedError


def receipt(till: Till, order_key: str) -> Receipt:
    """Raises NotFound."""
    raise NotImplementedError
