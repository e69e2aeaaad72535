"""What may be told to who may not see persons: no database, no clock.

Each count is blurred before anything is made of it, by two-sided geometric noise that is fixed for one set of people and one
cell: asked again, the answer is the same. Of two answers whose people differ in one person, each number is at most e^(4/k)
times likelier in one than in the other, whoever that is (Ghosh, Roughgarden, Sundararajan 2009). The noise is cut off at k
either way and what comes out under 2k is held back, so nothing is told of fewer than k people. Where one value of an attribute
alone is held back, so is the next smallest: the others would add up to it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from math import exp, floor, log
from typing import NamedTuple

from huoshui.core.errors import Refused
from huoshui.insight.portraits.types import Counted, Heads
from huoshui.insight.questions.portrait.values import SEVERAL

Draw = Callable[[str], float]
"""A number in [0, 1), always the same for the same words, that nobody outside can tell beforehand."""


class TooFew(Refused):
    """这群人太少，看画像会认出是谁。"""

    code = "too_few_people"


class Guarded(NamedTuple):
    heads: Heads
    cells: list[Counted]
    held_back: int


def guarded(heads: Heads, cells: Sequence[Counted], *, fewest: int, is_within: bool, draw: Draw) -> Guarded:
    """`is_within`: it is compared with everyone, so nobody of the group can be outside. Raises TooFew for a group, or others to
    compare it with, that are hardly more than single people."""
    blur = _Blur(fewest, is_within, draw)
    shown_heads = Heads(*blur.sides(heads.group, heads.base, heads.both, "heads"))
    parts = (shown_heads.group, shown_heads.base - shown_heads.both)
    if min(parts) < 2 * fewest:
        raise TooFew(f"这群人或者用来比较的人太少，不到 {2 * fewest} 位，看画像会认出是谁。")
    shown: list[Counted] = []
    held_back = 0
    for attribute, values in groupby(cells, key=lambda c: c.attribute):
        blurred = [_blurred(c, blur) for c in values]
        kept = _kept(blurred, fewest, is_one_of_many=attribute not in SEVERAL)
        held_back += len(blurred) - len(kept)
        shown += kept
    return Guarded(shown_heads, shown, held_back)


def noise(draw: float, fewest: int) -> int:
    """Two-sided geometric by inversion, within ± `fewest`."""
    ratio = exp(-4 / fewest)
    side, rest = (1, 2 * draw - 1) if draw >= 0.5 else (-1, 1 - 2 * draw)
    # P(|noise| = 0) is half on each side, so that the two sides meet in one geometric law
    none = (1 - ratio) / (1 + ratio)
    if rest < none:
        return 0
    size = 1 + floor(log((1 - rest) / (1 - none)) / log(ratio))
    return side * min(size, fewest)


class _Blur(NamedTuple):
    fewest: int
    is_within: bool
    draw: Draw

    def sides(self, group: int, base: int, both: int, what: str) -> tuple[int, int, int]:
        """Group, base and both again, from three parts that have nobody in common, each blurred by itself."""
        only_group = 0 if self.is_within else self._part(group - both, f"{what} group")
        in_both, only_base = self._part(both, f"{what} both"), self._part(base - both, f"{what} base")
        return only_group + in_both, only_base + in_both, in_both

    def _part(self, people: int, what: str) -> int:
        return max(0, people + noise(self.draw(what), self.fewest))


def _blurred(cell: Counted, blur: _Blur) -> Counted:
    where = f"{cell.attribute}={cell.value}"
    group_has, base_has, both_has = blur.sides(cell.group_has, cell.base_has, cell.both_has, where)
    # All values of an attribute are shares of one number
    group, base, both = blur.sides(cell.group, cell.base, cell.both, cell.attribute)
    return Counted(
        cell.attribute, cell.value,
        min(group_has, group), group, min(base_has, base), base, min(both_has, both), both,
    )  # fmt: skip


def _kept(cells: Sequence[Counted], fewest: int, *, is_one_of_many: bool) -> list[Counted]:
    kept = [c for c in cells if _is_safe(c, fewest, is_one_of_many)]
    if is_one_of_many and len(cells) - len(kept) == 1 and kept:
        kept.remove(min(kept, key=lambda c: (c.group_has, c.value)))
    return kept


def _is_safe(cell: Counted, fewest: int, is_one_of_many: bool) -> bool:
    """Of the group and of the others; where one may have several values, also of those who do not have this one.

    Their number is the difference of two that are blurred, so more is asked of it.
    """
    enough = min(cell.group_has, cell.base_has - cell.both_has) >= 2 * fewest
    return enough and (is_one_of_many or cell.group - cell.group_has >= 3 * fewest)
