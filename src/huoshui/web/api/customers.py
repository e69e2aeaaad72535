"""Customers as a till may see them, and coupons into their hands."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from huoshui.core import phone
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound
from huoshui.core.gather import Gathers
from huoshui.core.phone import NotAPhone
from huoshui.core.retry import retrying
from huoshui.core.scope import look_as, scoped
from huoshui.engage.campaigns.api import Claim, ClaimVerdict
from huoshui.web.api import answers, bodies, catalogue, rooms
from huoshui.web.api.auth import caller
from huoshui.web.api.openapi import query
from huoshui.web.api.problems import Problem, language_of
from huoshui.web.api.reading import idempotency_key, json_body
from huoshui.web.api.rules import masked_name, masked_number
from huoshui.web.api.service import endpoint
from huoshui.web.api.views import answered

LOOKUPS = {
    "phone": "手机号",
    "card_no": "会员卡号",
    "member_no": "会员号",
    "unionid": "微信 UnionID",
    "openid": "微信 OpenID",
}
_MOST = 1 << 63


@endpoint(
    "GET",
    "/customers/lookup",
    "read",
    answer=answers.CustomerAnswer,
    parameters=tuple(query(name, f"{about}；几个里只写一个") for name, about in LOOKUPS.items()),
    problems_too=(400, 404),
    summary="按手机号、卡号找顾客（打码）",
)
def find_customer(request: HttpRequest) -> HttpResponse:
    """密钥限定了门店时，只找得到这些门店的顾客。"""
    kind, value = _asked(request)
    actor = caller(request).actor
    with scoped(actor):
        try:
            person_id = rooms.people.find(kind, value)
        except NotAPhone as error:
            raise Problem("parameter_wrong", {"reason": kind}) from error
        if person_id is None:
            raise NotFound
        card = rooms.people.card_for(actor, person_id)
    answer = answers.CustomerAnswer(
        customer_id=card.person_id,
        name=masked_name(card.display_name),
        phone=phone.mask(card.phone_tail4),
        card_no=masked_number(card.card_no),
        tier=card.tier,
        points=card.points,
        home_store=card.home_store,
    )
    return answered(request, answer)


def _asked(request: HttpRequest) -> tuple[str, str]:
    given = [(name, str(value)) for name, values in request.GET.lists() for value in values]
    if len(given) != 1 or given[0][0] not in LOOKUPS:
        raise Problem("parameter_wrong", {"reason": " | ".join(LOOKUPS)})
    [(kind, value)] = given
    if not value.strip() or "\0" in value or len(value) > 100:
        raise Problem("parameter_wrong", {"reason": kind})
    return kind, value


@endpoint(
    "GET",
    "/customers/{customer_id}/points",
    "read",
    answer=answers.PointsAnswer,
    problems_too=(404,),
    summary="顾客的积分",
)
def points(request: HttpRequest, customer_id: str) -> HttpResponse:
    actor = caller(request).actor
    with scoped(actor):
        card = rooms.people.card_for(actor, id_of(customer_id))
        usable = rooms.loyalty.usable([card.person_id])[card.person_id]
        value = rooms.loyalty.worth_of(usable)
    answer = answers.PointsAnswer(customer_id=card.person_id, usable=usable, value=value, tier=card.tier)
    return answered(request, answer)


@endpoint(
    "GET",
    "/customers/{customer_id}/coupons",
    "read",
    answer=answers.CouponsAnswer,
    problems_too=(404,),
    summary="顾客手里的券",
)
def coupons(request: HttpRequest, customer_id: str) -> HttpResponse:
    language = language_of(request)
    actor = caller(request).actor
    with scoped(actor):
        card = rooms.people.card_for(actor, id_of(customer_id))
        held = rooms.campaigns.held_by([card.person_id])
    told = [
        answers.HeldCoupon(
            code=h.code,
            title=h.title,
            valid_from=h.valid_from,
            valid_until=h.valid_until,
            is_locked=h.locked_for is not None,
            problem=h.problem,
            message=catalogue.sentence(h.problem, language, h.detail) if h.problem else "",
        )
        for h in held
    ]
    return answered(request, answers.CouponsAnswer(customer_id=card.person_id, coupons=told))


@endpoint(
    "POST",
    "/coupons/{template_id}/claims",
    "claim",
    answer=answers.ClaimAnswer,
    statuses=(201,),
    body=bodies.Claim,
    is_write=True,
    problems_too=(404,),
    summary="给顾客领一张券",
)
def claim_coupon(request: HttpRequest, template_id: str) -> HttpResponse:
    key = idempotency_key(request)
    body, _ = json_body(request, bodies.Claim)
    template = id_of(template_id)
    who = caller(request)
    asked = Ask(template, body.customer_id, f"api:{who.source_id}:{key}")
    granted = _claims.ask(who.actor, asked)
    if granted is None:
        raise NotFound
    verdict = granted.verdict
    if verdict.refusal:
        raise Problem(CLAIM_CODES.get(verdict.refusal, verdict.refusal), verdict.detail)
    answer = answers.ClaimAnswer(
        customer_id=granted.person_id, template_id=template, code=verdict.code, record_id=verdict.fact_id
    )
    return answered(request, answer, status=201, is_repeat=verdict.is_repeat)


class Ask(NamedTuple):
    template_id: int
    person_id: int
    key: str


class Granted(NamedTuple):
    person_id: int
    """Canonical."""
    verdict: ClaimVerdict


def claim_together(actor: Actor, asked: Sequence[Ask]) -> list[Granted | None]:
    """In one transaction. None for a customer who is not the actor's to see."""
    with transaction.atomic(durable=True):
        look_as(actor)
        seen = rooms.people.visible_persons(actor, [ask.person_id for ask in asked])
        claims = [Claim(a.template_id, seen[a.person_id], a.key) for a in asked if a.person_id in seen]
        verdicts = iter(rooms.campaigns.claim(claims, actor=actor))
    return [Granted(seen[a.person_id], next(verdicts)) if a.person_id in seen else None for a in asked]


# Each actor's own: what one may not see, or whose rows another batch holds, is no matter of those who wait beside him
_claims: Gathers[Actor, Ask, Granted | None] = Gathers(
    lambda actor, asked: retrying(partial(claim_together, actor, asked))
)

# What is the matter with the address or the key of the request, and not with the coupon
CLAIM_CODES = {"coupon_key_reused": "key_reused", "coupon_unknown": "not_found"}


def id_of(text: str) -> int:
    """What cannot be an id is the id of nothing."""
    if not text.isascii() or not text.isdigit() or len(text) > 19 or not 0 < int(text) < _MOST:
        raise NotFound
    return int(text)
