from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from huoshui.core.actor import Actor
from huoshui.web.console import shell
from huoshui.web.console.contexts import person_roles as contexts
from huoshui.web.console.contexts import relations as pages
from huoshui.web.console.views.access import panel, staff_only
from huoshui.web.console.views.in_place import said_in_place


@require_GET
@staff_only
def relations(request: HttpRequest, actor: Actor) -> HttpResponse:
    return shell.page(request, actor, "console/relations.html", pages.page(actor), current="relations")


@require_GET
@staff_only
@panel
def roles(request: HttpRequest, actor: Actor, person_id: int) -> HttpResponse:
    return shell.fragment(request, "console/parts/person_roles.html", contexts.panel(actor, person_id))


@require_POST
@never_cache
@staff_only
def say(request: HttpRequest, actor: Actor, person_id: int) -> HttpResponse:
    """A relation or a role declared or ended, in its place on the page; without htmx the page again."""
    return said_in_place(request, actor, person_id, contexts, "person_roles")
