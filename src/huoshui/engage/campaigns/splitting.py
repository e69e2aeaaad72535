"""Which line bore how much of which coupon, and how much of that stays given when goods or money go back. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from huoshui.engage.campaigns import giving
from huoshui.engage.campaigns.types import Applied


class Line(NamedTuple):
    fact_id: int
    line_no: int
    key: str
    sku_id: int
    quantity_milli: int
    amount: int
    coupon_discount: int
    refunded: int
    refunded_milli: int


class Use(NamedTuple):
    fact_id: int
    code: str
    amount: int


class Part(NamedTuple):
    line_no: int
    key: str
    amount: int


def is_all_back(sold: Sequence[Line], returned: Sequence[Line]) -> bool:
    """All the money was given back; of an order that cost nothing, all the goods."""
    if sold and not _is_any_back(sold, returned):
        return False
    amount = sum([line.amount for line in sold])
    if amount > 0 or not sold:
        return sum(_back(sold, returned).values()) >= amount
    pieces = sum(line.quantity_milli for line in sold)
    return 0 < pieces <= sum(_back_milli(sold, returned).values())


def remaining(parts: Sequence[Part], sold: Sequence[Line], returned: Sequence[Line]) -> int:
    """What of a coupon's discount stays given, by the split recorded: goods returned take their share of it along;
    where only money came back, by the money."""
    if not _is_any_back(sold, returned):
        return sum([part.amount for part in parts])
    amounts, quantities, bore = Counter[str](), Counter[str](), Counter[str]()
    for line in sold:
        amounts[line.key] += line.amount
        quantities[line.key] += line.quantity_milli
    for part in parts:
        bore[part.key] += part.amount
    back, back_milli = _back(sold, returned), _back_milli(sold, returned)
    gone = 0
    for key, amount in bore.items():
        if back_milli[key] > 0 and quantities[key] > 0:
            gone += giving.taken(amount, back_milli[key], quantities[key])
        else:
            gone += giving.taken(amount, max(back[key], 0), amounts[key])
    return sum(bore.values()) - gone


def _is_any_back(sold: Sequence[Line], returned: Sequence[Line]) -> bool:
    if returned:
        return True
    for line in sold:  # noqa: SIM110  # asked of every sale: a generator costs more than what it goes through
        if line.refunded or line.refunded_milli:
            return True
    return False


def _back(sold: Sequence[Line], returned: Sequence[Line]) -> Counter[str]:
    """Money given back, by line."""
    out: Counter[str] = Counter()
    for line in sold:
        out[line.key] += line.refunded
    for line in returned:
        out[line.key] -= line.amount
    return out


def _back_milli(sold: Sequence[Line], returned: Sequence[Line]) -> Counter[str]:
    out: Counter[str] = Counter()
    for line in sold:
        out[line.key] += line.refunded_milli
    for line in returned:
        out[line.key] -= line.quantity_milli
    return out


def splits(
    sold: Sequence[Line], told: Mapping[str, Use], by_rule: Mapping[str, Applied]
) -> dict[str, tuple[Part, ...]]:
    """Which line bore how much of which coupon: as the rules say where that is what the lines say, else as the lines
    say, one coupon after another."""
    if len(told) == 1 and (agreed := _of_one(sold, *told.values())):
        return dict.fromkeys(told, agreed)
    out: dict[str, tuple[Part, ...]] = {}
    of_fact: dict[int, list[str]] = defaultdict(list)
    for key, use in told.items():
        of_fact[use.fact_id].append(key)
    for fact_id, keys in of_fact.items():
        lines = [line for line in sold if line.fact_id == fact_id]
        if not (shares := _agreed(lines, keys, told, by_rule)):
            shares = _as_told(lines, [told[key].amount for key in keys])
        for key, amounts in zip(keys, shares, strict=True):
            parts = zip(lines, amounts, strict=True)
            out[key] = tuple(Part(line.line_no, line.key, amount) for line, amount in parts if amount)
    return out


def _of_one(sold: Sequence[Line], use: Use) -> tuple[Part, ...]:
    """The everyday order: one coupon, and lines that say exactly what it gave. Empty where they do not."""
    bore = [line for line in sold if line.coupon_discount and line.fact_id == use.fact_id]
    amounts = [line.coupon_discount for line in bore]
    if not bore or min(amounts) <= 0 or sum(amounts) != use.amount:
        return ()
    return tuple([Part(line.line_no, line.key, line.coupon_discount) for line in bore])


def _agreed(
    lines: Sequence[Line], keys: Sequence[str], told: Mapping[str, Use], by_rule: Mapping[str, Applied]
) -> list[list[int]]:
    if any(key not in by_rule or by_rule[key].amount != told[key].amount for key in keys):
        return []
    shares = []
    for key in keys:
        of_line = dict(by_rule[key].lines)
        shares.append([of_line.get(line.line_no, 0) for line in lines])
    sums = [sum(column) for column in zip(*shares, strict=True)]
    return shares if sums == [line.coupon_discount for line in lines] else []


def _as_told(lines: Sequence[Line], amounts: Sequence[int]) -> list[list[int]]:
    bears = [max(line.coupon_discount, 0) for line in lines]
    out = []
    for amount in amounts:
        weights = bears
        if sum(bears) < amount:
            weights = [max(line.amount + line.coupon_discount, 0) for line in lines]
        if not any(weights):
            weights = [1] + [0] * (len(lines) - 1) if lines else []
        shares = giving.share(max(amount, 0), weights)
        bears = [max(b - s, 0) for b, s in zip(bears, shares, strict=True)]
        out.append(shares)
    return out
