"""Orders: try, sell, take back, look at."""

from __future__ import annotations

from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse

from huoshui.core import clock
from huoshui.intake.tills import api as tills
from huoshui.web.api import answers, bodies, bulk, rooms, turning
from huoshui.web.api.auth import caller
from huoshui.web.api.openapi import query
from huoshui.web.api.problems import Place, Problem, language_of, of_refusals
from huoshui.web.api.reading import idempotency_key, json_body
from huoshui.web.api.service import endpoint

JSON = "application/json"
SOLD_AT = query("sold_at", "别的门店、别的收银卖出的订单：写卖出的门店编号")


def answered(
    request: HttpRequest, answer: msgspec.Struct, *, status: int = 200, is_repeat: bool = False
) -> HttpResponse:
    response = HttpResponse(msgspec.json.encode(answer), content_type=JSON, status=status)
    response["Content-Language"] = language_of(request)
    if is_repeat:
        response["Idempotent-Replayed"] = "true"
    return response


def _done(request: HttpRequest, *outcomes: tills.Outcome) -> HttpResponse:
    """One outcome, or the two of an exchange: the first refusal refuses both."""
    for outcome in outcomes:
        if outcome.refusals:
            raise of_refusals(outcome.refusals)
    language = language_of(request)
    told = [answers.outcome(outcome, language) for outcome in outcomes]
    return answered(
        request,
        told[0] if len(told) == 1 else answers.ExchangeAnswer(returned=told[0], sale=told[1]),
        status=201 if all(outcome.state == "settled" for outcome in outcomes) else 202,
        is_repeat=all(outcome.is_repeat for outcome in outcomes),
    )


def _refuse_foreign(request: HttpRequest, store_code: str, pointer: str) -> None:
    """A store that is not the key's looks like one that is not there."""
    if not caller(request).may_speak_for(store_code):
        raise Problem("not_found", places=[Place(pointer, "not_found")])


def _as_sent(raw: bytes) -> dict[str, Any]:
    sent: dict[str, Any] = msgspec.json.decode(raw)
    return sent


@endpoint(
    "POST",
    "/quote",
    "quote",
    answer=answers.QuoteAnswer,
    body=bodies.Quote,
    problems_too=(404,),
    summary="试算优惠：这一单能用哪些券、哪些不能用和原因、能赚多少积分",
)
def quote(request: HttpRequest) -> HttpResponse:
    body, _ = json_body(request, bodies.Quote)
    _refuse_foreign(request, body.store, "/store")
    basket = turning.basket(body, now=clock.now())
    lock = body.lock
    found = rooms.tills.quote(
        caller(request).till,
        basket,
        lock_for=lock.order_key if lock else "",
        minutes=lock.minutes if lock else bodies.Lock.minutes,
    )
    return answered(request, answers.quote(found, language_of(request)))


@endpoint(
    "POST",
    "/sales",
    "sell",
    answer=answers.OutcomeAnswer,
    statuses=(201, 202),
    body=bodies.Sale,
    is_write=True,
    problems_too=(404,),
    summary="成交",
)
def add_sale(request: HttpRequest) -> HttpResponse:
    """联网的收银是请求：券、积分、库存不够就拒绝，什么都不留下。offline 的是补报：已经发生，照收。"""
    key = idempotency_key(request)
    body, raw = json_body(request, bodies.Sale)
    _refuse_foreign(request, body.store, "/store")
    sale = turning.sale(body, key=key, as_sent=_as_sent(raw), now=clock.now())
    return _done(request, rooms.tills.sell_one(caller(request).till, sale))


@endpoint(
    "POST",
    "/sales/bulk",
    "bulk",
    answer=answers.Verdict,
    body=bodies.BulkSale,
    is_ndjson=True,
    summary="批量成交：每行一单，逐行回答",
)
def add_sales(request: HttpRequest) -> HttpResponse:
    """每行自带 key，作用和 Idempotency-Key 一样。可以用 gzip 压缩，压缩后最多 4 MB，解压后最多 32 MB，两万行。"""
    found = bulk.verdicts(
        bulk.lines_of(request),
        caller(request),
        sell=rooms.tills.sell,
        now=clock.now(),
        language=language_of(request),
        instance=request.path,
    )
    text = msgspec.json.Encoder().encode_lines(list(found))
    response = HttpResponse(text, content_type=bulk.MEDIA_TYPE)
    response["Content-Language"] = language_of(request)
    return response


@endpoint(
    "GET",
    "/sales/{order_key}",
    "read",
    parameters=(SOLD_AT,),
    answer=answers.SaleAnswer,
    problems_too=(404,),
    summary="订单现在的样子",
)
def sale(request: HttpRequest, order_key: str) -> HttpResponse:
    found = _found(request, order_key)
    return answered(request, answers.sale(found))


