"""Shares of people against shares of sales, as one ribbon: pure geometry."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 720.0
GAP = 3.0
TOP, BAR, BOTTOM = 20.0, 26.0, 118.0
# Below this width a percentage does not fit into its bar.
LEGIBLE = 34.0


@dataclass(frozen=True)
class Bar:
    x: float
    width: float
    middle: float
    text: str


@dataclass(frozen=True)
class Band:
    tone: str
    people: Bar
    sales: Bar
    path: str


def ribbon(shares: Sequence[tuple[str, float, float]]) -> list[Band]:
    """One band per (tone, share of people, share of sales), from left to right; shares are of one."""
    above, below = _bars([s[1] for s in shares]), _bars([s[2] for s in shares])
    return [
        Band(tone, people, sales, _path(people, sales))
        for (tone, _people, _sales), people, sales in zip(shares, above, below, strict=True)
    ]


def _bars(shares: Sequence[float]) -> list[Bar]:
    room = WIDTH - GAP * len(shares)
    whole = sum(max(0.0, share) for share in shares) or 1.0
    x, bars = GAP / 2, []
    for share in shares:
        width = room * max(0.0, share) / whole
        text = f"{share * 100:.1f}%" if width >= LEGIBLE else ""
        bars.append(Bar(round(x, 1), round(width, 1), round(x + width / 2, 1), text))
        x += width + GAP
    return bars


def _path(people: Bar, sales: Bar) -> str:
    """Two curves that meet the bars at right angles."""
    top, bottom = TOP + BAR + 2, BOTTOM - 2
    middle = (top + bottom) / 2
    a, b = people.x, round(people.x + people.width, 1)
    c, d = sales.x, round(sales.x + sales.width, 1)
    return (
        f"M{a} {top} L{b} {top} C{b} {middle} {d} {middle} {d} {bottom}"
        f" L{c} {bottom} C{c} {middle} {a} {middle} {a} {top}Z"
    )
