"""A change of a product shared out among its factors, to the cent.

Logarithmic-mean Divisia index, additive (LMDI-I: Ang and Liu 2001, Energy 26 (6), 537–548; zeros by their limits: Ang
and Liu 2007, Energy Policy 35 (1), 238–246): a factor's part is L(v₀, v₁) · ln(f₁ ÷ f₀), with L the logarithmic mean.
The parts add up to the change, and the same change read backwards has the same parts with the other sign (but for the
cent that rounding gives to one of them). Where something is below nothing logarithms mean nothing; there it is the
Shapley value (Shorrocks 2013, Journal of Economic Inequality 11, 99–126), which also adds up.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise
from math import comb, exp, floor, log, log1p
from typing import NamedTuple


class Chain(NamedTuple):
    """The counts from which an amount comes, each within the one before: visitors, customers, orders, units …

    A count that is None is not known. The factors are the first count, the ratio of each to the one before,
    and the amount for each of the last.
    """

    counts: tuple[float | None, ...]
    amount: int


class Part(NamedTuple):
    """`name` is of the count that it leads to, "amount" for the last; factors are None where they mean nothing."""

    name: str
    before: float | None
    now: float | None
    amount: int


def parts(names: Sequence[str], before: Chain, now: Chain) -> tuple[Part, ...]:
    """What each factor did to the amount; the parts add up to the change, exactly.

    A count that one side does not know, or that is nothing on a side where something was sold, makes no factor:
    the next one takes its place (nobody counted at the door: it begins with customers).
    """
    kept = [n for n in range(len(names)) if _holds(before, n) and _holds(now, n)]
    links = [*(names[n] for n in kept), "amount"]
    old, new = _filled(_factors(before, kept), _factors(now, kept))
    shares = _shared(before.amount, now.amount, old, new)
    whole = to_the_unit(shares, now.amount - before.amount)
    return tuple(map(Part, links, _factors(before, kept), _factors(now, kept), whole))


def _holds(side: Chain, place: int) -> bool:
    count = side.counts[place]
    return count is not None and count >= 0 and (count > 0 or side.amount == 0)


def _factors(side: Chain, kept: Sequence[int]) -> list[float | None]:
    """None is nothing ÷ nothing."""
    steps = [1.0, *(float(side.counts[n] or 0) for n in kept), float(side.amount)]
    return [None if low == 0 else high / low for low, high in pairwise(steps)]


def _filled(old: Sequence[float | None], new: Sequence[float | None]) -> tuple[list[float], list[float]]:
    """What cannot be known of one side (what orders cost where there were none) is as on the other: it did nothing."""
    pairs = [
        (1.0 if b is None else b, 1.0 if b is None else b) if a is None else (a, a if b is None else b)
        for a, b in zip(old, new, strict=True)
    ]
    return [a for a, _b in pairs], [b for _a, b in pairs]


def _shared(before: float, now: float, old: Sequence[float], new: Sequence[float]) -> list[float]:
    if before == now == 0:
        return [0.0] * len(old)
    if any(a < 0 or b < 0 for a, b in zip(old, new, strict=True)):
        return _shapley(old, new)
    if before == 0 or now == 0:
        # in the limit those that were or became nothing share the change, and the others did nothing beside them
        gone = [(a == 0) != (b == 0) for a, b in zip(old, new, strict=True)]
        return [(now - before) * is_gone / sum(gone) for is_gone in gone]
    ratios = [log(b) - log(a) if a != b else 0.0 for a, b in zip(old, new, strict=True)]
    return [logarithmic_mean(before, now) * ratio for ratio in ratios]


def logarithmic_mean(a: float, b: float) -> float:
    """(b − a) ÷ ln(b ÷ a) of two amounts above nothing; of two equal ones, that amount."""
    distance = log1p((b - a) / a) if abs(b - a) < a / 2 else log(b) - log(a)
    if abs(distance) < 1e-9:
        return a * exp(distance / 2)
    return (b - a) / distance


def _shapley(old: Sequence[float], new: Sequence[float]) -> list[float]:
    """The mean of what a factor's change does over all orders in which the factors could have changed."""
    size = len(old)
    found = []
    for mine in range(size):
        others = [n for n in range(size) if n != mine]
        total = 0.0
        for count in range(size):
            for changed in combinations(others, count):
                product = 1.0
                for n in others:
                    product *= new[n] if n in changed else old[n]
                total += product * (new[mine] - old[mine]) / (size * comb(size - 1, count))
        found.append(total)
    return found


def to_the_unit(shares: Sequence[float], total: int) -> list[int]:
    """Whole numbers next to these that add up to `total`: those that lost most by rounding down get one more
    (largest remainder)."""
    whole = [floor(share) for share in shares]
    left = total - sum(whole)
    order = sorted(range(len(shares)), key=lambda n: (whole[n] - shares[n], n))
    # rounding alone leaves less than one each; floats of large amounts may leave a little more, or be over
    each, more = divmod(left, len(order))
    for place, n in enumerate(order):
        whole[n] += each + (place < more)
    return whole
