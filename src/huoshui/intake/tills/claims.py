"""A sale of nobody, claimed afterwards by whoever holds its receipt."""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from huoshui.brand import api as brand
from huoshui.core import clock, sql
from huoshui.core.facts import api as facts
from huoshui.core.facts.types import ORDER_COMPLETED, Source
from huoshui.core.unmet import sentence, sentences
from huoshui.intake.river import api as river
from huoshui.intake.river.api import CouponUse, Item, Line, Order, Tender
from huoshui.intake.tills import reads, refunds, rules, saying
from huoshui.intake.tills.types import Outcome, Refusal, Till
from huoshui.trade.sales import api as sales

Q = sql.load("huoshui.intake.tills")

WITHIN = timedelta(days=30)

sentences(
    {
        "receipt_wrong": "订单号或小票码不对，请照小票再输一次。",
        "receipt_claimed": "这张小票已经有人认领了。",
        "receipt_nobody": "没有写明是谁认领，或者留的不是真的号码。请填写会员卡号或手机号。",
        "receipt_too_old": "小票要在 {days} 天内认领，这张已经过期了。",
    }
)


@dataclass(frozen=True)
class ReceiptClaim:
    """`bind_code` is what the receipt shows; `identifiers` name the customer, as a sale does."""

    key: str
    order_key: str
    bind_code: str
    at: datetime
    identifiers: tuple[tuple[str, str], ...]
    body: dict[str, Any] = field(default_factory=dict)


def item(till: Till, source: Source, claim: ReceiptClaim) -> Item | Outcome:
    """The order told again as it was sold, now with its customer: points and tier follow as for any revision. Called with
    the order locked."""
    body = saying.of_claim(
        claim.body or {"at": claim.at.isoformat()},
        claim.key,
        order_key=claim.order_key,
        bind_code=claim.bind_code,
        identifiers=claim.identifiers,
    )
    state = sales.order_state(source.id, claim.order_key)
    if claim.key in facts.taken_keys(source, [claim.key]):
        if state is not None:
            refunds.may_touch(till, state)
        return Item(ORDER_COMPLETED, claim.key, claim.at, body=body)
    right = reads.bind_code(source.id, claim.order_key).encode()
    # Whether the order is there and whether the code is right must look alike to whoever guesses
    if not hmac.compare_digest(right, claim.bind_code.strip().upper().encode()) or state is None:
        return _refused(claim, "receipt_wrong")
    refunds.may_touch(till, state)
    if state.person_id is not None:
        return _refused(claim, "receipt_claimed")
    if not any(river.identifier_row(kind, value) for kind, value in claim.identifiers):
        return _refused(claim, "receipt_nobody", at="/customer")
    now = clock.now().astimezone(clock.brand_zone())
    if stale := rules.not_now(claim.at, now):
        why = Refusal(stale[0], sentence(*stale), stale[1], "/at")
        return Outcome(claim.key, "refused", order_key=claim.order_key, refusals=(why,))
    if now - state.occurred_at > WITHIN:
        return _refused(claim, "receipt_too_old", days=WITHIN.days)
    return _told_again(claim, state, body)


def _refused(claim: ReceiptClaim, code: str, *, at: str = "", **detail: Any) -> Outcome:
    why = Refusal(code, sentence(code, detail), detail, at)
    return Outcome(claim.key, "refused", order_key=claim.order_key, refusals=(why,))


def _told_again(claim: ReceiptClaim, state: sales.OrderState, body: dict[str, Any]) -> Item:
    names = brand.product_names(sorted({x.sku_id for x in state.lines}))
    lines = tuple(
        Line(
            sku_code=names[x.sku_id][0],
            quantity_milli=x.quantity_milli,
            amount=x.amount,
            discount=x.discount,
            coupon_discount=x.coupon_discount,
            line_key=x.line_key,
        )
        for x in sorted(state.lines, key=lambda x: x.line_no)
    )
    tenders = [t for t in facts.tenders_of(state.fact_ids) if t.amount > 0 or t.points > 0]
    served = sql.fetch_one(Q.served_by, fact_ids=list(state.fact_ids))
    order = Order(
        order_key=claim.order_key,
        store_code=brand.unit_codes([state.org_unit_id])[state.org_unit_id] if state.org_unit_id else "",
        lines=lines,
        channel=state.channel,
        tenders=tuple(Tender(t.kind, t.amount, t.points, t.reference) for t in tenders),
        coupons=tuple(CouponUse(c.code, c.amount) for c in facts.coupons_of(state.fact_ids)),
        vouchers=refunds.vouchers_of(state),
        # The sale stays with the guide who made it
        staff_id=served.staff_id if served else None,
    )
    # The moment of the sale stays its own: it earns by the rules of that day
    return Item(ORDER_COMPLETED, claim.key, state.occurred_at, claim.identifiers, order=order, body=body)
