"""What a basket comes to, before it is bought."""

from __future__ import annotations

from huoshui.intake.tills.types import Basket, Quote, Till


def quote(till: Till, basket: Basket, *, lock_for: str = "", minutes: int = 10) -> Quote:
    """What the basket comes to. With `lock_for`, an order key, the coupons are kept for that order for some minutes.

    Raises NotFound for a store the till may not speak for, Refused for a basket that names nothing.
    """
    raise NotImplementedError
