"""What a further fact of an order means. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Set

from huoshui.trade.sales.types import Change, GivenBack, Sibling


def change(sibling: Sibling, lines: Mapping[int, Set[str]], given_back: Mapping[int, GivenBack]) -> Change:
    """Decide what a fact does to the order it belongs to.

    `lines` gives the line keys of each fact involved. An order exported again always repeats its lines, so a fact that
    shares none with the order is the rest of it, come in another file: a supplement. One that shares any is the order
    as it stands now: a revision, which takes the place of every fact it overlaps. A refund is added beside, and a later
    revision takes its place only when the revision itself tells of at least as much given back.
    """
    assert sibling.sale_id is not None
    replaces: tuple[int, ...] = ()
    kind = "refund"
    if not sibling.is_refund:
        mine = lines.get(sibling.fact_id, frozenset())
        replaces = tuple(f for f in sibling.current if lines.get(f, frozenset()) & mine)
        refunds = {f for f in replaces if given_back[f].is_refund}
        if sum(given_back[f].refunded for f in refunds) > given_back[sibling.fact_id].refunded:
            replaces = tuple(f for f in replaces if f not in refunds)
        kind = "revision" if replaces else "supplement"
    kept = tuple(f for f in sibling.current if f not in replaces)
    return Change(sibling.fact_id, sibling.sale_id, kind, replaces, (*kept, sibling.fact_id))
