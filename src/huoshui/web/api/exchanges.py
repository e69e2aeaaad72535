"""What changes hands between customers and brands: a coupon to a friend, points with a partner."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from huoshui.core.errors import NotFound
from huoshui.core.retry import retrying
from huoshui.core.scope import look_as
from huoshui.engage.campaigns.api import CouponRefused
from huoshui.web.api import answers, bodies, rooms
from huoshui.web.api.auth import caller
from huoshui.web.api.customers import CLAIM_CODES, id_of
from huoshui.web.api.problems import Problem
from huoshui.web.api.reading import idempotency_key, json_body
from huoshui.web.api.service import endpoint
from huoshui.web.api.types import Caller
from huoshui.web.api.views import answered

T = TypeVar("T")


@endpoint(
    "POST",
    "/coupons/{code}/transfer",
    "claim",
    answer=answers.TransferAnswer,
    statuses=(201,),
    body=bodies.Transfer,
    is_write=True,
    problems_too=(404,),
    summary="把一张券转赠给另一位顾客",
)
def transfer_coupon(request: HttpRequest, code: str) -> HttpResponse:
    """券的规则允许转赠、在这位顾客手里、没有被别的订单占用，才能转。"""
    key = idempotency_key(request)
    body, _ = json_body(request, bodies.Transfer)
    who = caller(request)

    def give() -> tuple[answers.TransferAnswer, bool]:
        giver, taker = _persons(who, body.from_customer_id, body.to_customer_id)
        given = rooms.campaigns.transfer(
            code=_code(code), from_person_id=giver, to_person_id=taker, key=_own(who, key), actor=who.actor
        )
        answer = answers.TransferAnswer(code=given.code, customer_id=taker, record_id=given.fact_id)
        return answer, given.is_repeat

    try:
        answer, is_repeat = _together(who, give)
    except CouponRefused as error:
        raise Problem(CLAIM_CODES.get(error.code, error.code), error.detail) from error
    return answered(request, answer, status=201, is_repeat=is_repeat)


@endpoint(
    "POST",
    "/customers/{customer_id}/exchanges",
    "alliance",
    answer=answers.PointsExchangeAnswer,
    statuses=(201,),
    body=bodies.PointsExchange,
    is_write=True,
    problems_too=(404,),
    summary="和合作品牌换积分",
)
def exchange_points(request: HttpRequest, customer_id: str) -> HttpResponse:
    """out：我们的积分换成对方的，points 是我们的；in：对方的换成我们的，points 是对方的。按约定的比例整份换。"""
    key = idempotency_key(request)
    body, _ = json_body(request, bodies.PointsExchange)
    who, asked = caller(request), id_of(customer_id)

    def exchange() -> tuple[answers.PointsExchangeAnswer, bool]:
        [person_id] = _persons(who, asked)
        made = rooms.loyalty.exchange(
            person_id=person_id,
            partner=body.partner,
            points=body.points,
            way=body.way,
            actor=who.actor,
            key=_own(who, key),
        )
        answer = answers.PointsExchangeAnswer(
            customer_id=person_id,
            partner=body.partner,
            way=body.way,
            ours=made.ours,
            theirs=made.theirs,
            usable=rooms.loyalty.usable([person_id])[person_id],
            record_id=made.fact_id,
        )
        return answer, made.is_repeat

    answer, is_repeat = _together(who, exchange)
    return answered(request, answer, status=201, is_repeat=is_repeat)


@endpoint(
    "POST",
    "/partners/{partner}/points",
    "alliance",
    answer=answers.PartnerPointsAnswer,
    statuses=(201,),
    body=bodies.PartnerPoints,
    is_write=True,
    problems_too=(404,),
    summary="合作品牌说：这位顾客又有了这么多对方的积分",
)
def add_partner_points(request: HttpRequest, partner: str) -> HttpResponse:
    """记在顾客名下，之后可以换成我们的积分；对账单上看得到。"""
    key = idempotency_key(request)
    body, _ = json_body(request, bodies.PartnerPoints)
    who = caller(request)

    def credit() -> tuple[answers.PartnerPointsAnswer, bool]:
        [person_id] = _persons(who, body.customer_id)
        made = rooms.loyalty.credit_partner_points(
            person_id=person_id,
            partner=_code(partner),
            points=body.points,
            actor=who.actor,
            key=_own(who, key),
        )
        answer = answers.PartnerPointsAnswer(
            customer_id=person_id, partner=partner, points=body.points, record_id=made.fact_id
        )
        return answer, made.is_repeat

    answer, is_repeat = _together(who, credit)
    return answered(request, answer, status=201, is_repeat=is_repeat)


def _together(who: Caller, act: Callable[[], T]) -> T:
    """In one transaction that sees what the caller may."""
    return retrying(partial(_in_scope, who, act))


def _in_scope(who: Caller, act: Callable[[], T]) -> T:
    with transaction.atomic(durable=True):
        look_as(who.actor)
        return act()


def _persons(who: Caller, *asked: int) -> list[int]:
    """Canonical. NotFound where one of them is not the caller's to see."""
    seen = rooms.people.visible_persons(who.actor, list(asked))
    if any(person_id not in seen for person_id in asked):
        raise NotFound
    return [seen[person_id] for person_id in asked]


def _own(who: Caller, key: str) -> str:
    return f"api:{who.source_id}:{key}"


def _code(text: str) -> str:
    """What cannot be a code is the code of nothing."""
    if "\0" in text or len(text) > 100:
        raise NotFound
    return text
