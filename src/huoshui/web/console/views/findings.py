from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from huoshui.core.actor import Actor
from huoshui.web.console import shell
from huoshui.web.console.contexts import findings as contexts
from huoshui.web.console.views.access import panel, staff_only, wants_fragment


@staff_only
def findings(request: HttpRequest, actor: Actor) -> HttpResponse:
    contexts.require(actor)
    return shell.page(request, actor, "console/findings.html", None, current="findings")


@staff_only
@panel
def openings(request: HttpRequest, actor: Actor) -> HttpResponse:
    return shell.fragment(request, "console/parts/findings_openings.html", contexts.openings(actor))


@staff_only
@panel
def away(request: HttpRequest, actor: Actor) -> HttpResponse:
    return shell.fragment(request, "console/parts/findings_away.html", contexts.away(actor))


@staff_only
@panel
def teams(request: HttpRequest, actor: Actor) -> HttpResponse:
    return shell.fragment(request, "console/parts/findings_teams.html", contexts.teams(actor))


@staff_only
def people(request: HttpRequest, actor: Actor, kind: str, number: int) -> HttpResponse:
    context = contexts.people(actor, kind, number, request.GET.get("after", ""))
    if wants_fragment(request):
        template = "console/parts/behind.html" if context.is_first else "console/parts/people_more.html"
        return shell.fragment(request, template, context)
    return shell.page(request, actor, "console/behind.html", context, current="findings")
