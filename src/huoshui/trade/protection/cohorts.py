"""What may be told of customers whose dealer has not granted it: no database, no clock (ADR 0047).

A *table* parts a dealer's buyers of a span into cells that have nobody in common. All tables are answered together, always all
and always alike, so nobody can choose what to ask. Each number is blurred before anything is made of it, by noise that is drawn
from the very set of people it is of: whoever asks again, by whatever way, has the same number, and nothing averages out (as
cell keys do at the Australian Bureau of Statistics: Fraser and Wooton 2005; "sticky noise": Francis, Probst Eide, Munz 2017).
Each person counts in a sum with at most `cap`, so of two sets that differ in one person each number is at most e^EPSILON times
likelier in one than in the other, but for the tail that is cut off (Ghosh, Roughgarden and Sundararajan 2009).

Nothing is decided by a true number, which would tell it: a cell is shown from FEWEST + CUT of its blurred people on, and so has
FEWEST at least. Where what a table holds back would be less than that, the next smallest is held back too, for the total would
give it away. And of two sets that overlap but for fewer than that, only the first is told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, floor, log
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

FEWEST: Final = 50
EPSILON: Final = 0.25
CUT: Final = 25
"""Noise of a number of people goes no further; beyond it are 2 in 1,000."""
BASE: Final = 5
"""Numbers of people are rounded to it."""
MONEY_BASE: Final = 10_000
"""Sums of money are rounded to it: ¥100."""
VAGUE: Final = 0.25
"""A sum whose noise is usually more than this part of it says nothing, and is not shown."""

Ids = npt.NDArray[np.int64]
Draw = Callable[[str, bytes], float]
"""A number in [0, 1), always the same for the same measure and set, that nobody outside can tell beforehand."""


@dataclass(frozen=True)
class Sum:
    """What each of a cell's people brings to a sum, in the order of the cell's people; more than `cap` of none."""

    name: str
    each: Ids
    cap: int
    base: int


@dataclass(frozen=True)
class Cell:
    """`people`: canonical ids, ascending and each once."""

    value: str
    people: Ids
    sums: tuple[Sum, ...] = ()


@dataclass(frozen=True)
class Table:
    """Parts everybody into cells, in the order of a list that is the same whoever buys."""

    name: str
    cells: tuple[Cell, ...]


class Told(NamedTuple):
    """`people` None: held back. A sum is None where it would say nothing."""

    value: str
    people: int | None
    sums: tuple[int | None, ...] = ()


class Answer(NamedTuple):
    whole: Told
    tables: dict[str, tuple[Told, ...]]


def answered(whole: Cell, tables: Sequence[Table], draw: Draw) -> Answer:
    """Of one dealer and span. The first table comes first: what overlaps with it is held back of those that follow."""
    blur = _Blur(draw)
    is_told = blur.is_enough(whole.people)
    told, found = [whole.people], {}
    for table in tables:
        shown = [c for c in table.cells if is_told and blur.is_enough(c.people)]
        # The cells of one table have nobody in common, so it is enough to hold them against what was told before
        shown = [c for c in shown if all(blur.is_apart(c.people, other) for other in told)]
        shown = _in_company(table, shown, blur)
        told += [c.people for c in shown]
        names = {c.value for c in shown}
        found[table.name] = tuple(blur.told(c, c.value in names) for c in table.cells)
    return Answer(blur.told(whole, is_told), found)


def _in_company(table: Table, shown: Sequence[Cell], blur: _Blur) -> list[Cell]:
    """The total less what is shown is of enough people, or nothing is held back. Whether anybody is in what is held back is not
    asked: that one cell more goes would tell it."""
    kept = sorted(shown, key=lambda c: (-blur.people(c.people), c.value))
    names = {c.value for c in kept}
    hidden = [c for c in table.cells if c.value not in names]
    while kept and hidden and sum(blur.people(c.people) for c in hidden) < FEWEST + CUT:
        hidden.append(kept.pop())
    return kept


@dataclass(frozen=True)
class _Blur:
    draw: Draw

    def people(self, people: Ids) -> int:
        """Of nobody nobody; it is held back in any case."""
        return max(0, len(people) + noise(self.draw("people", people.tobytes()))) if len(people) else 0

    def is_enough(self, people: Ids) -> bool:
        return self.people(people) >= FEWEST + CUT

    def is_apart(self, one: Ids, other: Ids) -> bool:
        """Two sets that are the same are not: else it would be told that there is nobody between them."""
        return self.is_enough(np.setxor1d(one, other, assume_unique=True))

    def told(self, cell: Cell, is_shown: bool) -> Told:
        if not is_shown:
            return Told(cell.value, None, tuple(None for _ in cell.sums))
        sums = tuple(self.sum(s, cell.people) for s in cell.sums)
        return Told(cell.value, rounded(self.people(cell.people), BASE), sums)

    def sum(self, of: Sum, people: Ids) -> int | None:
        scale = of.cap / EPSILON
        blurred = int(np.clip(of.each, 0, of.cap).sum()) + laplace(
            self.draw(of.name, people.tobytes()), scale
        )
        # Judged by what is told anyway, so that its being told says nothing more
        return rounded(round(blurred), of.base) if scale <= VAGUE * blurred else None


def rounded(number: int, base: int) -> int:
    return (number + base // 2) // base * base


def noise(draw: float) -> int:
    """Two-sided geometric by inversion, within ± CUT."""
    ratio = exp(-EPSILON)
    side, rest = (1, 2 * draw - 1) if draw >= 0.5 else (-1, 1 - 2 * draw)
    # P(|noise| = 0) is half on each side, so that the two sides meet in one geometric law
    none = (1 - ratio) / (1 + ratio)
    if rest < none:
        return 0
    size = 1 + floor(log((1 - rest) / (1 - none)) / log(ratio))
    return side * min(size, CUT)


def laplace(draw: float, scale: float) -> float:
    """By inversion, within ± 8 scales."""
    side, rest = (1, 2 * draw - 1) if draw >= 0.5 else (-1, 1 - 2 * draw)
    return side * min(8.0, -log(1 - rest)) * scale
