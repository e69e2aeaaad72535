"""Selling here what lies on another shelf: who has it, keeping it for an order, handing it over, letting it go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from huoshui.core import clock
from huoshui.core.errors import NotFound
from huoshui.core.ledger.api import GoodsLine, HandedOver, StockShort
from huoshui.core.retry import retrying
from huoshui.core.scope import look_as
from huoshui.web.api import answers, bodies, rooms
from huoshui.web.api.auth import caller
from huoshui.web.api.openapi import query
from huoshui.web.api.problems import Place, Problem
from huoshui.web.api.reading import json_body
from huoshui.web.api.service import endpoint
from huoshui.web.api.turning import Reader
from huoshui.web.api.types import Caller
from huoshui.web.api.views import answered, order_key_of


@endpoint(
    "GET",
    "/stock/available",
    "stock",
    answer=answers.AvailableAnswer,
    parameters=(
        query("store", "在哪家门店卖"),
        query("sku", "商品编号"),
        query("quantity", "要几件；不写就是 1"),
    ),
    problems_too=(400, 404),
    summary="一个商品自己有多少、别的货架能给多少",
)
def available_stock(request: HttpRequest) -> HttpResponse:
    """货架按先后排好：自己的仓库、自己的门店、别人共享的（带调拨价）。已经为别的订单留的不算。"""
    given = {name: str(values[-1]) for name, values in request.GET.lists()}
    if unknown := sorted(given.keys() - {"store", "sku", "quantity"}):
        raise Problem("parameter_wrong", {"reason": unknown[0]})
    wanted = Reader(clock.now()).milli(given.get("quantity", "1"), "")
    if not wanted:
        raise Problem("parameter_wrong", {"reason": "quantity"})
    who, sku = caller(request), given.get("sku", "")
    unit, sku_id = _unit(who, given.get("store", "")), _skus([sku]).get(sku)
    if unit is None or sku_id is None:
        raise NotFound
    promise = rooms.brand.available_to_promise([sku_id], unit, actor=who.actor)[sku_id]
    offers = rooms.brand.offer_elsewhere(unit, sku_id, wanted, actor=who.actor)
    codes = rooms.brand.unit_codes([offer.org_unit_id for offer in offers])
    return answered(request, answers.available(sku, promise, offers, codes))


@endpoint(
    "POST",
    "/stock/reservations",
    "stock",
    answer=answers.ReservationAnswer,
    statuses=(201,),
    body=bodies.Reserve,
    problems_too=(404,),
    summary="为一张订单留货，可以留在别的货架上",
)
def add_reservation(request: HttpRequest) -> HttpResponse:
    """全部留下或者一件不留。同一张订单、同样的内容再来一次，什么都不变；到时间没成交就自动放开。"""
    body, _ = json_body(request, bodies.Reserve)
    who = caller(request)
    seller = _unit(who, body.store)
    if seller is None:
        raise Problem("not_found", places=[Place("/store", "not_found")])
    shelf = _shelf(body.from_store) if body.from_store else seller
    lines = _lines(body)
    with _naming(lines):
        retrying(partial(_reserve, who, body, seller, shelf, lines))
    return answered(request, _kept(who, body.order_key), status=201)


def _reserve(who: Caller, body: bodies.Reserve, seller: int, shelf: int, lines: Sequence[GoodsLine]) -> None:
    try:
        rooms.brand.reserve_stock(
            order_key=body.order_key,
            source_id=who.source_id,
            lines=lines,
            org_unit_id=seller,
            from_org_unit_id=shelf,
            until=clock.now() + timedelta(minutes=body.minutes),
            actor=who.actor,
        )
    except NotFound as error:
        raise Problem("not_found", places=[Place("/from_store", "not_found")]) from error


@endpoint(
    "GET",
    "/stock/reservations/{order_key}",
    "stock",
    answer=answers.ReservationAnswer,
    problems_too=(404,),
    summary="为一张订单留着的货",
)
def reservation(request: HttpRequest, order_key: str) -> HttpResponse:
    return answered(request, _kept(caller(request), order_key_of(order_key)))


@endpoint(
    "POST",
    "/stock/reservations/{order_key}/hand-over",
    "stock",
    answer=answers.HandOverAnswer,
    problems_too=(404, 422),
    summary="别的货架把留的货交给这张订单的门店",
)
def hand_over(request: HttpRequest, order_key: str) -> HttpResponse:
    """货换了货架，货主按留货当天的调拨价应收；订单还没成交的，货接着为它留着。再来一次什么都不变。"""
    who, key = caller(request), order_key_of(order_key)
    with _naming([]):
        handed = retrying(partial(_hand_over, who, key))
    codes = rooms.brand.unit_codes([u for h in handed for u in (h.org_unit_id, h.seller_org_unit_id)])
    kept = _kept(who, key)
    answer = answers.HandOverAnswer(
        order_key=key, handed=[answers.handed(one, codes) for one in handed], lines=kept.lines
    )
    return answered(request, answer)


def _hand_over(who: Caller, order_key: str) -> list[HandedOver]:
    with transaction.atomic(durable=True):
        look_as(who.actor)
        # What an offline till has sold already waits for no sale
        is_sold = rooms.sales.order_state(who.source_id, order_key) is not None
        return rooms.brand.fulfil_stock(
            order_key=order_key, source_id=who.source_id, actor=who.actor, is_sold=is_sold
        )


@endpoint(
    "POST",
    "/stock/reservations/{order_key}/release",
    "stock",
    answer=answers.ReservationAnswer,
    problems_too=(404,),
    summary="不要了，把留的货放开",
)
def release_reservation(request: HttpRequest, order_key: str) -> HttpResponse:
    """再来一次什么都不变。"""
    who, key = caller(request), order_key_of(order_key)
    retrying(lambda: rooms.brand.release_stock(order_key=key, source_id=who.source_id, actor=who.actor))
    return answered(request, _kept(who, key))


def _kept(who: Caller, order_key: str) -> answers.ReservationAnswer:
    kept = rooms.brand.kept_for(order_key, source_id=who.source_id, actor=who.actor)
    codes = rooms.brand.unit_codes([u for k in kept for u in (k.org_unit_id, k.seller_org_unit_id)])
    names = rooms.brand.product_names([k.sku_id for k in kept])
    return answers.reservation(order_key, kept, codes, {sku_id: code for sku_id, (code, _) in names.items()})


def _unit(who: Caller, code: str) -> int | None:
    """A store that is not the key's looks like one that is not there."""
    return _units([code]).get(code) if who.may_speak_for(code) else None


