from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.web.console import shell
from huoshui.web.console.contexts import bonds as pages
from huoshui.web.console.contexts import person_bond as contexts
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import panel, staff_only
from huoshui.web.console.views.in_place import said_in_place

REFUSED = 422


@never_cache
@staff_only
def bonds(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The page, and what is done on it: a dispute decided, customers handed over, a new version of the rules."""
    if request.method != "POST":
        return shell.page(request, actor, "console/bonds.html", pages.page(actor), current="bonds")
    said = {**request.POST.dict(), "to": request.POST.getlist("to")}
    done = error = ""
    try:
        with transaction.atomic():
            done = pages.act(actor, said, request.POST.getlist("makes"))
    except NotFound:
        raise
    except Refused as refused:
        error = retell(str(refused))
    context = pages.page(actor, error=error, done=done)
    return shell.page(
        request, actor, "console/bonds.html", context, current="bonds", status=REFUSED if error else 200
    )


@require_GET
@staff_only
@panel
def of_person(request: HttpRequest, actor: Actor, person_id: int) -> HttpResponse:
    return shell.fragment(request, "console/parts/person_bond.html", contexts.panel(actor, person_id))


@require_POST
@never_cache
@staff_only
def say(request: HttpRequest, actor: Actor, person_id: int) -> HttpResponse:
    """A decision about whose she is, in its place on the page; without htmx the page again."""
    return said_in_place(request, actor, person_id, contexts, "person_bond")
