from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.trade.codes.api import printing as drawing
from huoshui.web.console import shell
from huoshui.web.console.contexts import codes as contexts
from huoshui.web.console.contexts import rooms
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import staff_only

REFUSED = 422


@require_http_methods(["GET", "POST"])
@never_cache
@staff_only
def codes(request: HttpRequest, actor: Actor) -> HttpResponse:
    if request.method != "POST":
        return shell.page(request, actor, "console/codes.html", contexts.page(actor), current="codes")
    said = request.POST.dict()
    try:
        with transaction.atomic():
            code_id = contexts.make(actor, said)
    except NotFound:
        raise
    except Refused as refused:
        context = contexts.page(actor, said=said, error=retell(str(refused)))
        return shell.page(request, actor, "console/codes.html", context, current="codes", status=REFUSED)
    return HttpResponseRedirect(reverse("console:code", args=[code_id]))


@require_http_methods(["GET", "POST"])
@never_cache
@staff_only
def code(request: HttpRequest, actor: Actor, code_id: int) -> HttpResponse:
    """The code to show or print; switched off and on again."""
    if request.method == "POST":
        rooms.codes.switch(code_id, is_live=request.POST.get("act") == "on", actor=actor)
        return HttpResponseRedirect(reverse("console:code", args=[code_id]))
    context = contexts.one(actor, code_id, root=_root(request))
    return shell.page(request, actor, "console/code.html", context, current="codes")


@require_GET
@staff_only
def drawn_svg(request: HttpRequest, actor: Actor, code_id: int) -> HttpResponse:
    view = rooms.codes.of(actor, code_id)
    drawn = drawing.svg_file(contexts.address(view, _root(request)), title=view.code.title)
    return _file(drawn, "image/svg+xml", f"code-{code_id}.svg")


@require_GET
@staff_only
def drawn_png(request: HttpRequest, actor: Actor, code_id: int) -> HttpResponse:
    view = rooms.codes.of(actor, code_id)
    return _file(drawing.png(contexts.address(view, _root(request))), "image/png", f"code-{code_id}.png")


@require_GET
@staff_only
def sheet(request: HttpRequest, actor: Actor) -> HttpResponse:
    chosen = [int(one) for one in request.GET.getlist("code") if one.isdecimal() and len(one) < 16]
    return _file(contexts.sheet(actor, chosen, root=_root(request)), "application/pdf", _("活码") + ".pdf")


def _root(request: HttpRequest) -> str:
    return request.build_absolute_uri("/").rstrip("/")


def _file(content: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=kind)
    response.headers["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=name) or "attachment"
    )
    return response
