"""Refunds that came before their orders and could not say in lines what came back, or what was paid with points.

They say in their status what they wait to be told (`wanted`), and are filled in the transaction that settles them.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from huoshui.core import sql
from huoshui.core.facts import api as facts
from huoshui.core.facts.api import Filled, FilledLine, FilledTender
from huoshui.core.facts.types import DAMAGED, NOT_RETURNED
from huoshui.core.unmet import Unmet, sentences
from huoshui.trade.sales import rules
from huoshui.trade.sales.types import Back, LineLeft, Sibling

Q = sql.load("huoshui.trade.sales")

LINES, REST, SUM = "early lines", "early rest", "early sum"
_REFUNDED = "refunded"
_STATUS = re.compile(rf"{LINES}|{REST} (sellable|damaged|not_returned)|{SUM} ([0-9]{{1,15}})")
_FLAGS: Final = {"sellable": 0, "damaged": DAMAGED, "not_returned": NOT_RETURNED}

sentences({"refund_nothing": "这笔订单已经没有可退的了。"})


class Wanted(NamedTuple):
    """`amount`: so much money, goods stay; None: all that is left."""

    is_told: bool
    amount: int | None = None
    condition: str = "sellable"


def early(*, has_lines: bool, amount: int | None, condition: str) -> str:
    """The status of a refund that has to wait for its order."""
    if has_lines:
        return LINES
    return f"{REST} {condition}" if amount is None else f"{SUM} {amount}"


def wanted(status: str) -> Wanted | None:
    found = _STATUS.fullmatch(status)
    if found is None:
        return None
    amount, condition = found[2], found[1]
    return Wanted(status == LINES, int(amount) if amount else None, condition or "sellable")


def fill(siblings: Sequence[Sibling]) -> list[Unmet]:
    """What came back by those refunds that could not say it, now that their orders are there; and what came back of each way of
    paying. Locks the orders. What finds nothing left gives nothing back, and is shown."""
    waited = {
        s.sale_id: (s.fact_id, w) for s in siblings if s.sale_id is not None and (w := wanted(s.status))
    }
    if not waited:
        return []
    sale_ids = sorted(waited)
    orders = {r.id: r for r in sql.fetch(Q.lock_sales, sale_ids=sale_ids)}
    lines: dict[int, list[LineLeft]] = defaultdict(list)
    for sale_id, *line in sql.fetch(Q.lines_left, sale_ids=sale_ids):
        lines[sale_id].append(LineLeft(*line))
    paid = _paid([f for r in orders.values() for f in r.fact_ids])
    said = dict(sql.fetch_as(tuple, Q.said_back, fact_ids=[f for f, w in waited.values() if w.is_told]))
    filled, nothing = [], []
    for sale_id, (fact_id, want) in waited.items():
        order, left = orders[sale_id], lines[sale_id]
        # Of an order whose voucher was verified nothing is left
        backs = [] if want.is_told or order.is_verified else _backs(want, left)
        amount = said.get(fact_id, 0) + sum(b.amount for b in backs)
        told = tenders_back([t for f in order.fact_ids for t in paid[f]], left, amount)
        flags = _FLAGS[want.condition]
        back = [
            FilledLine(b.line.line_key, b.line.sku_id, -b.quantity_milli, -b.amount, flags) for b in backs
        ]
        filled.append(Filled(fact_id, _REFUNDED, order.org_unit_id, back, list(told)))
        if not want.is_told and not backs:
            nothing.append(Unmet(fact_id, "refund_nothing"))
    facts.fill_refunds(filled)
    return nothing


def _backs(want: Wanted, left: Sequence[LineLeft]) -> list[Back]:
    return rules.take_whole(left) if want.amount is None else rules.take_amount(left, want.amount)


def _paid(fact_ids: Sequence[int]) -> Mapping[int, list[sql.Row]]:
    found: dict[int, list[sql.Row]] = defaultdict(list)
    for row in facts.tenders_of(sorted(fact_ids)):
        found[row.fact_id].append(row)
    return found


def tenders_back(told: Sequence[sql.Row], lines: Sequence[LineLeft], amount: int) -> Iterator[FilledTender]:
    """What each way of paying gives back of a refund of `amount`, below zero: its share, by running sums over the refunds of
    the order, whose ways of paying and of giving back so far are `told` and whose lines stand as `lines`.

    Of points that is what is still missing of their share: the order may have been told anew since its last refund, and
    they must neither come back twice nor stay behind when all has come back.
    """
    paid: Counter[str] = Counter()
    points: Counter[str] = Counter()
    gone: Counter[str] = Counter()
    for t in told:
        if t.amount > 0 or t.points > 0:
            paid[t.kind] += t.amount
            points[t.kind] += t.points
        else:
            gone[t.kind] -= t.points
    total, before = sum(x.amount for x in lines), sum(x.returned for x in lines)
    after = before + amount
    for kind, tendered in paid.items():
        money = rules.tendered_back(tendered, total=total, before=before, after=after)
        back = 0
        if whole := points[kind]:
            share = rules.tendered_back(whole, total=total, before=0, after=after)
            # No more than this refund is worth
            back = min(max(share - gone[kind], 0), amount * whole // tendered if tendered else whole)
            money = back * tendered // whole
        if money or back:
            yield FilledTender(kind, -money, -back)
