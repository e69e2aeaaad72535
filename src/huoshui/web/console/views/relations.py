from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.web.console import shell
from huoshui.web.console.contexts import person_roles as contexts
from huoshui.web.console.contexts import relations as pages
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import panel, staff_only, wants_fragment

REFUSED = 422


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
    said = {name: str(value) for name, value in request.POST.items()}
    error = ""
    try:
        with transaction.atomic():
            contexts.act(actor, person_id, said)
    except NotFound:
        raise
    except Refused as refused:
        error = retell(str(refused))
    if not error and not wants_fragment(request):
        return HttpResponseRedirect(reverse("console:person", args=[person_id]))
    context = contexts.panel(actor, person_id, error=error, said=said if error else None)
    status = REFUSED if error else 200
    if wants_fragment(request):
        return shell.fragment(request, "console/parts/person_roles.html", context, status=status)
    return shell.page(request, actor, "console/person_roles.html", context, current="people", status=status)