@endpoint(
    "GET",
    "/sales/{order_key}/receipt",
    "read",
    parameters=(SOLD_AT,),
    answer=answers.ReceiptAnswer,
    problems_too=(404,),
    summary="小票",
)
def receipt(request: HttpRequest, order_key: str) -> HttpResponse:
    """没有认出顾客的订单带 bind_code，顾客凭它认领。"""
    found = _found(request, order_key)
    return answered(request, answers.receipt(found))


@endpoint(
    "POST",
    "/sales/{order_key}/refunds",
    "refund",
    answer=answers.OutcomeAnswer,
    statuses=(201, 202),
    body=bodies.Refund,
    is_write=True,
    problems_too=(404,),
    summary="退货退款：整单、按行、按数量、按金额",
)
def add_refund(request: HttpRequest, order_key: str) -> HttpResponse:
    """订单还没有到的退款先收下（202），订单到了再入账。别的门店、别的收银卖出的，写 sold_at（卖出的门店）；哪里可以退，
    由总部定，货入退的那家店。"""
    key = idempotency_key(request)
    body, raw = json_body(request, bodies.Refund)
    if body.store is not None:
        _refuse_foreign(request, body.store, "/store")
    refund = turning.refund(
        body, key=key, order_key=order_key_of(order_key), as_sent=_as_sent(raw), now=clock.now()
    )
    if refund.sold_at:
        return _done(request, rooms.tills.refund_of_other(caller(request).till, refund))
    return _done(request, *rooms.tills.refund(caller(request).till, [refund]))


@endpoint(
    "POST",
    "/sales/{order_key}/exchanges",
    "refund",
    "sell",
    answer=answers.ExchangeAnswer,
    statuses=(201, 202),
    body=bodies.Exchange,
    is_write=True,
    problems_too=(404,),
    summary="换货：退和买一起成，或者一起不成",
)
def add_exchange(request: HttpRequest, order_key: str) -> HttpResponse:
    key = idempotency_key(request)
    body, raw = json_body(request, bodies.Exchange)
    _refuse_foreign(request, body.sale.store, "/sale/store")
    command = turning.exchange(
        body, key=key, order_key=order_key_of(order_key), as_sent=_as_sent(raw), now=clock.now()
    )
    return _done(request, *rooms.tills.exchange(caller(request).till, command))


@endpoint(
    "POST",
    "/sales/{order_key}/void",
    "refund",
    answer=answers.OutcomeAnswer,
    statuses=(201, 202),
    body=bodies.Void,
    is_write=True,
    problems_too=(404,),
    summary="作废整单",
)
def void_sale(request: HttpRequest, order_key: str) -> HttpResponse:
    """退过款的，或者已经过了营业日的，不能作废，请用退货退款。"""
    key = idempotency_key(request)
    body, _ = json_body(request, bodies.Void)
    at = turning.void_at(body, now=clock.now())
    outcome = rooms.tills.void(caller(request).till, key=key, order_key=order_key_of(order_key), at=at)
    return _done(request, outcome)


@endpoint(
    "POST",
    "/sales/{order_key}/customer",
    "sell",
    answer=answers.OutcomeAnswer,
    statuses=(201, 202),
    body=bodies.ReceiptClaim,
    is_write=True,
    problems_too=(404,),
    summary="凭小票认领订单",
)
def claim_receipt(request: HttpRequest, order_key: str) -> HttpResponse:
    """没有认出顾客的订单，凭小票上的码在 30 天内认领一次；积分和等级照当天的规则补上。"""
    key = idempotency_key(request)
    body, raw = json_body(request, bodies.ReceiptClaim)
    claim = turning.receipt_claim(
        body, key=key, order_key=order_key_of(order_key), as_sent=_as_sent(raw), now=clock.now()
    )
    return _done(request, rooms.tills.claim_receipt(caller(request).till, claim))


def _found(request: HttpRequest, order_key: str) -> tills.Receipt:
    till, key, sold_at = caller(request).till, order_key_of(order_key), request.GET.get("sold_at", "")
    if sold_at:
        if "\0" in sold_at or len(sold_at) > 100:
            raise Problem("not_found")
        return rooms.tills.receipt_of_other(till, key, sold_at)
    return rooms.tills.receipt(till, key)


def order_key_of(text: str) -> str:
    """What cannot be the key of an order is the key of none."""
    if not text.isascii() or not text.isprintable() or " " in text or len(text) > 100:
        raise Problem("not_found")
    return text
