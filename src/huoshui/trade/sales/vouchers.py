"""One voucher, one sale (ADR 0011): what was sold on a platform and what a till verified are brought together.

A voucher is an order of its platform, numbered by its code. The sale that verifies it stands for all of it: the platform's
order is left with nothing, in whichever order the two arrive.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from huoshui.core import money, sql
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import Claimed
from huoshui.core.unmet import Unmet, sentences

Q = sql.load("huoshui.trade.sales")

sentences(
    {
        "voucher_used": "团购券 {voucher} 已经核销过（订单 {order}），不能再用。",
        "voucher_refunded": "团购券 {voucher} 已经在平台退款，不能再用。",
        "voucher_verified": "团购券 {voucher} 已经核销（订单 {order}），平台又退了款。请在退货退款里退那一单。",
        "voucher_differs": "团购券 {voucher} 在平台卖了 ¥{sold}，收银台记的是 ¥{told}，相差 ¥{difference}。"
        "请核对是谁承担差额。",
    }
)


@dataclass
class Vouchers:
    """What becomes of vouchers as these facts settle.

    taken: sales that verify, with the orders that were sold before; joined: orders that come after the sale which verified
    them; buyers: of sales that name nobody, who bought the voucher; nameless: such sales that came before their buyer did,
    with the order that names him; reopened: orders whose verification was voided, with the void.
    """

    taken: list[tuple[int, int, int]] = field(
        default_factory=list
    )  # sale, order of the voucher, its last fact
    joined: dict[int, int] = field(default_factory=dict)
    buyers: dict[int, int] = field(default_factory=dict)
    nameless: list[tuple[int, int]] = field(default_factory=list)
    reopened: list[tuple[int, int]] = field(default_factory=list)
    unmet: list[Unmet] = field(default_factory=list)
    doubts: list[tuple[int, int | None, str, dict[str, Any]]] = field(default_factory=list)

    def persons(self, persons: Mapping[int, int]) -> dict[int, int]:
        """Whose these facts are: of a sale that names nobody, whoever bought its voucher; and where an order comes after
        its sale, the sale's customer has it already."""
        known = {f: p for f, p in persons.items() if f not in self.joined}
        return self.buyers | known


def look(fact_ids: Collection[int]) -> Vouchers:
    """What is to be done about the vouchers of these facts, whose orders stay locked until the end of the transaction."""
    found = Vouchers()
    if not fact_ids:
        return found
    ids = sorted(fact_ids)
    if sale_ids := [r.id for r in sql.fetch(Q.voucher_sales, fact_ids=ids)]:
        sql.fetch(Q.lock_sales, sale_ids=sale_ids)
    for row in sql.fetch(Q.vouchers_told, fact_ids=ids):
        _decide(row, found)
    return found


def take(found: Vouchers) -> Claimed | None:
    """Tell the orders that are verified now as such, to settle before the sales that verify them."""
    rows = [(by, told) for by, _, told in found.taken]
    return facts.take_vouchers(rows) if rows else None


def join(found: Vouchers, sale_of: Mapping[int, int]) -> list[int]:
    """Once the sales are recorded (`sale_of`: those that are no order's first fact): what was sold stands with them. Returns
    facts that were told again and may settle now."""
    if found.joined:
        facts.take_back([(order, order, (order,)) for order in found.joined])
    _mark([(sale_id, sale_of.get(by, by)) for by, sale_id, _ in found.taken])
    _mark([*found.joined.items()])
    if found.doubts:
        facts.raise_exceptions(found.doubts)
    again: list[tuple[int, int, int | None]] = [(by, order, order) for by, order in found.nameless]
    if found.reopened:
        _mark([(sale_id, None) for _, sale_id in found.reopened])
        void_of = {sale_id: void for void, sale_id in found.reopened}
        rows = sql.fetch(Q.taken_facts, sale_ids=sorted(void_of))
        again += [(r.fact_id, void_of[r.sale_id], None) for r in rows]
    return facts.tell_again(again) if again else []


class Verified(NamedTuple):
    """A voucher that a sale verified. Nothing but its name is known while its platform has not told of it."""

    source: str
    code: str
    sold_id: int | None
    label: str | None
    sold_amount: int | None
    fee: int | None


def vouchers_of(sale_id: int, fact_ids: Sequence[int]) -> list[Verified]:
    return sql.fetch_as(Verified, Q.vouchers_of_sale, sale_id=sale_id, fact_ids=list(fact_ids))


def _mark(rows: Sequence[tuple[int, int | None]]) -> None:
    if rows:
        sql.send(Q.mark_verified, sale_ids=[r[0] for r in rows], verified_ids=[r[1] for r in rows])


def _decide(row: sql.Row, found: Vouchers) -> None:
    if row.is_till and row.is_refund:
        if row.is_void and row.sold_id is not None and row.verified_id == row.own_sale_id:
            found.reopened.append((row.fact_id, row.sold_id))
    elif row.is_till:
        _verify(row, found)
    elif not row.is_refund and row.sold_id is None and row.used_sale_id is not None:
        _sold_after(row, found)
    elif row.is_refund and row.verified_id is not None:
        found.unmet.append(_unmet(row, "voucher_verified"))


def _verify(row: sql.Row, found: Vouchers) -> None:
    if row.used_sale_id is not None:
        found.unmet.append(_unmet(row, "voucher_used"))
    elif row.sold_id is None or row.verified_id is not None:
        return  # not sold yet as far as we know, or its own sale is told again
    elif row.sold_refunded > 0 and row.sold_amount <= row.sold_refunded:
        found.unmet.append(_unmet(row, "voucher_refunded"))
    else:
        found.taken.append((row.fact_id, row.sold_id, row.told_id))
        if row.sold_person_id is not None:
            found.buyers.setdefault(row.fact_id, row.sold_person_id)
        _compare(row, row.sold_amount - row.sold_refunded, found)


def _sold_after(row: sql.Row, found: Vouchers) -> None:
    found.joined[row.fact_id] = row.used_sale_id
    if row.used_person_id is not None:
        found.buyers[row.fact_id] = row.used_person_id
    else:
        found.nameless.append((row.used_fact_id, row.fact_id))
    _compare(row, row.own_amount, found)


def _compare(row: sql.Row, sold: int, found: Vouchers) -> None:
    """A till that says what the voucher paid should say what it was sold for; of several together nobody can tell."""
    if row.vouchers == 1 and row.tendered and row.tendered != sold:
        told = {"sold": sold, "told": row.tendered, "difference": abs(sold - row.tendered)}
        detail = {"voucher": row.code} | {name: money.plain(value) for name, value in told.items()}
        found.doubts.append((row.fact_id, None, "voucher_differs", detail))


def _unmet(row: sql.Row, code: str) -> Unmet:
    return Unmet(row.fact_id, code, {"voucher": row.code, "order": row.used_order_key or ""})
