from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huoshui.core.actor import Actor
from huoshui.core.errors import HuoshuiError, NotFound, Refused
from huoshui.core.scope import scoped
from huoshui.web.console import shell
from huoshui.web.console.contexts import person_tags, rooms, tag_form, tag_packs
from huoshui.web.console.contexts import tags as contexts
from huoshui.web.console.contexts.segments import told
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import panel, staff_by_steps, staff_only, wants_fragment
from huoshui.web.console.views.in_place import said_in_place

REFUSED = 422


@require_GET
@staff_only
def tags(request: HttpRequest, actor: Actor) -> HttpResponse:
    return shell.page(request, actor, "console/tags.html", contexts.tags(actor), current="tags")


@require_GET
@staff_only
def tag(request: HttpRequest, actor: Actor, tag_id: int) -> HttpResponse:
    context = contexts.tag(actor, tag_id, done=request.GET.get("done", ""))
    return shell.page(request, actor, "console/tag.html", context, current="tags")


@require_GET
@staff_only
def people(request: HttpRequest, actor: Actor, tag_id: int) -> HttpResponse:
    context = contexts.people(actor, tag_id, request.GET.dict())
    if wants_fragment(request):
        template = "console/parts/behind.html" if context.is_first else "console/parts/people_more.html"
        return shell.fragment(request, template, context)
    return shell.page(request, actor, "console/behind.html", context, current="tags")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def new(request: HttpRequest, actor: Actor) -> HttpResponse:
    return _edit(request, actor, None)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def edit(request: HttpRequest, actor: Actor, tag_id: int) -> HttpResponse:
    return _edit(request, actor, tag_id)


def _edit(request: HttpRequest, actor: Actor, tag_id: int | None) -> HttpResponse:
    if request.method != "POST":
        return _form(request, actor, tag_form.form(actor, tag_id))
    said = request.POST.dict()
    try:
        context = tag_form.form(actor, tag_id, said)
        if said.get("act") != "save":
            return _form(request, actor, context)
        with transaction.atomic():
            saved = tag_form.save(actor, tag_id, said)
    except NotFound:
        raise
    except Refused as error:
        return _refused(request, actor, tag_id, told(error))
    return HttpResponseRedirect(f"{reverse('console:tag', args=[saved])}?done=saved")


def _refused(request: HttpRequest, actor: Actor, tag_id: int | None, error: str) -> HttpResponse:
    try:
        context = tag_form.form(actor, tag_id, request.POST.dict(), error=error)
    except NotFound:
        raise
    except Refused:  # no form of ours: begin from what is saved
        context = tag_form.form(actor, tag_id, error=error)
    return _form(request, actor, context, status=REFUSED)


def _form(
    request: HttpRequest, actor: Actor, context: tag_form.TagForm, *, status: int = 200
) -> HttpResponse:
    if wants_fragment(request):
        response = shell.fragment(request, "console/parts/tag_rules.html", context, status=status)
        # what is counted is the form as it is once this stands in it
        response.headers["HX-Trigger-After-Swap"] = "tree-changed"
        return response
    return shell.page(request, actor, "console/tag_form.html", context, current="tags", status=status)


@require_POST
@staff_by_steps
def count(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Whoever asks again, under the token of his page, no longer waits for what he asked before."""
    try:
        context = tag_form.counted(actor, request.POST.dict())
    except NotFound:
        raise
    except HuoshuiError as error:
        context = tag_form.TagCounted([], False, False, retell(str(error)))
    return shell.fragment(request, "console/parts/tag_count.html", context)


@require_POST
@staff_only
def act(request: HttpRequest, actor: Actor, tag_id: int) -> HttpResponse:
    try:
        with transaction.atomic():
            rooms.insight.tags.set_state(tag_id, request.POST.get("act", ""), actor=actor)
    except NotFound:
        raise
    except Refused as error:
        context = contexts.tag(actor, tag_id, error=retell(str(error)))
        return shell.page(request, actor, "console/tag.html", context, current="tags", status=REFUSED)
    return HttpResponseRedirect(f"{reverse('console:tag', args=[tag_id])}?done=changed")


@require_GET
@staff_only
def packs(request: HttpRequest, actor: Actor) -> HttpResponse:
    return shell.page(request, actor, "console/tag_packs.html", tag_packs.packs(actor), current="tags")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_by_steps
def pack(request: HttpRequest, actor: Actor, key: str) -> HttpResponse:
    """Counting asks the lake, so it holds no transaction."""
    said = {name: [str(v) for v in values] for name, values in request.POST.lists()}
    is_asked, status, error = request.method == "POST", 200, ""
    try:
        if is_asked and said.get("act") == ["install"]:
            with scoped(actor):
                saved = tag_packs.install(actor, key, said)
            return HttpResponseRedirect(f"{reverse('console:tag', args=[saved[0].tag_id])}?done=saved")
        context = tag_packs.pack(actor, key, said if is_asked else None, is_counted=is_asked)
    except NotFound:
        raise
    except Refused as refused:
        status, error = REFUSED, retell(str(refused))
        context = tag_packs.pack(actor, key, said, error=error)
    if wants_fragment(request):
        return shell.fragment(request, "console/parts/pack_counted.html", context, status=status)
    return shell.page(request, actor, "console/tag_pack.html", context, current="tags", status=status)


@require_GET
@staff_only
@panel
def of_person(request: HttpRequest, actor: Actor, person_id: int) -> HttpResponse:
    return shell.fragment(request, "console/parts/person_tags.html", person_tags.panel(actor, person_id))


@require_POST
@never_cache
@staff_only
def say(request: HttpRequest, actor: Actor, person_id: int) -> HttpResponse:
    """A tag given or taken by hand, in its place on the page; without htmx the page again."""
    return said_in_place(request, actor, person_id, person_tags, "person_tags")
