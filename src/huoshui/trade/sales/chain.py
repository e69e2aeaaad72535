"""One sale and every row it caused: the full chain (全链路)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from huoshui.brand import api as brand
from huoshui.core import money, quantity, sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.core.facts import api as facts
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger.types import DEBT_BUCKET, POINTS
from huoshui.core.unmet import sentence
from huoshui.engage.loyalty import api as loyalty
from huoshui.people import api as people
from huoshui.trade.sales.reads import sale_of_fact
from huoshui.trade.sales.types import Chain, ChainRow, LineView, SaleView
from huoshui.trade.sales.vouchers import vouchers_of

Q = sql.load("huoshui.trade.sales")

CAUSE, SAME_MOMENT, AFTER = "cause", "same_moment", "after"


def chain_of(actor: Actor, fact_id: int) -> Chain:
    """The chain of the order that a fact belongs to. Raises NotFound, also where the actor may not look."""
    sale = sale_of_fact(actor, fact_id)
    head = facts.head(sale.fact_id)
    if head is None:
        raise NotFound
    changes = sql.fetch(Q.changes_of, sale_id=sale.sale_id)
    fact_ids = [sale.fact_id, *(c.fact_id for c in changes)]
    given_back = {c.fact_id for c in changes if c.kind == "refund"}
    rows = [
        _source_row(head),
        *_person_rows(actor, head),
        _sale_row(sale, head.settled_at),
        *_staff_rows(fact_ids, head.settled_at),
        *_voucher_rows(sale, fact_ids, head.settled_at),
        *_stock_rows(sale, head, own=[x for x in sale.lines if x.fact_id not in given_back]),
        *_points_rows(fact_ids, sale.fact_id),
        *_tier_rows(fact_ids, head.settled_at),
        *(_change_row(c) for c in changes),
        *_exception_rows(fact_ids),
    ]
    return Chain(sale, tuple(rows))


def _source_row(head: sql.Row) -> ChainRow:
    arrival = f"{head.source_label}送来，单号 {head.client_key}"
    return ChainRow(CAUSE, "source", "收到一笔订单", arrival, head.received_at, ref=str(head.id))


def _person_rows(actor: Actor, head: sql.Row) -> Iterator[ChainRow]:
    if head.person_id is None:
        yield ChainRow(
            SAME_MOMENT, "person", "没有认出顾客", "这笔订单没有留下会员卡或手机号", head.settled_at
        )
        return
    person_id = people.canonical_id(head.person_id)
    title = "".join(card.title for card in people.cards_for(actor, [person_id]))  # '' before it is written
    yield ChainRow(SAME_MOMENT, "person", "认出顾客", title, head.settled_at, ref=str(person_id))


def _sale_row(sale: SaleView, at: datetime | None) -> ChainRow:
    detail = f"{sale.store} · {sale.line_count} 行商品"
    return ChainRow(SAME_MOMENT, "sale", "记成交", detail, at, amount=sale.amount, ref=str(sale.sale_id))


def _staff_rows(fact_ids: list[int], at: datetime | None) -> Iterator[ChainRow]:
    row = sql.fetch_one(Q.served_by, fact_ids=fact_ids)
    for name in brand.staff_names([row.staff_id]).values() if row else ():
        yield ChainRow(SAME_MOMENT, "staff", "记在员工名下", name, at, ref=str(row.staff_id))


def _voucher_rows(sale: SaleView, fact_ids: list[int], at: datetime | None) -> Iterator[ChainRow]:
    """Vouchers that the sale verified: what their platform sold them for, and what it keeps."""
    for v in vouchers_of(sale.sale_id, fact_ids):
        if v.sold_amount is None:
            detail = f"{v.source}还没有报来这张券"
        else:
            detail = f"{v.label}卖了 ¥{money.plain(v.sold_amount)}，成交算在这里"
            detail += f"，平台服务费 ¥{money.plain(v.fee)}" if v.fee is not None else ""
        yield ChainRow(SAME_MOMENT, "voucher", f"核销团购券 {v.code}", detail, at, ref=v.code)


def _stock_rows(sale: SaleView, head: sql.Row, *, own: list[LineView]) -> Iterator[ChainRow]:
    """`own`: what was sold, without what refunds took back of it later."""
    if head.is_history:
        yield ChainRow(SAME_MOMENT, "stock", "库存不动", "历史订单只记录，不扣库存", head.settled_at)
    elif sale.store:
        pieces = quantity.plain(sum(line.quantity_milli for line in own))
        kinds = len({line.code for line in own})
        detail = f"{sale.store}的 {kinds} 种商品，共 {pieces} 件"
        yield ChainRow(SAME_MOMENT, "stock", "扣库存", detail, head.settled_at)
    unlisted = sum(line.is_unlisted for line in own)
    if unlisted:
        yield ChainRow(
            SAME_MOMENT,
            "product",
            "商品待补资料",
            f"{unlisted} 行商品不在商品表里，已照常记账",
            head.settled_at,
        )


def _points_rows(fact_ids: list[int], first: int) -> Iterator[ChainRow]:
    for t in ledger.transfers_of(fact_ids):
        if t.unit != POINTS:
            continue
        when = SAME_MOMENT if t.fact_id == first else AFTER
        sign = "加" if t.to_kind == "person" else "减"
        yield ChainRow(when, "points", f"{sign} {t.amount:,} 积分", _points_detail(t), t.posted_at)


def _points_detail(t: sql.Row) -> str:
    if t.to_bucket == DEBT_BUCKET:
        return "先还了欠的积分"
    if t.from_bucket == DEBT_BUCKET:
        return "积分已用掉，记为欠积分"
    if t.reason == "earn":
        return f"{t.to_bucket[:4]} 年 {int(t.to_bucket[5:])} 月底到期" if t.to_bucket else ""
    return {"spend": "用来付款", "spend_back": "退货退回付款用的积分"}.get(t.reason, "退货扣回")


def _tier_rows(fact_ids: list[int], at: datetime | None) -> Iterator[ChainRow]:
    for name in loyalty.tiers_reached_by(fact_ids):
        yield ChainRow(SAME_MOMENT, "tier", f"升为{name}", "累计消费达到了门槛", at)


def _change_row(change: sql.Row) -> ChainRow:
    title = {"revision": "订单有更新", "supplement": "补来订单的其余商品", "refund": "退货退款"}[change.kind]
    status = f"状态：{change.status}" if change.status else "只记差额"
    return ChainRow(
        AFTER,
        change.kind,
        title,
        status,
        change.changed_at,
        amount=change.amount - change.refunded,
        ref=str(change.fact_id),
    )


def _exception_rows(fact_ids: list[int]) -> Iterator[ChainRow]:
    for e in facts.exceptions_of(fact_ids):
        yield ChainRow(AFTER, "exception", "要人看一眼", sentence(e.code, e.detail), e.raised_at)
