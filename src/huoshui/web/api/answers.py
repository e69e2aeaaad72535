"""What callers are answered: money in minor units, quantities as decimal text, times in UTC.

These types are the response schemas of the OpenAPI.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import Struct

from huoshui.brand.api import DocumentView, Offer, Promise
from huoshui.core.ledger import api as ledger
from huoshui.intake.tills import api as tills
from huoshui.web.api import catalogue
from huoshui.web.api.problems import ProblemBody


class Answer(Struct, frozen=True, kw_only=True):
    """A part of an answer."""


class LineMoney(Answer, frozen=True, kw_only=True):
    """Lines are counted from 1."""

    line_no: int
    amount: int


class AppliedCoupon(Answer, frozen=True, kw_only=True):
    code: str
    title: str
    amount: int
    lines: list[LineMoney]


class UnusableCoupon(Answer, frozen=True, kw_only=True):
    """`reason` is a stable code, `message` its sentence and `data` the figures of it."""

    code: str
    title: str
    reason: str
    message: str
    data: dict[str, Any]


class EarnedBy(Answer, frozen=True, kw_only=True):
    """`rule` is the name the head office gave the bonus rule; null: the base rule, by the money paid."""

    rule: str | None
    points: int


class QuoteAnswer(Answer, frozen=True, kw_only=True):
    """`points_value` is the money that `points_usable` would pay. `locked_until`: the coupons are kept for the order.

    `earned` is `points_earned` by rule. `points_problem` says why no points serve, or not as many as were asked for.
    `warnings` are what the sale would be refused for as things stand (goods that are not there).
    """

    total: int
    discount: int
    payable: int
    applied: list[AppliedCoupon]
    not_usable: list[UnusableCoupon]
    points_balance: int
    points_usable: int
    points_value: int
    points_earned: int
    earned: list[EarnedBy]
    points_problem: Shortcoming | None
    warnings: list[Shortcoming]
    customer_id: int | None
    tier: str
    locked_until: datetime | None


class PointsMoved(Answer, frozen=True, kw_only=True):
    earned: int
    spent: int
    taken_back: int
    given_back: int
    balance: int


class CouponMoney(Answer, frozen=True, kw_only=True):
    code: str
    amount: int


class Shortcoming(Answer, frozen=True, kw_only=True):
    """What a report could not have, shown at the desk for mending."""

    code: str
    message: str
    pointer: str
    data: dict[str, Any]


class OutcomeAnswer(Answer, frozen=True, kw_only=True):
    """`state`: settled, waiting (a refund whose order has not arrived) or received (will settle in a moment)."""

    state: str
    order_key: str
    record_id: int | None
    amount: int
    customer_id: int | None
    points: PointsMoved | None
    coupons: list[CouponMoney]
    lines: list[LineMoney]
    exceptions: list[Shortcoming]
    bind_code: str


class ExchangeAnswer(Answer, frozen=True, kw_only=True):
    returned: OutcomeAnswer
    sale: OutcomeAnswer


class Verdict(Answer, frozen=True, kw_only=True):
    """Of one line of a bulk upload: `line` counts from 1; `status` is what a request of its own would have got."""

    line: int
    key: str
    status: int
    is_repeat: bool
    outcome: OutcomeAnswer | None
    problem: ProblemBody | None


class SoldLine(Answer, frozen=True, kw_only=True):
    """`tax` is what the till said at the sale; it is within `amount`."""

    line_no: int
    name: str
    sku: str
    quantity: str
    amount: int
    refunded: int
    tax: int


class Paid(Answer, frozen=True, kw_only=True):
    kind: str
    amount: int
    points: int
    reference: str


class SaleAnswer(Answer, frozen=True, kw_only=True):
    """The order as it stands now."""

    order_key: str
    store: str
    at: datetime
    amount: int
    discount: int
    refunded: int
    tax: int
    lines: list[SoldLine]
    tenders: list[Paid]


class ReceiptAnswer(SaleAnswer, frozen=True, kw_only=True):
    """What to print. With `bind_code` the customer of a sale of nobody may claim it."""

    points: PointsMoved | None
    bind_code: str


def quote(given: tills.Quote, language: str) -> QuoteAnswer:
    return QuoteAnswer(
        total=given.total,
        discount=given.discount,
        payable=given.payable,
        applied=[
            AppliedCoupon(code=c.code, title=c.title, amount=c.amount, lines=_lines(c.lines))
            for c in given.applied
        ],
        not_usable=[
            UnusableCoupon(
                code=c.code,
                title=c.title,
                reason=c.reason,
                message=_reason(c, language),
                data=dict(c.detail),
            )
            for c in given.not_usable
        ],
        points_balance=given.points_balance,
        points_usable=given.points_usable,
        points_value=given.points_value,
        points_earned=given.points_earned,
        earned=[EarnedBy(rule=e.rule or None, points=e.points) for e in given.earned],
        points_problem=_shortcoming(given.points_problem, language) if given.points_problem else None,
        warnings=[_shortcoming(w, language) for w in given.warnings],
        customer_id=given.person_id,
        tier=given.tier,
        locked_until=given.locked_until,
    )


def _reason(coupon: tills.CouponNotUsable, language: str) -> str:
    return catalogue.sentence(coupon.reason, language, coupon.detail) if language == "en" else coupon.message


def outcome(given: tills.Outcome, language: str) -> OutcomeAnswer:
    return OutcomeAnswer(
        state=given.state,
        order_key=given.order_key,
        record_id=given.fact_id,
        amount=given.amount,
        customer_id=given.person_id,
        points=_points(given.points),
        coupons=[CouponMoney(code=c.code, amount=c.amount) for c in given.coupons],
        lines=_lines(given.lines),
        exceptions=[_shortcoming(r, language) for r in given.exceptions],
        bind_code=given.bind_code,
    )


def _lines(given: tuple[tills.CouponLine, ...]) -> list[LineMoney]:
    return [LineMoney(line_no=x.line_no, amount=x.amount) for x in given]


def _points(given: tills.PointsOf | None) -> PointsMoved | None:
    if given is None:
        return None
    return PointsMoved(
        earned=given.earned,
        spent=given.spent,
        taken_back=given.taken_back,
        given_back=given.given_back,
        balance=given.balance,
    )


def _shortcoming(refusal: tills.Refusal, language: str) -> Shortcoming:
    return Shortcoming(
        code=refusal.code,
        message=catalogue.sentence(refusal.code, language, refusal.detail)
        if language == "en"
        else refusal.message,
        pointer=refusal.pointer,
        data=refusal.detail,
    )


def sale(given: tills.Receipt) -> SaleAnswer:
    return SaleAnswer(**_standing(given))


def receipt(given: tills.Receipt) -> ReceiptAnswer:
    return ReceiptAnswer(**_standing(given), points=_points(given.points), bind_code=given.bind_code)


def _standing(given: tills.Receipt) -> dict[str, Any]:
    return {
        "order_key": given.order_key,
        "store": given.store,
        "at": given.at,
        "amount": given.amount,
        "discount": given.discount,
        "refunded": given.refunded,
        "tax": sum(x.tax for x in given.lines),
        "lines": [
            SoldLine(
                line_no=n,
                name=x.name,
                sku=x.sku_code,
                quantity=decimal_text(x.quantity_milli),
                amount=x.amount,
                refunded=x.refunded,
                tax=x.tax,
            )
            for n, x in enumerate(given.lines, 1)
        ],
        "tenders": [
            Paid(kind=t.kind, amount=t.amount, points=t.points, reference=t.reference) for t in given.tenders
        ],
    }


def decimal_text(milli: int) -> str:
    """'2', '0.5': as it may be sent back."""
    whole, part = divmod(abs(milli), 1000)
    text = f"{whole}.{part:03d}".rstrip("0").rstrip(".")
    return f"-{text}" if milli < 0 else text


class CustomerAnswer(Answer, frozen=True, kw_only=True):
    """Contacts and names are masked."""

    customer_id: int
    name: str
    phone: str
    card_no: str
    tier: str
    points: int
    home_store: str


class PointsAnswer(Answer, frozen=True, kw_only=True):
    """`value` is the money that `usable` pays for today."""

    customer_id: int
    usable: int
    value: int
    tier: str


class HeldCoupon(Answer, frozen=True, kw_only=True):
    """`problem` is a stable code when something speaks against it whatever the basket, else ''."""

    code: str
    title: str
    valid_from: datetime | None
    valid_until: datetime | None
    is_locked: bool
    problem: str
    message: str


class CouponsAnswer(Answer, frozen=True, kw_only=True):
    """Soonest to expire first."""

    customer_id: int
    coupons: list[HeldCoupon]


class ClaimAnswer(Answer, frozen=True, kw_only=True):
    customer_id: int
    template_id: int
    code: str
    record_id: int


class TransferAnswer(Answer, frozen=True, kw_only=True):
    """`customer_id` is whose the coupon is now."""

    code: str
    customer_id: int
    record_id: int


class PointsExchangeAnswer(Answer, frozen=True, kw_only=True):
    """`ours` and `theirs` are the points that changed; `usable` is what the customer may spend with us now."""

    customer_id: int
    partner: str
    way: str
    ours: int
    theirs: int
    usable: int
    record_id: int


class PartnerPointsAnswer(Answer, frozen=True, kw_only=True):
    customer_id: int
    partner: str
    points: int
    record_id: int


class VisitAnswer(Answer, frozen=True, kw_only=True):
    """`record_id` takes it back. `customer_id` is null for nobody this key may know, and once it is taken back."""

    record_id: int
    customer_id: int | None
    is_taken_back: bool


class StockLine(Answer, frozen=True, kw_only=True):
    """`quantity` is what the document says, `moved` what it did to the shelf of its store."""

    sku: str
    name: str
    quantity: str
    moved: str


class StockDocument(Answer, frozen=True, kw_only=True):
    """`state`: booked; of a transfer on_its_way, and of what has come or was counted matches or differs. `transfer`: the
    document that sent the goods, of both its halves. `other_store`: where to, where from, or who sells."""

    document: int
    key: str
    kind: str
    state: str
    store: str
    other_store: str | None
    transfer: int | None
    reason: str
    at: datetime
    by: str
    lines: list[StockLine]


class StockDocumentsAnswer(Answer, frozen=True, kw_only=True):
    """`next`: what to ask for as `before`; null on the last page."""

    documents: list[StockDocument]
    next: int | None


def stock_documents(found: Sequence[DocumentView], *, has_more: bool) -> StockDocumentsAnswer:
    return StockDocumentsAnswer(
        documents=[_document(one) for one in found], next=found[-1].head.fact_id if has_more else None
    )


def _document(one: DocumentView) -> StockDocument:
    head = one.head
    return StockDocument(
        document=head.fact_id,
        key=head.key,
        kind=head.kind,
        state=head.state,
        store=one.store_code,
        other_store=one.other_code or None,
        transfer=head.sent_fact_id,
        reason=head.reason,
        at=head.occurred_at,
        by=head.actor,
        lines=[
            StockLine(
                sku=x.code,
                name=x.name,
                quantity=decimal_text(x.said_milli),
                moved=decimal_text(x.moved_milli),
            )
            for x in one.lines
        ],
    )


class ShelfOffer(Answer, frozen=True, kw_only=True):
    """Another shelf that has it. `kind`: warehouse or same_owner (of the same owner), shared (of another). `price`: what the
    seller owes its owner for 1, null where that is himself."""

    store: str
    name: str
    kind: str
    available: str
    price: int | None
    has_all: bool


class AvailableAnswer(Answer, frozen=True, kw_only=True):
    """What the store may promise: its `own`, and what others let it sell."""

    sku: str
    own: str
    shared: str
    total: str
    offers: list[ShelfOffer]


class KeptLine(Answer, frozen=True, kw_only=True):
    """`store` keeps it and `seller` sells it. `left` is not sold yet; `state`: held, fulfilled, released or expired."""

    store: str
    seller: str
    sku: str
    quantity: str
    left: str
    price: int | None
    until: datetime
    state: str


class ReservationAnswer(Answer, frozen=True, kw_only=True):
    order_key: str
    lines: list[KeptLine]


class Handed(Answer, frozen=True, kw_only=True):
    """`document` is in the list of stock documents; `amount` is what the seller owes the owner of the goods."""

    document: int
    store: str
    seller: str
    amount: int


class HandOverAnswer(Answer, frozen=True, kw_only=True):
    """`handed` is what changed hands now; empty when it did before, or lies at the seller's anyway."""

    order_key: str
    handed: list[Handed]
    lines: list[KeptLine]


