"""What a further fact of an order means. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from huoshui.core import money, quantity
from huoshui.trade.sales.types import Back, Change, LineLeft, Part, Sibling


def change(
    sibling: Sibling, current: Sequence[int], parts: Mapping[int, Part], *, is_verified: bool = False
) -> Change:
    """Decide what a fact does to its order, which the facts of `current` make up; `parts` tells of each of them.

    An order exported again always repeats its lines, so a fact that shares none with the order is the rest of it, come
    in another file: a supplement. One that shares any is the order as it stands now: a revision, which takes the place of
    every fact it overlaps. A refund is added beside; told again under its own number it takes its former place.

    Of an order whose voucher was verified nothing is left, and what is told of it later stands for nothing either.
    """
    assert sibling.sale_id is not None
    if sibling.is_taking:
        return Change(sibling.fact_id, sibling.sale_id, "revision", tuple(current), (sibling.fact_id,))
    if is_verified:
        kind = "refund" if sibling.is_refund else "revision"
        return Change(sibling.fact_id, sibling.sale_id, kind, (sibling.fact_id,), tuple(current))
    mine = parts[sibling.fact_id]
    before = {f: parts[f] for f in current}
    replaced = _told_again(mine, before) if sibling.is_refund else _revised(mine, before)
    kind = "refund"
    if not sibling.is_refund:
        kind = "revision" if any(not parts[f].is_refund for f in replaced) else "supplement"
    kept = tuple(f for f in current if f not in replaced)
    replaces = tuple(f for f in current if f in replaced)
    return Change(sibling.fact_id, sibling.sale_id, kind, replaces, (*kept, sibling.fact_id))


def exceeds(line: LineLeft, quantity_milli: int, amount: int, *, sku_code: str = "") -> dict[str, str]:
    """What to tell of a refund, already counted in `line`, that gives back more than was there; {} when it does not. The line
    goes by its product and place: what we tell lines apart by means nothing to whoever asked.

    A line of no money or no goods (a gift, a till that does not count) cannot be exceeded in what it never told.
    """
    too_much = line.left < 0 and amount > 0
    too_many = line.left_milli < 0 and quantity_milli > 0 and line.quantity_milli > 0
    if not too_much and not too_many:
        return {}
    return {
        "line": f"{sku_code} #{line.line_no}".strip(),
        "sku": sku_code,
        "left": money.plain(max(line.left + amount, 0)),
        "wanted": money.plain(amount),
        "left_quantity": quantity.plain(max(line.left_milli + quantity_milli, 0)),
        "wanted_quantity": quantity.plain(quantity_milli),
    }


def take_whole(lines: Sequence[LineLeft]) -> list[Back]:
    """All that is left of an order."""
    backs = map(take_line, lines)
    return [back for back in backs if back.amount or back.quantity_milli]


def take_line(line: LineLeft) -> Back:
    """All that is left of a line: nothing of one of which more came back than was sold."""
    return Back(line, _rest(line.quantity_milli, line.left_milli), _rest(line.amount, line.left))


def _rest(sold: int, left: int) -> int:
    return max(left, 0) if sold >= 0 else min(left, 0)


def take_quantity(line: LineLeft, quantity_milli: int) -> Back:
    """So many pieces of a line, at what they were sold for, to the cent and never spread anew.

    By running shares (ADR 0010), so that one piece after another gives back what all at once would; the last piece brings
    whatever is left, also after money was given back without goods.
    """
    if quantity_milli >= line.left_milli:
        return Back(line, quantity_milli, _rest(line.amount, line.left))
    before, after = line.returned_milli, line.returned_milli + quantity_milli
    share = line.amount * after // line.quantity_milli - line.amount * before // line.quantity_milli
    return Back(line, quantity_milli, min(share, line.left))


def take_amount(lines: Sequence[LineLeft], amount: int) -> list[Back]:
    """So much money of an order, goods stay: from each line by what is left of it. More than is left falls on the last."""
    left = [_rest(x.amount, x.left) for x in lines]
    total = sum(left)
    backs, before = [], 0
    for x, rest in zip(lines, left, strict=True):
        upto = before + rest
        share = amount * upto // total - amount * before // total if total else 0
        backs.append(Back(x, 0, share))
        before = upto
    taken = sum(b.amount for b in backs)
    if backs and taken < amount:
        backs[-1] = backs[-1]._replace(amount=backs[-1].amount + amount - taken)
    return [b for b in backs if b.amount]


def tendered_back(tendered: int, *, total: int, before: int, after: int) -> int:
    """What comes back of one way of paying when the refunds of an order of `total` go from `before` to `after`."""
    if total <= 0:
        return 0
    return tendered * min(after, total) // total - tendered * min(before, total) // total


def _told_again(mine: Part, current: Mapping[int, Part]) -> Set[int]:
    return {f for f, part in current.items() if part.refund_key == mine.refund_key and part.keys & mine.keys}


def _revised(mine: Part, current: Mapping[int, Part]) -> Set[int]:
    """Refunds beside the order go with what it replaces only when it tells itself of at least as much given back."""
    sales = {f for f, part in current.items() if not part.is_refund}
    repeated = {f for f in sales if current[f].keys & mine.keys}
    is_whole = bool(repeated) and repeated == sales
    refunds = {f for f in current.keys() - sales if is_whole or current[f].keys & mine.keys}
    if sum(current[f].given_back for f in refunds) > mine.given_back:
        return repeated
    return repeated | refunds
