"""Visits without a sale, as tills and counters tell them."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from huoshui.core import clock
from huoshui.core.errors import NotFound
from huoshui.core.scope import look_as
from huoshui.intake.visitors.api import Told, Visit
from huoshui.web.api import answers, bodies, rooms
from huoshui.web.api.auth import caller
from huoshui.web.api.problems import Place, Problem
from huoshui.web.api.reading import idempotency_key, invalid, json_body
from huoshui.web.api.service import endpoint
from huoshui.web.api.turning import Reader
from huoshui.web.api.views import answered

_MOST = 1 << 63


@endpoint(
    "POST",
    "/visits",
    "visit",
    answer=answers.VisitAnswer,
    statuses=(201,),
    body=bodies.Visit,
    is_write=True,
    problems_too=(404,),
    summary="记一位没买就走的顾客",
)
def add_visit(request: HttpRequest) -> HttpResponse:
    """原因由总部维护；不认识的顾客只记一次没买，不建档。"""
    key = idempotency_key(request)
    body, _ = json_body(request, bodies.Visit)
    told = _tell(request, key, body)
    answer = answers.VisitAnswer(record_id=told.fact_id, customer_id=told.person_id, is_taken_back=False)
    return answered(request, answer, status=201, is_repeat=told.is_repeat)


def _tell(request: HttpRequest, key: str, body: bodies.Visit) -> Told:
    who = caller(request)
    unit = rooms.brand.find_units([body.store]).get(body.store)
    if unit is None or not who.may_speak_for(body.store):
        raise Problem("not_found", places=[Place("/store", "not_found")])
    if body.reason not in {reason.code for reason in rooms.visitors.reasons()}:
        known = " | ".join(reason.code for reason in rooms.visitors.reasons() if reason.is_listed)
        raise invalid([Place("/reason", "wrong_value", {"reason": known})])
    reader = Reader(clock.now())
    visit = Visit(
        key=key,
        org_unit_id=unit,
        reason=body.reason,
        ended_at=reader.instant(body.at, "/at"),
        product_codes=tuple(body.products),
        identifiers=reader.identifiers(body.customer, "/customer"),
        note=body.note,
        staff_code=body.staff,
    )
    reader.done()
    with transaction.atomic(durable=True):
        look_as(who.actor)
        return rooms.visitors.tell(visit, source=rooms.facts.source_of(who.source_id), actor=who.actor)


@endpoint(
    "POST",
    "/visits/{record_id}/undo",
    "visit",
    answer=answers.VisitAnswer,
    problems_too=(404, 422),
    summary="撤销刚记的一位",
)
def undo_visit(request: HttpRequest, record_id: str) -> HttpResponse:
    """10 分钟内；撤销两次和撤销一次一样。"""
    number = _id(record_id)
    actor = caller(request).actor
    with transaction.atomic(durable=True):
        look_as(actor)
        rooms.visitors.take_back(number, actor=actor)
    return answered(request, answers.VisitAnswer(record_id=number, customer_id=None, is_taken_back=True))


def _id(text: str) -> int:
    """What cannot be an id is the id of nothing."""
    if not text.isascii() or not text.isdigit() or len(text) > 19 or not 0 < int(text) < _MOST:
        raise NotFound
    return int(text)
