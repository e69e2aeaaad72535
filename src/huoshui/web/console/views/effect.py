from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from huoshui.core.actor import Actor
from huoshui.web.console import shell
from huoshui.web.console.contexts import effect as contexts
from huoshui.web.console.views.access import panel, staff_only


@require_GET
@staff_only
def page(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = contexts.form(actor, request.GET.dict())
    return shell.page(request, actor, "console/effect.html", context, current="effect")


@require_GET
@staff_only
@panel
def panel_of_one(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = contexts.effect(actor, request.GET.dict())
    return shell.fragment(request, "console/parts/effect_of.html", context)
