"""Documents of stock, as the systems of stores read them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from huoshui.core.errors import NotFound
from huoshui.web.api import answers, rooms
from huoshui.web.api.auth import caller
from huoshui.web.api.openapi import query
from huoshui.web.api.problems import Problem
from huoshui.web.api.service import endpoint
from huoshui.web.api.views import answered

KINDS = ("receipt", "count", "adjustment", "damage", "dispatch", "arrival", "handover", "damaged_return")
PAGE = 50
_MOST = 1 << 63


@endpoint(
    "GET",
    "/stock/documents",
    "read",
    answer=answers.StockDocumentsAnswer,
    parameters=(
        query("store", "门店编号；不写就是这把密钥能看的所有门店"),
        query("kind", f"只看一种：{'、'.join(KINDS)}"),
        query("open", "写 true 只看还在路上的调拨"),
        query("before", "上一页的 next，接着往前看"),
    ),
    problems_too=(400, 404),
    summary="库存单据：收货、盘点、调整、报损、调拨、代发、残损退货",
)
def stock_documents(request: HttpRequest) -> HttpResponse:
    """新的在前，每页 50 张，带每张的状态、谁、什么时候、哪些商品。"""
    given = _asked(request)
    before = _number(given.get("before", ""))
    found = rooms.brand.stock_documents(
        caller(request).actor,
        org_unit_id=_unit(given.get("store", "")),
        kinds=[given["kind"]] if given.get("kind") else None,
        is_open=given.get("open") == "true",
        limit=PAGE + 1,
        **({"before": before} if before is not None else {}),
    )
    return answered(request, answers.stock_documents(found[:PAGE], has_more=len(found) > PAGE))


def _asked(request: HttpRequest) -> dict[str, str]:
    given = {name: str(values[-1]) for name, values in request.GET.lists()}
    if unknown := sorted(given.keys() - {"store", "kind", "open", "before"}):
        raise Problem("parameter_wrong", {"reason": unknown[0]})
    if given.get("kind") and given["kind"] not in KINDS:
        raise Problem("parameter_wrong", {"reason": "kind"})
    if given.get("open", "false") not in ("true", "false"):
        raise Problem("parameter_wrong", {"reason": "open"})
    return given


def _number(text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or int(text[:20]) >= _MOST:
        raise Problem("parameter_wrong", {"reason": "before"})
    return int(text[:20])


def _unit(code: str) -> int | None:
    if not code:
        return None
    found = rooms.brand.find_units([code]) if "\0" not in code else {}
    if code not in found:
        raise NotFound
    return found[code]
