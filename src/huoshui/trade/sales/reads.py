from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import NO_AMOUNT, NO_QUANTITY, UNLISTED_PRODUCT
from huoshui.people import api as people
from huoshui.trade.sales.types import LineLeft, LineView, OrderState, SaleView

Q = sql.load("huoshui.trade.sales")

FAR_FUTURE = datetime(9999, 1, 1, tzinfo=UTC)


def sales_of(
    actor: Actor,
    person_id: int,
    *,
    limit: int = 20,
    before: tuple[datetime, int] | None = None,
    with_lines: bool = False,
) -> list[SaleView]:
    """A person's orders, newest first; `before` is (occurred_at, sale_id) of the last one seen."""
    people.card_for(actor, person_id)
    at, sale_id = before or (FAR_FUTURE, 0)
    rows = sql.fetch(
        Q.sales_of, person_ids=people.members(person_id), before=at, before_id=sale_id, limit=limit
    )
    return _views(rows, with_lines=with_lines)


def sale_of_fact(actor: Actor, fact_id: int) -> SaleView:
    """The order a fact belongs to, with its lines. Raises NotFound, also where the actor may not look."""
    row = sql.fetch_one(Q.sale_by_fact, fact_id=fact_id)
    if row is None:
        raise NotFound
    if not _is_visible(actor, row.person_id):
        raise NotFound
    return _views([row], with_lines=True)[0]


def find_order(actor: Actor, order_key: str) -> list[SaleView]:
    """The orders of this number that the actor may see, newest first: each source numbers its own."""
    rows = sql.fetch(Q.find_order, order_key=order_key)
    return _views([r for r in rows if _is_visible(actor, r.person_id)], with_lines=True)


def order_state(source_id: int, order_key: str) -> OrderState | None:
    """The order of this number of a source, with what is left of each line; None where there is none.

    Whoever changes it holds its lock (`facts.lock_orders`).
    """
    row = sql.fetch_one(Q.order_by_key, source_id=source_id, order_key=order_key)
    if row is None:
        return None
    if row.is_verified:
        # What the platform may still say of it is about what it sold, and for somebody to look at
        lines = [LineLeft(*line) for line in sql.fetch(Q.lines_sold, sale_id=row.id)]
    else:
        lines = [LineLeft(*line) for _, *line in sql.fetch(Q.lines_left, sale_ids=[row.id])]
    return OrderState(
        sale_id=row.id,
        order_key=order_key,
        org_unit_id=row.org_unit_id,
        person_id=row.person_id,
        occurred_at=row.occurred_at,
        business_day=row.business_day,
        channel=row.channel,
        lines=tuple(lines),
        fact_ids=tuple(row.fact_ids),
    )


def _is_visible(actor: Actor, person_id: int | None) -> bool:
    """A sale is seen by whoever sees its customer; the whole brand need not wait for his card to be written."""
    if actor.sees_whole_brand:
        return True
    return person_id is not None and bool(people.cards_for(actor, [people.canonical_id(person_id)]))


def _views(rows: Sequence[sql.Row], *, with_lines: bool) -> list[SaleView]:
    stores = brand.unit_names([r.org_unit_id for r in rows if r.org_unit_id is not None])
    lines = _lines(rows) if with_lines else {}
    return [
        SaleView(
            sale_id=r.sale_id,
            fact_id=r.fact_id,
            order_key=r.order_key,
            store=stores.get(r.org_unit_id, ""),
            occurred_at=r.occurred_at,
            amount=r.amount,
            refunded=r.refunded,
            discount=r.discount,
            status=r.status,
            channel=r.channel,
            line_count=r.line_count,
            lines=tuple(lines.get(r.sale_id, ())),
        )
        for r in rows
    ]


def _lines(rows: Sequence[sql.Row]) -> dict[int, list[LineView]]:
    sale_of = {fact_id: r.sale_id for r in rows for fact_id in r.fact_ids}
    found = facts.lines_of(sorted(sale_of))
    names = brand.product_names(sorted({x.sku_id for x in found}))
    out: dict[int, list[LineView]] = {}
    for x in found:
        code, name = names[x.sku_id]
        out.setdefault(sale_of[x.fact_id], []).append(
            LineView(
                line_no=x.line_no,
                code=code,
                name=name or code,
                quantity_milli=x.quantity_milli - x.refunded_milli,
                amount=x.amount,
                discount=x.discount,
                refunded=x.refunded,
                is_unlisted=bool(x.flags & UNLISTED_PRODUCT),
                has_no_quantity=bool(x.flags & NO_QUANTITY),
                has_no_amount=bool(x.flags & NO_AMOUNT),
                fact_id=x.fact_id,
            )
        )
    return out
