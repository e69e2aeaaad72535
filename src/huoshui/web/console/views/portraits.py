from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.web.console import shell
from huoshui.web.console.contexts import rooms
from huoshui.web.console.contexts import segment_portrait as contexts
from huoshui.web.console.contexts.segments import SegmentPeople
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import panel, staff_only, wants_fragment

REFUSED = 422


@require_GET
@staff_only
def portraits(request: HttpRequest, actor: Actor) -> HttpResponse:
    return shell.page(request, actor, "console/portraits.html", contexts.listed(actor), current="portraits")


@require_GET
@staff_only
def portrait(request: HttpRequest, actor: Actor, segment_id: int) -> HttpResponse:
    context = contexts.page(actor, segment_id, request.GET.dict())
    current = "segments" if context.segment_url else "portraits"
    return shell.page(request, actor, "console/segment_portrait.html", context, current=current)


@require_GET
@staff_only
@panel
def portrait_panel(request: HttpRequest, actor: Actor, segment_id: int) -> HttpResponse:
    context = contexts.panel(actor, segment_id, request.GET.dict())
    return shell.fragment(request, "console/parts/segment_portrait.html", context)


@require_GET
@staff_only
def people(request: HttpRequest, actor: Actor, segment_id: int) -> HttpResponse:
    return _behind(request, actor, contexts.people(actor, segment_id, request.GET.dict()), "segments")


def _behind(request: HttpRequest, actor: Actor, context: SegmentPeople, current: str) -> HttpResponse:
    if wants_fragment(request):
        template = "console/parts/behind.html" if context.is_first else "console/parts/people_more.html"
        return shell.fragment(request, template, context)
    return shell.page(request, actor, "console/behind.html", context, current=current)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
@panel
def typical(request: HttpRequest, actor: Actor, segment_id: int) -> HttpResponse:
    status, error = 200, ""
    if request.method == "POST":
        try:
            with transaction.atomic():
                contexts.say_typical(actor, segment_id, request.POST.dict())
        except NotFound:
            raise
        except Refused as refused:
            status, error = REFUSED, retell(str(refused))
    done = request.method == "POST" and not error
    context = contexts.typical(actor, segment_id, error=error, done=done)
    return shell.fragment(request, "console/parts/segment_typical.html", context, status=status)


@require_GET
@staff_only
@panel
def types(request: HttpRequest, actor: Actor) -> HttpResponse:
    return shell.fragment(request, "console/parts/groups_types.html", contexts.types(actor))


@require_POST
@staff_only
@panel
def find_types(request: HttpRequest, actor: Actor) -> HttpResponse:
    return _acted(request, actor, lambda: rooms.insight.portraits.find_types(actor=actor))


@require_POST
@staff_only
@panel
def call_type(request: HttpRequest, actor: Actor, model_id: int, key: int) -> HttpResponse:
    called = request.POST.get("called", "")
    return _acted(
        request, actor, lambda: rooms.insight.portraits.call_type(model_id, key, called, actor=actor)
    )


def _acted(request: HttpRequest, actor: Actor, act: contexts.Act) -> HttpResponse:
    status, error = 200, ""
    try:
        with transaction.atomic():
            act()
    except NotFound:
        raise
    except Refused as refused:
        status, error = REFUSED, retell(str(refused))
    context = contexts.types(actor, error=error)
    return shell.fragment(request, "console/parts/groups_types.html", context, status=status)


@require_GET
@staff_only
def type_people(request: HttpRequest, actor: Actor, key: int) -> HttpResponse:
    return _behind(request, actor, contexts.people_of_type(actor, key, request.GET.dict()), "groups")
