"""A code that was scanned, on the phone of whoever scanned it: what is offered, her number, her word, and she is in."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from huoshui.core import phone as phones
from huoshui.core.actor import SYSTEM
from huoshui.core.errors import NotFound, Refused, RetryLater
from huoshui.core.scope import scoped
from huoshui.trade.codes.api import Code
from huoshui.web.api.limits import Buckets
from huoshui.web.console.contexts import join as contexts
from huoshui.web.console.contexts import rooms
from huoshui.web.console.retell import retell

REFUSED, TOO_MANY = 422, 429
_STRANGERS, _POSTS = 60, 120
"""A minute from one address, which a whole shop may share."""
_VISIT = "hs-visit"
_VISIT_SECONDS = 30 * 60
_strangers, _posts = Buckets(), Buckets()


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def scanned(request: HttpRequest, token: str) -> HttpResponse:
    asked_from = hash(request.META.get("REMOTE_ADDR", ""))
    try:
        with scoped(SYSTEM):
            code = rooms.codes.find(token)
    except NotFound:
        status = TOO_MANY if _strangers.take(asked_from, _STRANGERS) else 404
        return _closed(request, status)
    if not code.is_live:
        return _closed(request, 404)
    if request.method == "POST":
        if _posts.take(asked_from, _POSTS):
            return _closed(request, TOO_MANY)
        return _act(request, code)
    return _open(request, code)


def _closed(request: HttpRequest, status: int) -> HttpResponse:
    """What was never there, and what is off, look alike."""
    context = {"is_busy": status == TOO_MANY}
    response = render(request, "console/phone/join_closed.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    return response


def _open(request: HttpRequest, code: Code) -> HttpResponse:
    """A page loaded again within half an hour is the same visit: a scan is counted once."""
    kept = request.COOKIES.get(f"{_VISIT}-{code.id}", "")
    visit = kept if rooms.codes.links.is_visit(code.handle, kept) else ""
    if not visit:
        visit = rooms.codes.links.new_visit(code.handle)
        if request.method == "GET" and not _is_looked_at_early(request):
            with transaction.atomic():
                rooms.codes.note_scan(code, visit)
    response = _page(request, contexts.page(code, visit))
    response.set_cookie(
        f"{_VISIT}-{code.id}",
        visit,
        max_age=_VISIT_SECONDS,
        path=request.path,
        httponly=True,
        samesite="Lax",
        secure=request.is_secure(),
    )
    return response


def _is_looked_at_early(request: HttpRequest) -> bool:
    """A browser that loads what might be opened has scanned nothing."""
    return "prefetch" in request.headers.get("Sec-Purpose", request.headers.get("Purpose", ""))


def _act(request: HttpRequest, code: Code) -> HttpResponse:
    said = contexts.Said.of(request.POST)
    if not rooms.codes.links.is_visit(code.handle, said.visit):
        return _page(request, contexts.page(code, rooms.codes.links.new_visit(code.handle), said), REFUSED)
    try:
        if request.user.is_authenticated:
            raise Refused(_("这台设备登录着员工账号，不能替顾客点。请她用自己的手机扫码。"))
        phone = phones.normalise(said.phone)
        if said.act == "send":
            return _send(request, code, said, phone)
        return _join(request, code, said, phone)
    except NotFound:
        return _closed(request, 404)
    except Refused as refusal:
        return _page(request, contexts.page(code, said.visit, said, error=retell(str(refusal))), REFUSED)
    except RetryLater as refusal:
        return _page(request, contexts.page(code, said.visit, said, error=retell(str(refusal))), TOO_MANY)


def _send(request: HttpRequest, code: Code, said: contexts.Said, phone: str) -> HttpResponse:
    if not rooms.codes.sending.is_open():
        raise rooms.codes.SenderMissing
    with transaction.atomic():
        word = rooms.codes.words.issue(phone, said.visit)
    shown = rooms.codes.sending.send(phone, word)
    return _page(request, contexts.page(code, said.visit, said, is_sent=True, shown=shown))


def _join(request: HttpRequest, code: Code, said: contexts.Said, phone: str) -> HttpResponse:
    if not said.agrees:
        raise Refused(_("入会要先勾选“我已满 14 岁，同意”这一项。"))
    with transaction.atomic():
        is_right = rooms.codes.words.prove(phone, said.visit, said.word)
    if not is_right:
        raise rooms.codes.WordWrong
    joined = rooms.scans.join(code, rooms.scans.Joining(phone, said.visit, said.choices))
    response = render(request, "console/phone/join_done.html", {"page": contexts.done(code, joined)})
    response["X-Robots-Tag"] = "noindex"
    return response


def _page(request: HttpRequest, context: contexts.JoinPage, status: int = 200) -> HttpResponse:
    response = render(request, "console/phone/join.html", {"page": context}, status=status)
    response["X-Robots-Tag"] = "noindex"
    return response
