from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.web.console import shell
from huoshui.web.console.contexts import imports as contexts
from huoshui.web.console.contexts import rooms
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import staff_only

REFUSED = 422


@require_POST
@staff_only
def decide(request: HttpRequest, actor: Actor, run_id: int) -> HttpResponse:
    """Let it in, or not; a second person's word on the first."""
    reason = request.POST.get("reason", "")
    try:
        with transaction.atomic():
            match request.POST.get("act"):
                case "release":
                    rooms.imports.release(actor, run_id, reason=reason)
                case "approve":
                    rooms.imports.approve_release(actor, run_id)
                case "decline":
                    rooms.imports.decline_release(actor, run_id)
                case "reject":
                    rooms.imports.reject_quarantined(actor, run_id, reason=reason)
                case _:
                    raise NotFound
    except NotFound:
        raise
    except Refused as error:
        context = contexts.run(actor, run_id, error=retell(str(error)), reason=reason)
        return shell.page(request, actor, "console/import.html", context, current="imports", status=REFUSED)
    return HttpResponseRedirect(reverse("console:import", args=[run_id]))
