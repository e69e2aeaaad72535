"""What of a customer a till may see."""

from __future__ import annotations

_TAIL = 4


def masked_name(name: str) -> str:
    """张三丰 → 张**: enough to greet somebody who has said who he is."""
    return name[:1] + "*" * min(len(name) - 1, 3) if name else ""


def masked_number(number: str) -> str:
    """Its tail, where that is not most of it."""
    return f"****{number[-_TAIL:]}" if len(number) > 2 * _TAIL else "****" if number else ""
