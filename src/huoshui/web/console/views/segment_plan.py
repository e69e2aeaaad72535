"""When a segment is counted anew, and files of it by the clock: a panel of its page."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_http_methods, require_POST

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.web.console import shell
from huoshui.web.console.contexts import rooms
from huoshui.web.console.contexts import segment_plan as contexts
from huoshui.web.console.contexts.segments import file_name, told
from huoshui.web.console.views.access import staff_only

REFUSED = 422


@require_http_methods(["GET", "POST"])
@staff_only
def plan(request: HttpRequest, actor: Actor, segment_id: int) -> HttpResponse:
    context = contexts.plan(actor, segment_id)
    if request.method == "POST":
        try:
            with transaction.atomic():
                contexts.save(actor, segment_id, request.POST.dict())
            context = contexts.plan(actor, segment_id, done=True)
        except NotFound:
            raise
        except Refused as error:
            context = contexts.plan(actor, segment_id, error=told(error))
            return shell.fragment(request, "console/parts/segment_plan.html", context, status=REFUSED)
    return shell.fragment(request, "console/parts/segment_plan.html", context)


@require_POST
@staff_only
def file(request: HttpRequest, actor: Actor, segment_id: int, file_id: int) -> HttpResponse:
    """A POST: who takes customers out leaves a trace, and no link of somebody else does it."""
    with transaction.atomic():
        found, text = rooms.insight.segments.read_file(file_id, actor=actor)
        if found.segment_id != segment_id:
            raise NotFound
    response = HttpResponse(text.encode(), content_type="text/csv; charset=utf-8")
    name = file_name(rooms.insight.segments.find(actor, segment_id))
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response
