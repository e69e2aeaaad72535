"""Quantity is an integer of thousandths."""

from __future__ import annotations


def plain(milli: int) -> str:
    """A count without empty decimals: 2, 0.5, 1,234.25."""
    return f"{milli / 1000:,.3f}".rstrip("0").rstrip(".")
