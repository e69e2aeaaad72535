"""What was expected of a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class ExpectedDay:
    """Eight of ten such days lie from `low` to `high`. Minor units. `name`: a store's code, a dealer's or region's name, ''."""

    name: str
    day: date
    expected: int
    low: int
    high: int
