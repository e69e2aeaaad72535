from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huoshui.core.actor import Actor
from huoshui.core.errors import HuoshuiError, NotFound, Refused
from huoshui.web.console import shell
from huoshui.web.console.contexts import rooms, segment_form
from huoshui.web.console.contexts import segments as contexts
from huoshui.web.console.views.access import staff_by_steps, staff_only, wants_fragment

REFUSED = 422


@require_GET
@staff_only
def segments(request: HttpRequest, actor: Actor) -> HttpResponse:
    return shell.page(request, actor, "console/segments.html", contexts.segments(actor), current="segments")


@require_GET
@staff_only
def segment(request: HttpRequest, actor: Actor, segment_id: int) -> HttpResponse:
    context = contexts.segment(actor, segment_id, done=request.GET.get("done", ""))
    return shell.page(request, actor, "console/segment.html", context, current="segments")


@require_GET
@staff_only
def people(request: HttpRequest, actor: Actor, segment_id: int) -> HttpResponse:
    context = contexts.people(actor, segment_id, request.GET.dict())
    if wants_fragment(request):
        template = "console/parts/behind.html" if context.is_first else "console/parts/people_more.html"
        return shell.fragment(request, template, context)
    return shell.page(request, actor, "console/behind.html", context, current="segments")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def new(request: HttpRequest, actor: Actor) -> HttpResponse:
    return _edit(request, actor, None)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def rule(request: HttpRequest, actor: Actor, segment_id: int) -> HttpResponse:
    return _edit(request, actor, segment_id)


def _edit(request: HttpRequest, actor: Actor, segment_id: int | None) -> HttpResponse:
    if request.method != "POST":
        return _form(request, actor, segment_form.form(actor, segment_id))
    said = request.POST.dict()
    try:
        if said.get("act") != "save":
            return _form(request, actor, segment_form.form(actor, segment_id, said))
        with transaction.atomic():
            saved = contexts.save(actor, segment_id, said)
    except NotFound:
        raise
    except Refused as error:
        return _refused(request, actor, segment_id, contexts.told(error))
    return HttpResponseRedirect(f"{reverse('console:segment', args=[saved])}?done=saved")


def _refused(request: HttpRequest, actor: Actor, segment_id: int | None, error: str) -> HttpResponse:
    try:
        context = segment_form.form(actor, segment_id, request.POST.dict(), error=error)
    except NotFound:
        raise
    except Refused:  # no form of ours: begin from what is saved
        context = segment_form.form(actor, segment_id, error=error)
    return _form(request, actor, context, status=REFUSED)


def _form(
    request: HttpRequest, actor: Actor, context: segment_form.SegmentForm, *, status: int = 200
) -> HttpResponse:
    if wants_fragment(request):
        response = shell.fragment(request, "console/parts/segment_tree.html", context, status=status)
        # what is counted is the form as it is once this stands in it
        response.headers["HX-Trigger-After-Swap"] = "tree-changed"
        return response
    return shell.page(request, actor, "console/segment_form.html", context, current="segments", status=status)


@require_POST
@staff_by_steps
def count(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Whoever asks again, under the token of his page, no longer waits for what he asked before."""
    try:
        context = contexts.counted(actor, request.POST.dict())
    except NotFound:
        raise
    except HuoshuiError as error:
        context = contexts.Counted(None, "", [], contexts.told(error))
    return shell.fragment(request, "console/parts/segment_count.html", context)


@require_POST
@staff_only
def count_off(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Nobody waits any more for what is counted under the token of this page: of a segment, a tag or a pack of tags."""
    if not rooms.insight.segments.may_see(actor):
        raise NotFound
    with transaction.atomic():
        rooms.insight.segments.call_off(request.POST.get("token", "")[:64], actor=actor)
    return HttpResponse(status=204)


@require_POST
@staff_only
def act(request: HttpRequest, actor: Actor, segment_id: int) -> HttpResponse:
    try:
        with transaction.atomic():
            if request.POST.get("act") == "take_back":
                contexts.take_back(actor, segment_id, request.POST.dict())
            else:
                rooms.insight.segments.set_state(segment_id, request.POST.get("act", ""), actor=actor)
    except NotFound:
        raise
    except Refused as error:
        context = contexts.segment(actor, segment_id, error=contexts.told(error))
        return shell.page(request, actor, "console/segment.html", context, current="segments", status=REFUSED)
    return HttpResponseRedirect(f"{reverse('console:segment', args=[segment_id])}?done=changed")


@require_POST
@staff_only
def export(request: HttpRequest, actor: Actor, segment_id: int) -> HttpResponse:
    """A POST: who takes customers out leaves a trace, and no link of somebody else does it."""
    text = rooms.insight.segments.export(segment_id, actor=actor)
    response = HttpResponse(text.encode(), content_type="text/csv; charset=utf-8")
    name = contexts.file_name(rooms.insight.segments.find(actor, segment_id))
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


@require_GET
@staff_only
def of_person(request: HttpRequest, actor: Actor, person_id: int) -> HttpResponse:
    context = contexts.of_person(actor, person_id)
    return shell.fragment(request, "console/parts/person_segments.html", context)
