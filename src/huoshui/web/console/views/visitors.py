from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.web.console import shell
from huoshui.web.console.contexts import rooms, visitors_behind, visitors_settings
from huoshui.web.console.contexts import taps as tap_contexts
from huoshui.web.console.contexts import visitors as contexts
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import staff_only, wants_fragment

REFUSED = 422
BOTH = ["GET", "HEAD", "POST"]


@require_GET
@staff_only
def visitors(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = contexts.visitors(actor, request.GET.dict())
    return shell.page(request, actor, "console/visitors.html", context, current="visitors")


@require_GET
@staff_only
def people(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = visitors_behind.behind(actor, request.GET.dict())
    if wants_fragment(request):
        template = "console/parts/behind.html" if context.is_first else "console/parts/people_more.html"
        return shell.fragment(request, template, context)
    return shell.page(request, actor, "console/behind.html", context, current="visitors")


@require_http_methods(BOTH)
@staff_only
def settings(request: HttpRequest, actor: Actor) -> HttpResponse:
    error, done = "", ""
    if request.method == "POST":
        try:
            with transaction.atomic():
                done = visitors_settings.change(actor, request.POST.dict())
        except NotFound:
            raise
        except Refused as refused:
            error = retell(str(refused))
    context = visitors_settings.settings(actor, error=error, done=done)
    status = REFUSED if error else 200
    return shell.page(
        request, actor, "console/visitors_settings.html", context, current="visitors", status=status
    )


# ---- on the guide's phone -----------------------------------------------------------------------------------


@never_cache
@require_http_methods(BOTH)
@staff_only
def taps(request: HttpRequest, actor: Actor) -> HttpResponse:
    if request.method != "POST":
        said = _("记好了。") if request.GET.get("done") == "1" else ""
        return _phone(request, actor, request.GET.get("store", ""), said=said)
    asked = request.POST.dict()
    try:
        with transaction.atomic():
            told = tap_contexts.tell(actor, asked)
    except NotFound:
        raise
    except Refused as error:
        return _phone(request, actor, asked.get("store", ""), error=retell(str(error)))
    if not wants_fragment(request):
        store = asked.get("store", "")
        return HttpResponseRedirect(f"{reverse('console:taps')}?store={store}&done=1")
    return _phone(request, actor, asked.get("store", ""), said=tap_contexts.said_of(told, asked))


@never_cache
@require_POST
@staff_only
def undo(request: HttpRequest, actor: Actor, fact_id: int) -> HttpResponse:
    try:
        with transaction.atomic():
            rooms.visitors.take_back(fact_id, actor=actor)
    except NotFound:
        raise
    except Refused as error:
        return _phone(request, actor, request.POST.get("store", ""), error=retell(str(error)))
    return _phone(request, actor, request.POST.get("store", ""), said=_("撤销了，不算在内。"))


@require_GET
@staff_only
def tap_products(request: HttpRequest, actor: Actor) -> HttpResponse:
    found = tap_contexts.products(actor, request.GET.get("q", ""))
    return shell.fragment(request, "console/phone/found.html", found)


def _phone(
    request: HttpRequest, actor: Actor, store: str, *, said: str = "", error: str = ""
) -> HttpResponse:
    context = tap_contexts.taps(actor, {"store": store}, said=said, error=error)
    template = "console/phone/tap_rows.html" if wants_fragment(request) else "console/phone/taps.html"
    return shell.fragment(request, template, context, status=REFUSED if error else 200)
