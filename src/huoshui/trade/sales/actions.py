"""The river's `sell` step: orders, their lines' flags, and what later facts do to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from huoshui.core import sql
from huoshui.core.facts import api as facts
from huoshui.trade.sales import rules
from huoshui.trade.sales.types import Change, GivenBack, Recorded, Sibling

Q = sql.load("huoshui.trade.sales")

WAITS = "等它的原订单：原订单还没有导入。"


def record(fact_ids: Sequence[int]) -> Recorded:
    """Record the orders among these settled facts; a refund whose order is unknown is sent back to wait."""
    ids = list(fact_ids)
    if not ids:
        return Recorded()
    siblings = [
        Sibling(r.fact_id, r.is_refund, r.sale_id, tuple(r.current))
        for r in sql.fetch(Q.siblings, fact_ids=ids)
    ]
    waiting = [s.fact_id for s in siblings if s.sale_id is None]
    if waiting:
        facts.mark_waiting(waiting, WAITS)
    later = {s.fact_id for s in siblings}
    first = [fact_id for fact_id in ids if fact_id not in later]
    added = sql.run(Q.add_sales, fact_ids=first) if first else 0
    for changes in _rounds([s for s in siblings if s.sale_id is not None]):
        _apply(changes)
    out = Recorded(settled=[f for f in ids if f not in set(waiting)], waiting=waiting)
    if added:
        out.released = [r.fact_id for r in sql.fetch(Q.waiting_children, fact_ids=first)]
    return out


def _rounds(siblings: list[Sibling]) -> list[list[Change]]:
    """Changes in rounds of one per order: two refunds of an order in one batch follow each other."""
    if not siblings:
        return []
    involved = {s.fact_id for s in siblings} | {f for s in siblings for f in s.current}
    lines: dict[int, set[str]] = defaultdict(set)
    for row in sql.fetch(Q.line_keys, fact_ids=sorted(involved)):
        lines[row.fact_id].add(row.key)
    given_back = {
        r.fact_id: GivenBack(r.is_refund, r.refunded)
        for r in sql.fetch(Q.given_back, fact_ids=sorted(involved))
    }
    rounds: list[list[Change]] = []
    by_sale = sorted(siblings, key=lambda s: (s.sale_id or 0, s.fact_id))
    for _, group in groupby(by_sale, key=lambda s: s.sale_id):
        current: tuple[int, ...] | None = None
        for place, sibling in enumerate(group):
            if current is not None:
                sibling = replace(sibling, current=current)
            change = rules.change(sibling, lines, given_back)
            current = change.current
            if place == len(rounds):
                rounds.append([])
            rounds[place].append(change)
    return rounds


def _apply(changes: list[Change]) -> None:
    facts.take_back([(c.fact_id, c.sale_id, c.replaces) for c in changes])
    sql.run(
        Q.add_changes,
        fact_ids=[c.fact_id for c in changes],
        sale_ids=[c.sale_id for c in changes],
        kinds=[c.kind for c in changes],
    )
    sql.run(
        Q.refresh_sales,
        sale_ids=[c.sale_id for c in changes],
        currents=[",".join(map(str, c.current)) for c in changes],
    )