def _shelf(code: str) -> int:
    """Anybody's: whether it gives anything is for what its owner shares to say."""
    found = _units([code]).get(code)
    if found is None:
        raise Problem("not_found", places=[Place("/from_store", "not_found")])
    return found


def _units(codes: list[str]) -> dict[str, int]:
    return rooms.brand.find_units([code for code in codes if code and "\0" not in code])


def _skus(codes: list[str]) -> dict[str, int]:
    return rooms.brand.find_skus([code for code in codes if code and "\0" not in code])


def _lines(body: bodies.Reserve) -> list[GoodsLine]:
    reader = Reader(clock.now())
    known = _skus([line.sku for line in body.lines])
    lines = []
    for place, line in enumerate(body.lines):
        milli = reader.milli(line.quantity, f"/lines/{place}/quantity")
        if line.sku not in known:
            reader.blame(f"/lines/{place}/sku", "not_found")
        lines.append(GoodsLine(known.get(line.sku, 0), milli))
    reader.done()
    return lines


@contextmanager
def _naming(lines: Sequence[GoodsLine]) -> Iterator[None]:
    """The ledger knows products by their ids only, and no line of a request."""
    try:
        yield
    except StockShort as error:
        of = {line.sku_id: f"/lines/{place}/sku" for place, line in reversed(list(enumerate(lines)))}
        named = rooms.brand.name_goods(error.unmet)
        places = [
            Place(of.get(was.detail["sku"], ""), now.code, now.detail)
            for was, now in zip(error.unmet, named, strict=True)
        ]
        raise Problem(named[0].code, named[0].detail, places=places) from error
