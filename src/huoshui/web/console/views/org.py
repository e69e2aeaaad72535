from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from huoshui.brand import api as brand
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.web.console import shell
from huoshui.web.console.contexts import org as contexts
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import staff_only

REFUSED = 422


@never_cache
@staff_only
@require_http_methods(["GET", "POST"])
def org(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The tree; and a planned move that is called off."""
    if request.method == "POST":
        told = request.POST.get("move", "")
        with transaction.atomic():
            brand.call_off_move(move_id=int(told) if told.isdecimal() and len(told) < 18 else 0, actor=actor)
        return HttpResponseRedirect(reverse("console:org"))
    return shell.page(request, actor, "console/org.html", contexts.page(actor), current="org")


@never_cache
@staff_only
@require_http_methods(["GET", "POST"])
def unit(request: HttpRequest, actor: Actor, unit_id: int) -> HttpResponse:
    """One unit: where it stood, who works there, and where it goes."""
    contexts.unit_page(actor, unit_id)  # whoever may not see it learns nothing of what he may do
    if request.method == "POST":
        try:
            with transaction.atomic():
                done = contexts.move(actor, unit_id, request.POST)
            context = contexts.page(actor, done=done)
            return shell.page(request, actor, "console/org.html", context, current="org")
        except NotFound:
            raise
        except Refused as refused:
            page = contexts.unit_page(actor, unit_id, error=retell(str(refused)), said=request.POST.dict())
            return shell.page(request, actor, "console/org_unit.html", page, current="org", status=REFUSED)
    return shell.page(
        request, actor, "console/org_unit.html", contexts.unit_page(actor, unit_id), current="org"
    )
