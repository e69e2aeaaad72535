from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.web.console import shell
from huoshui.web.console.contexts import import_undo as contexts
from huoshui.web.console.contexts import rooms
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import staff_only, wants_fragment

REFUSED = 422


@require_http_methods(["GET", "POST"])
@staff_only
def page(request: HttpRequest, actor: Actor, run_id: int) -> HttpResponse:
    """What it would do, the reason, and then how far it has come; while it works, htmx asks for its body every second."""
    if request.method == "POST":
        reason = request.POST.get("reason", "")
        try:
            rooms.imports.undo(actor, run_id, reason=reason)
        except NotFound:
            raise
        except Refused as error:
            return _refused(request, actor, run_id, str(error), reason)
        return HttpResponseRedirect(reverse("console:import-undo", args=[run_id]))
    context = contexts.undo(actor, run_id)
    if wants_fragment(request):
        return shell.fragment(request, "console/parts/import_undo.html", context)
    return shell.page(request, actor, "console/import_undo.html", context, current="imports")


@require_POST
@staff_only
def decide(request: HttpRequest, actor: Actor, run_id: int) -> HttpResponse:
    """The second person's word."""
    try:
        with transaction.atomic():
            if request.POST.get("act") == "approve":
                rooms.imports.approve_undo(actor, run_id)
            else:
                rooms.imports.reject_undo(actor, run_id)
    except NotFound:
        raise
    except Refused as error:
        return _refused(request, actor, run_id, str(error), "")
    return HttpResponseRedirect(reverse("console:import-undo", args=[run_id]))


def _refused(request: HttpRequest, actor: Actor, run_id: int, said: str, reason: str) -> HttpResponse:
    context = contexts.undo(actor, run_id, error=retell(said), reason=reason)
    return shell.page(request, actor, "console/import_undo.html", context, current="imports", status=REFUSED)
