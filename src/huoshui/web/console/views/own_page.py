"""Her own page on her phone, by an address she was given: nobody signs in. And, for staff, the address as a code to scan."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.errors import NotFound, Refused, RetryLater
from huoshui.core.scope import scoped
from huoshui.web.api.limits import Buckets
from huoshui.web.console import shell
from huoshui.web.console.contexts import own_page as contexts
from huoshui.web.console.contexts import rooms
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import staff_only, wants_fragment

REFUSED, TOO_MANY = 422, 429
# Each tap is two requests, and she may go through all that is asked at one go
_PER_MINUTE, _STRANGERS_PER_MINUTE = 180, 60
_reads, _strangers = Buckets(), Buckets()

View = Callable[[HttpRequest, str], HttpResponse]


def _by_address(view: View) -> View:
    """What does not open looks alike, whatever is wrong with it, and is asked for so often a minute from one place."""

    @wraps(view)
    def opened(request: HttpRequest, token: str) -> HttpResponse:
        try:
            response = view(request, token)
        except NotFound:
            asked_from = hash(request.META.get("REMOTE_ADDR", ""))
            status = TOO_MANY if _strangers.take(asked_from, _STRANGERS_PER_MINUTE) else 404
            response = render(request, "console/phone/own_page_closed.html", status=status)
        response["X-Robots-Tag"] = "noindex"
        return response

    return opened


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@_by_address
def own_page(request: HttpRequest, token: str) -> HttpResponse:
    error, status = "", 200
    try:
        with scoped(SYSTEM):
            link = rooms.people.own_links.find(token)
            if _reads.take(link.id, _PER_MINUTE):
                return render(
                    request, "console/phone/own_page_closed.html", {"is_busy": True}, status=TOO_MANY
                )
            if request.method == "POST":
                done = _act(request, link)
                return HttpResponseRedirect(f"{reverse('console:own-page', args=[token])}?done={done}")
    except NotFound:
        raise
    except Refused as refusal:
        error, status = retell(str(refusal)), REFUSED
    except RetryLater as refusal:
        error, status = retell(str(refusal)), TOO_MANY
    with scoped(SYSTEM):
        context = contexts.own_page(
            token,
            done="" if error else request.GET.get("done", ""),
            error=error,
            said=request.POST.get("said", ""),
        )
    return render(request, "console/phone/own_page.html", {"page": context}, status=status)


def _act(request: HttpRequest, link: contexts.Opened) -> str:
    """Returns what was done, for its word."""
    if request.user.is_authenticated:
        raise Refused(_("这台设备登录着员工账号，不能替顾客点。请她用自己的手机扫码。"))
    purpose, _slash, rest = request.POST.get("say", "").partition("/")
    channel, _slash, word = rest.partition("/")
    if purpose and word in ("yes", "no"):
        rooms.people.own_page.say(link, purpose, channel, is_given=word == "yes")
        return "given" if word == "yes" else "withdrawn"
    rooms.people.own_page.ask(link, request.POST.get("ask", ""), said=request.POST.get("said", ""))
    return "asked"


@require_POST
@never_cache
@staff_only
def link(request: HttpRequest, actor: Actor, person_id: int) -> HttpResponse:
    """A new address of hers to show or send, or all of hers taken back."""
    if request.POST.get("act") == "revoke":
        rooms.people.own_links.revoke(actor, person_id)
        context = contexts.shown(actor, person_id)
    else:
        made = rooms.people.own_links.make(actor, person_id)
        url = request.build_absolute_uri(reverse("console:own-page", args=[made.token]))
        context = contexts.shown(actor, person_id, url=url)
    if wants_fragment(request):
        return shell.fragment(request, "console/parts/own_link.html", context)
    return shell.page(request, actor, "console/own_link.html", context, current="people")
