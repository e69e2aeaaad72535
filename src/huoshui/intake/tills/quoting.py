"""What a basket comes to, before it is bought."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction

from huoshui.brand import api as brand
from huoshui.core import clock
from huoshui.core.errors import NotFound, Refused
from huoshui.core.ledger import api as ledger
from huoshui.core.unmet import sentence
from huoshui.engage.campaigns import api as campaigns
from huoshui.engage.loyalty import api as loyalty
from huoshui.intake.tills import rules
from huoshui.intake.tills.types import (
    Basket,
    CouponApplied,
    CouponLine,
    CouponNotUsable,
    Earned,
    Quote,
    Refusal,
    Till,
)
from huoshui.people import api as people

_ROUNDS = 3  # a coupon that another till locked meanwhile is left out, and the rest combined anew


class NothingToQuote(Refused):
    """购物篮里没有商品，或数量、金额不对：数量要大于 0，金额不能小于 0。"""

    code = "basket_empty"


def quote(till: Till, basket: Basket, *, lock_for: str = "", minutes: int = 10) -> Quote:
    """What the basket comes to. With `lock_for`, an order key, the coupons are kept for that order for some minutes.

    Raises NotFound for a store that is not there or not the till's, Refused for a basket that names nothing.
    """
    unit_id = _store(till, basket)
    if not basket.lines or any(x.quantity_milli <= 0 or x.amount < 0 for x in basket.lines):
        raise NothingToQuote
    person_id = people.find_by(basket.identifiers)  # whom the sale would be of; nobody is made by a quote
    sku_ids = _skus(basket)
    asked = _campaign_basket(till, basket, unit_id, person_id, sku_ids, lock_for)
    held = _held(basket, person_id)
    proposal = campaigns.best(asked, held)
    until = None
    if lock_for:
        proposal, until = _locked(asked, held, proposal, till, lock_for, minutes)
    made = _quote(basket, proposal, person_id, unit_id, sku_ids, until, tier=asked.tier)
    return replace(made, warnings=_warnings(till, basket, unit_id, sku_ids, lock_for))


def _store(till: Till, basket: Basket) -> int:
    unit_id = brand.find_units([basket.store_code]).get(basket.store_code)
    if unit_id is None or (till.store_codes and basket.store_code not in till.store_codes):
        raise NotFound
    return unit_id


def _skus(basket: Basket) -> Mapping[str, int]:
    """Ids of the products that are known; 0 for the others, which no rule names."""
    known = brand.find_skus(sorted({x.sku_code for x in basket.lines}))
    return {x.sku_code: known.get(x.sku_code, 0) for x in basket.lines}


def _held(basket: Basket, person_id: int | None) -> list[campaigns.Held]:
    if basket.coupons:
        return campaigns.find(basket.coupons, person_id=person_id)
    return campaigns.held_by([person_id]) if person_id is not None else []


def _campaign_basket(
    till: Till,
    basket: Basket,
    unit_id: int,
    person_id: int | None,
    sku_ids: Mapping[str, int],
    lock_for: str,
) -> campaigns.Basket:
    products = campaigns.products_of({i for i in sku_ids.values() if i})
    tier = campaigns.tiers_of([person_id]).get(person_id) if person_id is not None else None
    lines = []
    for number, x in enumerate(basket.lines, 1):
        sku_id = sku_ids[x.sku_code]
        product = products.get(sku_id)
        lines.append(
            campaigns.BasketLine(
                line_no=number,
                sku_id=sku_id,
                sku_code=x.sku_code,
                quantity_milli=x.quantity_milli,
                amount=x.amount,
                categories=product.categories if product else (),
                brand=product.brand if product else "",
            )
        )
    return campaigns.Basket(
        lines=tuple(lines),
        at=basket.at,
        org_unit_ids=campaigns.places_of({unit_id})[unit_id].org_unit_ids,
        channel=basket.channel,
        person_id=person_id,
        tier_rank=tier.rank if tier else None,
        tier=tier.name if tier else "",
        source_id=till.source_id,
        order_key=lock_for,
    )


def _locked(
    asked: campaigns.Basket,
    held: list[campaigns.Held],
    proposal: campaigns.Proposal,
    till: Till,
    order_key: str,
    minutes: int,
) -> tuple[campaigns.Proposal, datetime | None]:
    """Keep what is proposed; what another till was faster with is left out, and the rest combined anew."""
    until = clock.now() + timedelta(minutes=minutes)
    for _ in range(_ROUNDS):
        with transaction.atomic():
            campaigns.unlock(source_id=till.source_id, order_key=order_key)
            codes = [a.held.code for a in proposal.applied]
            failed = (
                campaigns.lock(codes, source_id=till.source_id, order_key=order_key, until=until)
                if codes
                else []
            )
        if not failed:
            return proposal, until if codes else None
        gone = {failure.code for failure in failed}
        held = [h for h in held if h.code not in gone]
        proposal = campaigns.best(asked, held)
    return campaigns.best(asked, []), None


def _quote(
    basket: Basket,
    proposal: campaigns.Proposal,
    person_id: int | None,
    unit_id: int,
    sku_ids: Mapping[str, int],
    until: datetime | None,
    *,
    tier: str,
) -> Quote:
    total = sum(x.amount for x in basket.lines)
    payable = total - proposal.amount
    book = loyalty.rulebook().on(clock.business_day(basket.at))
    balance = loyalty.usable([person_id])[person_id] if person_id is not None else 0
    usable = min(balance, payable * book.points_per_yuan // 100)
    spending = min(basket.points, usable)
    off = {line.line_no: 0 for a in proposal.applied for line in a.lines}
    for applied in proposal.applied:
        for share in applied.lines:
            off[share.line_no] += share.amount
    earned = loyalty.quote_earn(
        person_id=person_id,
        lines=[
            loyalty.BasketLine(sku_ids[x.sku_code], x.amount - off.get(number, 0))
            for number, x in enumerate(basket.lines, 1)
        ],
        org_unit_id=unit_id,
        day=clock.business_day(basket.at),
        by_points=book.money(spending),
    )
    return Quote(
        total=total,
        discount=proposal.amount,
        payable=payable - book.money(spending),
        applied=tuple(_applied(a) for a in proposal.applied),
        not_usable=tuple(_not_usable(n) for n in proposal.not_usable),
        points_balance=balance,
        points_usable=usable,
        points_value=book.money(usable),
        points_earned=earned.points if person_id is not None else 0,
        earned=_earned(earned) if person_id is not None else (),
        points_problem=_refusal(
            rules.why_not_points(
                is_known=person_id is not None,
                balance=balance,
                wanted=basket.points,
                usable=usable,
                money=rules.Money(book.money(basket.points), payable),
            )
        ),
        person_id=person_id,
        tier=tier,
        locked_until=until,
    )


def _earned(given: loyalty.Quote) -> tuple[Earned, ...]:
    by_rule = (("", given.base), *given.bonuses)
    return tuple(Earned(rule, points) for rule, points in by_rule if points)


def _refusal(why: rules.Doubt | None, pointer: str = "") -> Refusal | None:
    return Refusal(why[0], sentence(*why), why[1], pointer) if why else None


def _warnings(
    till: Till, basket: Basket, unit_id: int, sku_ids: Mapping[str, int], order_key: str
) -> tuple[Refusal, ...]:
    """Of goods that this store sells only when they are there. What is kept for the order is there for it."""
    codes = {sku_id: code for code, sku_id in sku_ids.items() if sku_id}
    shelves = [s for s in ledger.goods_places(list(codes), [unit_id]) if s.floor_milli is not None]
    if not shelves:
        return ()
    held = ledger.reservations_of(order_key, till.source_id) if order_key else []
    own = {r.sku_id: r.left_milli for r in held if r.org_unit_id == unit_id}
    have = {codes[s.sku_id]: s.free_milli + own.get(s.sku_id, 0) for s in shelves}
    found = rules.short([(x.sku_code, x.quantity_milli) for x in basket.lines], have)
    return tuple(Refusal(code, sentence(code, detail), detail, at) for code, detail, at in found)


def _applied(one: campaigns.Applied) -> CouponApplied:
    lines = tuple(CouponLine(share.line_no, share.amount) for share in one.lines)
    return CouponApplied(one.held.code, one.held.title, one.amount, lines)


def _not_usable(one: campaigns.NotUsable) -> CouponNotUsable:
    message = sentence(one.reason, one.detail)
    return CouponNotUsable(one.held.code, one.held.title, one.reason, message, one.detail)