def available(
    sku: str, promise: Promise, offers: Sequence[Offer], codes: Mapping[int, str]
) -> AvailableAnswer:
    return AvailableAnswer(
        sku=sku,
        own=decimal_text(promise.own_milli),
        shared=decimal_text(promise.shared_milli),
        total=decimal_text(promise.total_milli),
        offers=[
            ShelfOffer(
                store=codes[x.org_unit_id],
                name=x.org_unit_name,
                kind=x.kind,
                available=decimal_text(x.available_milli),
                price=x.price,
                has_all=x.has_all,
            )
            for x in offers
        ],
    )


def reservation(
    order_key: str, kept: Sequence[ledger.Reservation], codes: Mapping[int, str], skus: Mapping[int, str]
) -> ReservationAnswer:
    return ReservationAnswer(
        order_key=order_key,
        lines=[
            KeptLine(
                store=codes[k.org_unit_id],
                seller=codes[k.seller_org_unit_id],
                sku=skus[k.sku_id],
                quantity=decimal_text(k.quantity_milli),
                left=decimal_text(k.left_milli),
                price=k.price,
                until=k.until_at,
                state=k.state,
            )
            for k in kept
        ],
    )


def handed(one: ledger.HandedOver, codes: Mapping[int, str]) -> Handed:
    return Handed(
        document=one.fact_id,
        store=codes[one.org_unit_id],
        seller=codes[one.seller_org_unit_id],
        amount=one.amount,
    )
