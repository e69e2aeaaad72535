"""What a further fact of an order means. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from huoshui.trade.sales.types import Change, Part, Sibling


def change(sibling: Sibling, current: Sequence[int], parts: Mapping[int, Part]) -> Change:
    """Decide what a fact does to its order, which the facts of `current` make up; `parts` tells of each of them.

    An order exported again always repeats its lines, so a fact that shares none with the order is the rest of it, come
    in another file: a supplement. One that shares any is the order as it stands now: a revision, which takes the place of
    every fact it overlaps. A refund is added beside; told again under its own number it takes its former place.
    """
    assert sibling.sale_id is not None
    mine = parts[sibling.fact_id]
    before = {f: parts[f] for f in current}
    replaced = _told_again(mine, before) if sibling.is_refund else _revised(mine, before)
    kind = "refund"
    if not sibling.is_refund:
        kind = "revision" if any(not parts[f].is_refund for f in replaced) else "supplement"
    kept = tuple(f for f in current if f not in replaced)
    replaces = tuple(f for f in current if f in replaced)
    return Change(sibling.fact_id, sibling.sale_id, kind, replaces, (*kept, sibling.fact_id))


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
