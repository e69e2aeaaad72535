"""The river's `sell` step: orders, their lines' flags, and what later facts do to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.facts import api as facts
from huoshui.core.unmet import Unmet, sentences
from huoshui.trade.sales import early, rules
from huoshui.trade.sales.types import Change, LineLeft, Part, Recorded, Sibling
from huoshui.trade.sales.vouchers import Vouchers, join

Q = sql.load("huoshui.trade.sales")

WAITS = "等它的原订单：原订单还没有导入。"


sentences(
    {
        "order_unknown": "找不到这笔订单，请核对订单号。",
        "order_exists": "这个订单号已经用过了。要改这笔订单，请退货或作废后重开。",
        "refund_exceeds": "退得比剩下的多：{line} 还可退 ¥{left}（{left_quantity} 件），"
        "这次要退 ¥{wanted}（{wanted_quantity} 件）。",
    }
)


def record(
    fact_ids: Sequence[int],
    *,
    with_kin: Set[int],
    asks: Set[int] = frozenset(),
    vouchers: Vouchers | None = None,
) -> Recorded:
    """Record these settled orders; a refund whose order is unknown is sent back to wait, or refused when it is an ask.

    Those `with_kin` are refunds or told of by other facts too, before or after them.
    """
    ids = list(fact_ids)
    if not ids:
        return Recorded()
    kin = [fact_id for fact_id in ids if fact_id in with_kin]
    siblings = sql.fetch_as(Sibling, Q.siblings, fact_ids=kin) if kin else []
    orphans = [s.fact_id for s in siblings if s.sale_id is None]
    unmet = [Unmet(f, "order_unknown") for f in orphans if f in asks]
    unmet += [Unmet(s.fact_id, "order_exists") for s in siblings if s.fact_id in asks and not s.is_refund]
    waiting = [fact_id for fact_id in orphans if fact_id not in asks]
    if waiting:
        facts.mark_waiting(waiting, WAITS)
    later = {s.fact_id for s in siblings}
    first = [fact_id for fact_id in ids if fact_id not in later]
    if first:
        sql.send(Q.add_sales, fact_ids=first)
    unmet += early.fill([s for s in siblings if s.is_refund])
    changes = _changes([s for s in siblings if s.sale_id is not None])
    if changes:
        _apply(changes)
        unmet += _exceeding(changes)
    out = Recorded(settled=[f for f in ids if f not in set(waiting)], waiting=waiting, unmet=unmet)
    parents = [fact_id for fact_id in first if fact_id in with_kin]
    if parents:
        out.released = [r.fact_id for r in sql.fetch(Q.waiting_children, fact_ids=parents)]
    if vouchers is not None:
        out.unmet += vouchers.unmet
        out.released += join(vouchers, {s.fact_id: s.sale_id for s in siblings if s.sale_id is not None})
    return out


def _exceeding(changes: list[Change]) -> Iterator[Unmet]:
    """Refunds after which more has come back than was sold."""
    refunds = {c.sale_id: c.fact_id for c in changes if c.kind == "refund"}
    if not refunds:
        return
    rows = sql.fetch(Q.lines_left, sale_ids=sorted(refunds))
    back = {(r.fact_id, r.key): r for r in sql.fetch(Q.lines_of_refunds, fact_ids=sorted(refunds.values()))}
    told = [(refunds[sale_id], LineLeft(*line)) for sale_id, *line in rows]
    over = [
        (fact_id, line, mine)
        for fact_id, line in told
        if (mine := back.get((fact_id, line.key))) and rules.exceeds(line, mine.quantity_milli, mine.amount)
    ]
    codes = brand.product_names(sorted({line.sku_id for _, line, _ in over})) if over else {}
    for fact_id, line, mine in over:
        code = codes[line.sku_id][0]
        detail = rules.exceeds(line, mine.quantity_milli, mine.amount, sku_code=code)
        yield Unmet(fact_id, "refund_exceeds", detail, mine.line_no)


def _changes(siblings: list[Sibling]) -> list[Change]:
    """What each does to its order. A batch has one of an order at most (`facts.ask_to_claim`)."""
    if not siblings:
        return []
    # Under the lock of each order: two refunds at once, each unaware of the other, would take back too little or too much.
    sale_ids = sorted({s.sale_id for s in siblings if s.sale_id is not None})
    assert len(sale_ids) == len(siblings)
    locked = sql.fetch(Q.lock_sales, sale_ids=sale_ids)
    current = {r.id: tuple(r.fact_ids) for r in locked}
    verified = {r.id for r in locked if r.is_verified}
    parts = _parts({s.fact_id for s in siblings} | {f for fact_ids in current.values() for f in fact_ids})
    return [
        rules.change(s, current[s.sale_id or 0], parts, is_verified=s.sale_id in verified) for s in siblings
    ]


def _parts(fact_ids: set[int]) -> dict[int, Part]:
    keys: dict[int, set[str]] = defaultdict(set)
    for row in sql.fetch(Q.line_keys, fact_ids=sorted(fact_ids)):
        keys[row.fact_id].add(row.key)
    rows = sql.fetch(Q.given_back, fact_ids=sorted(fact_ids))
    return {r.fact_id: Part(keys[r.fact_id], r.given_back, r.refund_key) for r in rows}


def _apply(changes: list[Change]) -> None:
    facts.take_back([(c.fact_id, c.sale_id, c.replaces) for c in changes])
    if retold := [(c.fact_id, c.replaces) for c in changes if any(f != c.fact_id for f in c.replaces)]:
        facts.mend_retold(retold)
    sql.send(
        Q.add_changes,
        fact_ids=[c.fact_id for c in changes],
        sale_ids=[c.sale_id for c in changes],
        kinds=[c.kind for c in changes],
    )
    sql.send(
        Q.refresh_sales,
        sale_ids=[c.sale_id for c in changes],
        currents=[",".join(map(str, c.current)) for c in changes],
    )
