"""What became of a till's facts, read from what they caused: the same question is answered alike at any time."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set

from huoshui.brand import api as brand
from huoshui.core import crypto, sql
from huoshui.core.errors import NotFound
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import ORDER_REFUNDED
from huoshui.core.ledger import api as ledger
from huoshui.core.ledger.types import POINTS
from huoshui.core.unmet import sentence
from huoshui.intake.river.api import CouponUse, Tender
from huoshui.intake.tills.types import (
    CouponLine,
    Outcome,
    PointsOf,
    Receipt,
    ReceiptLine,
    Refusal,
    Till,
)
from huoshui.people import api as people
from huoshui.trade.sales import api as sales

Q = sql.load("huoshui.intake.tills")


Coupons = tuple[CouponUse, ...]


def outcomes(keys: Mapping[int, str], told: Mapping[int, Coupons] | None = None) -> dict[int, Outcome]:
    """What became of these facts (id → the key they came under), by fact id; a few statements however many they are. `told`:
    the coupons of those that have just been told."""
    if not keys:
        return {}
    heads = sql.fetch(Q.heads, fact_ids=sorted(keys))
    coupons = dict(told or {})
    coupons |= _coupons_told(keys.keys() - coupons.keys())
    points = _points([h for h in heads if h.person_id is not None])
    given_back: dict[int, list[CouponLine]] = defaultdict(list)
    refunds = [h.fact_id for h in heads if h.name == ORDER_REFUNDED]
    for x in sql.fetch(Q.given_back, fact_ids=refunds) if refunds else []:
        given_back[x.fact_id].append(CouponLine(x.line_no, x.amount))
    lacking: dict[int, list[Refusal]] = defaultdict(list)
    with_exceptions = [h.fact_id for h in heads if h.has_exceptions]
    for e in facts.exceptions_of(with_exceptions) if with_exceptions else []:
        lacking[e.fact_id].append(Refusal(e.code, sentence(e.code, e.detail), e.detail))
    return {
        h.fact_id: Outcome(
            key=keys[h.fact_id],
            state=h.state,
            fact_id=h.fact_id,
            order_key=h.order_key,
            amount=h.amount,
            person_id=h.person_id,
            points=points.get(h.fact_id),
            coupons=coupons[h.fact_id],
            lines=tuple(given_back.get(h.fact_id, ())),
            exceptions=tuple(lacking.get(h.fact_id, ())),
            bind_code=bind_code(h.source_id, h.order_key) if h.person_id is None else "",
        )
        for h in heads
    }


def _coupons_told(fact_ids: Set[int]) -> dict[int, Coupons]:
    out: dict[int, Coupons] = dict.fromkeys(fact_ids, ())
    for fact_id, *use in sql.fetch_as(tuple, Q.coupons_told, fact_ids=sorted(fact_ids)) if fact_ids else []:
        out[fact_id] += (CouponUse(*use),)
    return out


def _points(heads: Sequence[sql.Row]) -> dict[int, PointsOf]:
    """Points that these facts moved, with what their person has now."""
    if not heads:
        return {}
    own = {h.person_id: h.balance for h in heads}
    kin = people.kin_of(sorted(own))
    if others := sorted({m for ids in kin.values() for m in ids} - own.keys()):
        own |= dict.fromkeys(others, 0)
        own |= ledger.balances(unit=POINTS, owner_kind="person", owner_ids=others)
    return {
        h.fact_id: PointsOf(
            h.earned, h.spent, h.taken_back, h.given_back, sum(own[m] for m in kin[h.person_id])
        )
        for h in heads
    }


def bind_code(source_id: int, order_key: str) -> str:
    """What a receipt shows so that its customer may claim it: whoever holds the paper, and nobody who guesses numbers."""
    digest = bytes.fromhex(crypto.digest(f"receipt {source_id} {order_key}"))
    return base64.b32encode(digest[:10]).decode()


def repeated() -> dict[int, int]:
    """By source: what it told again in the same words, and was counted once."""
    return {r.source_id: r.times for r in sql.fetch(Q.repeated)}


def _taxes(state: sales.OrderState) -> dict[str, int]:
    """Tax by line key. Where the order was told again, what it said last; a claimed receipt says nothing of tax."""
    told = [state.sale_id, *(f for f in state.fact_ids if f != state.sale_id)]
    return {r.line_key: r.tax for r in sql.fetch(Q.taxes, fact_ids=told)}


def receipt(till: Till, order_key: str) -> Receipt:
    """Raises NotFound."""
    state = sales.order_state(till.source_id, order_key)
    if state is None:
        raise NotFound
    units = [state.org_unit_id] if state.org_unit_id is not None else []
    if till.store_codes and set(brand.unit_codes(units).values()) - till.store_codes:
        raise NotFound
    names = brand.product_names(sorted({x.sku_id for x in state.lines}))
    (outcome,) = outcomes({state.sale_id: order_key}).values()
    taxes = _taxes(state)
    return Receipt(
        order_key=order_key,
        store="".join(brand.unit_names(units).values()),
        at=state.occurred_at,
        lines=tuple(
            ReceiptLine(
                names[x.sku_id][1] or names[x.sku_id][0],
                names[x.sku_id][0],
                x.quantity_milli,
                x.amount,
                x.returned,
                taxes.get(x.line_key or "", 0),
            )
            for x in state.lines
        ),
        amount=state.total,
        refunded=state.returned,
        discount=sum(x.discount for x in state.lines),
        tenders=tuple(
            Tender(t.kind, t.amount, t.points, t.reference) for t in facts.tenders_of(state.fact_ids)
        ),
        points=outcome.points,
        bind_code=outcome.bind_code,
    )
