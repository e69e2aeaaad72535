"""Money is an integer of the currency's minor unit (分)."""

from __future__ import annotations

from decimal import Decimal


def to_major(minor: int) -> Decimal:
    return Decimal(minor).scaleb(-2)


def plain(minor: int) -> str:
    """'12.30', as an export or the command line shows it."""
    return f"{to_major(minor):.2f}"
