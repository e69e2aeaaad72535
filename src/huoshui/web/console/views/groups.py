from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from huoshui.core.actor import Actor
from huoshui.web.console import shell
from huoshui.web.console.contexts import groups as contexts
from huoshui.web.console.contexts import portrait, rooms
from huoshui.web.console.views.access import panel, staff_only

# Each panel asks its own question and may come, or fail, by itself.
PANELS: dict[str, Callable[[Actor], Any]] = {
    "matrix": contexts.groups,
    "grades": contexts.grades,
    "rfm": contexts.rfm,
}


@staff_only
def groups(request: HttpRequest, actor: Actor) -> HttpResponse:
    sees = rooms.insight.portraits.may_see_people(actor)
    chosen = replace(portrait.chosen(request.GET.dict()), has_types=sees)
    return shell.page(request, actor, "console/groups.html", chosen, current="groups")


@staff_only
@panel
def groups_panel(request: HttpRequest, actor: Actor, name: str) -> HttpResponse:
    if name not in PANELS:
        raise Http404
    return shell.fragment(request, f"console/parts/groups_{name}.html", PANELS[name](actor))


@staff_only
@panel
def groups_portrait(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = portrait.portrait(actor, portrait.chosen(request.GET.dict()))
    return shell.fragment(request, "console/parts/groups_portrait.html", context)
