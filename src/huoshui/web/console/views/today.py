from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse

from huoshui.core.actor import Actor
from huoshui.web.console import shell
from huoshui.web.console.contexts import today as contexts
from huoshui.web.console.views.access import panel, staff_only


@staff_only
def today(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = contexts.today(actor)
    template = "console/today.html" if context else "console/today_empty.html"
    return shell.page(request, actor, template, context, current="today")


@staff_only
@panel
def breakdown(request: HttpRequest, actor: Actor, dimension: str) -> HttpResponse:
    context = contexts.breakdown(actor, dimension) if dimension in contexts.DIMENSIONS else None
    if context is None:
        raise Http404
    return shell.fragment(request, "console/parts/breakdown.html", context)
