"""A month of days as one small line over its band: pure geometry, drawn as SVG without a script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, MARGIN = 132.0, 30.0, 4.0


@dataclass(frozen=True)
class Point:
    """`low` and `high`: where it should have been; None while nobody can tell."""

    value: float
    low: float | None
    high: float | None
    is_out: bool


@dataclass(frozen=True)
class Spark:
    line: str
    band: str
    marks: tuple[tuple[float, float], ...]


def spark(points: Sequence[Point]) -> Spark | None:
    if len(points) < 2:
        return None
    top = max([max(p.value, p.high or 0.0) for p in points]) or 1.0
    step = (WIDTH - 2 * MARGIN) / (len(points) - 1)

    def at(i: int, value: float) -> tuple[float, float]:
        return round(MARGIN + i * step, 1), round(HEIGHT - MARGIN - value / top * (HEIGHT - 2 * MARGIN), 1)

    known = [i for i, p in enumerate(points) if p.high is not None]
    upper = [at(i, points[i].high or 0.0) for i in known]
    lower = [at(i, points[i].low or 0.0) for i in reversed(known)]
    return Spark(
        line=_path([at(i, p.value) for i, p in enumerate(points)]),
        band=f"{_path([*upper, *lower])}Z" if len(known) > 1 else "",
        marks=tuple(at(i, p.value) for i, p in enumerate(points) if p.is_out),
    )


def _path(places: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in places)
