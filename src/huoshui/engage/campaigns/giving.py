"""What one coupon takes off each line. Pure; whole minor units, floor for percentages, shared out as ADR 0010 says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction

from huoshui.engage.campaigns.types import (
    WHOLE,
    AmountOff,
    BasketLine,
    FixedPrice,
    Gift,
    Goods,
    NthItem,
    PercentOff,
    Rule,
    Threshold,
)

PIECE = 1000  # thousandths
_NONE = Threshold()


def share(amount: int, weights: Sequence[int]) -> list[int]:
    """`amount` shared out by cumulative largest remainder, so that the parts sum to it. No part is more than its
    weight when `amount` is not more than their sum."""
    total = sum(weights)
    if total <= 0:
        return [0] * len(weights)
    if total == amount:
        return list(weights)
    parts, upto = [], 0
    for weight in weights:
        parts.append(amount * (upto + weight) // total - amount * upto // total)
        upto += weight
    return parts


def taken(amount: int, part: int, whole: int) -> int:
    """What of `amount` goes with `part` of `whole`: taken piece by piece it comes to the same."""
    return amount * min(part, whole) // whole if whole > 0 else 0


def is_of(line: BasketLine, goods: Goods) -> bool:
    return (
        line.sku_code in goods.skus
        or line.brand in goods.brands
        or any(line.categories[: len(path)] == path for path in goods.categories)
    )


def in_scope(rule: Rule, lines: Sequence[BasketLine]) -> list[int]:
    """Places of the lines that the rule is about."""
    if not (rule.include or rule.exclude):
        return list(range(len(lines)))
    return [
        place
        for place, line in enumerate(lines)
        if (not rule.include or is_of(line, rule.include)) and not is_of(line, rule.exclude)
    ]


def missing(rule: Rule, lines: Sequence[BasketLine], places: Sequence[int]) -> Threshold:
    """How much there still has to be in these `places`, on amounts before any coupon. A gift does not help to earn itself."""
    if not (rule.threshold.amount or rule.threshold.pieces):
        return rule.threshold
    counted = [lines[place] for place in places]
    if isinstance(rule.benefit, Gift):
        counted = [line for line in counted if line.sku_code != rule.benefit.sku]
    amount = rule.threshold.amount - sum([line.amount for line in counted])
    pieces = rule.threshold.pieces - sum([line.quantity_milli for line in counted]) // PIECE
    return Threshold(max(amount, 0), max(pieces, 0)) if amount > 0 or pieces > 0 else _NONE


def discount(
    rule: Rule, lines: Sequence[BasketLine], left: Sequence[int], places: Sequence[int] | None = None
) -> list[int]:
    """What the coupon takes off each line, of which the coupons before it have left so much. `places`: those in its
    scope, where they are known."""
    out = [0] * len(lines)
    for place, off in _discounts(rule, lines, left, in_scope(rule, lines) if places is None else places):
        out[place] += min(off, left[place])
    return out


def _discounts(
    rule: Rule, lines: Sequence[BasketLine], left: Sequence[int], scope: Sequence[int]
) -> Iterable[tuple[int, int]]:
    places = [place for place in scope if left[place] > 0]
    match rule.benefit:
        case AmountOff(amount):
            return _shared(amount, places, left)
        case PercentOff(permille, cap):
            off = sum([left[p] for p in places]) * permille // WHOLE
            return _shared(off if cap is None else min(off, cap), places, left)
        case FixedPrice(price, None):
            return _shared(sum([left[p] for p in places]) - price, places, left)
        case FixedPrice(price, pieces):
            runs = _first(pieces or 0, _dearest_first(places, lines, left))
            return [(p, max(_worth(lines[p], left[p], n) - price * n, 0)) for p, n in runs]
        case NthItem(nth, permille, times):
            runs = _each_nth(nth, times, _dearest_first(places, lines, left))
            return [(p, _worth(lines[p], left[p], n) * permille // WHOLE) for p, n in runs]
        case Gift(sku, pieces):
            gifts = ((p, _pieces(x)) for p, x in enumerate(lines) if x.sku_code == sku and left[p] > 0)
            return [(p, _worth(lines[p], left[p], n)) for p, n in _first(pieces, gifts)]


def _shared(amount: int, places: Sequence[int], left: Sequence[int]) -> Iterable[tuple[int, int]]:
    weights = [left[p] for p in places]
    return zip(places, share(max(min(amount, sum(weights)), 0), weights), strict=True)


def _pieces(line: BasketLine) -> int:
    return line.quantity_milli // PIECE


def _worth(line: BasketLine, left: int, pieces: int) -> int:
    return taken(left, pieces * PIECE, line.quantity_milli)


def _dearest_first(
    places: Iterable[int], lines: Sequence[BasketLine], left: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """(place, whole pieces), by what a piece costs."""
    whole = [p for p in places if _pieces(lines[p]) > 0]
    whole.sort(key=lambda p: (-Fraction(left[p], lines[p].quantity_milli), lines[p].line_no))
    yield from ((p, _pieces(lines[p])) for p in whole)


def _first(count: int, runs: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    for place, pieces in runs:
        take = min(count, pieces)
        if take <= 0:
            return
        yield place, take
        count -= take


def _each_nth(nth: int, times: int, runs: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    before = 0
    for place, pieces in runs:
        count = min((before + pieces) // nth, times) - min(before // nth, times)
        if count:
            yield place, count
        before += pieces
