"""Leads: a site's form, a campaign's or a partner's, told once; and how far each is."""

from __future__ import annotations

from typing import cast

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from huoshui.core import clock
from huoshui.core.errors import NotFound
from huoshui.core.scope import look_as, scoped
from huoshui.intake.river.api import Item
from huoshui.web.api import rooms
from huoshui.web.api.auth import caller
from huoshui.web.api.customers import id_of
from huoshui.web.api.lead_types import LeadAnswer, LeadToAdd, Stage
from huoshui.web.api.problems import Place, Problem
from huoshui.web.api.reading import idempotency_key, json_body
from huoshui.web.api.service import endpoint
from huoshui.web.api.turning import Reader
from huoshui.web.api.types import Caller
from huoshui.web.api.views import answered


@endpoint(
    "POST",
    "/leads",
    "leads",
    answer=LeadAnswer,
    statuses=(201,),
    body=LeadToAdd,
    is_write=True,
    problems_too=(404,),
    summary="交来一条线索",
)
def add_lead(request: HttpRequest) -> HttpResponse:
    """一分钟内按派单规则派给经销商。同一位顾客还有没结束的线索时，记为 double，不会派两次。密钥不能限定门店。"""
    key = idempotency_key(request)
    body, _ = json_body(request, LeadToAdd)
    who = _whole(request)
    if body.store is not None and body.store not in rooms.brand.find_units([body.store]):
        raise Problem("not_found", places=[Place("/store", "not_found")])
    item = _item(key, body)
    source = rooms.facts.source_of(who.source_id)
    (verdict,) = (
        v for _, v in rooms.river.command(lambda: [item], orders=[], source=source, actor=who.actor)
    )
    if verdict.state == "key_reused" or verdict.fact_id is None:
        raise Problem("key_reused")
    with transaction.atomic(durable=True):
        look_as(who.actor)
        lead_id = rooms.leads.submitted([verdict.fact_id], actor=who.actor)[verdict.fact_id]
    return answered(request, _answer(who, lead_id), status=201, is_repeat=verdict.state == "known")


@endpoint(
    "GET",
    "/leads/{lead_id}",
    "leads",
    answer=LeadAnswer,
    problems_too=(404,),
    summary="一条线索到了哪一步",
)
def find_lead(request: HttpRequest, lead_id: str) -> HttpResponse:
    """密钥不能限定门店。"""
    return answered(request, _answer(_whole(request), id_of(lead_id)))


def _whole(request: HttpRequest) -> Caller:
    who = caller(request)
    if who.store_codes:
        raise NotFound
    return who


def _item(key: str, body: LeadToAdd) -> Item:
    reader = Reader(clock.now())
    at, named = reader.instant(body.at, "/at"), reader.identifiers(body.customer, "/customer")
    reader.done()
    if not any(rooms.river.identifier_row(kind, value) for kind, value in named):
        # Whom nobody can reach is no lead
        reader.blame(
            "/customer", "wrong_value", reason="phone | card_no | member_no | unionid | openid | email"
        )
        reader.done()
    told = {name: getattr(body, name) for name in ("source", "wants", "district", "store", "batch")}
    said = {name: value for name, value in told.items() if value}
    return Item(rooms.leads.SUBMITTED, f"lead {key}", at, named, body=said)


def _answer(who: Caller, lead_id: int) -> LeadAnswer:
    with scoped(who.actor):
        lead = rooms.leads.find(who.actor, lead_id)
    return LeadAnswer(lead_id=lead.id, state=cast(Stage, lead.state), stage=lead.stage, since=lead.made_at)
