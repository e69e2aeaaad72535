from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from huoshui.core.actor import Actor
from huoshui.web.console import shell
from huoshui.web.console.contexts import next_product as contexts
from huoshui.web.console.views.access import panel, staff_only


@require_GET
@staff_only
def page(request: HttpRequest, actor: Actor) -> HttpResponse:
    return shell.page(request, actor, "console/next.html", None, current="next")


@require_GET
@staff_only
@panel
def panel_of_all(request: HttpRequest, actor: Actor) -> HttpResponse:
    return shell.fragment(request, "console/parts/next_all.html", contexts.of_all(actor))


@require_GET
@staff_only
@panel
def of_person(request: HttpRequest, actor: Actor, person_id: int) -> HttpResponse:
    return shell.fragment(request, "console/parts/next_person.html", contexts.of_person(actor, person_id))
