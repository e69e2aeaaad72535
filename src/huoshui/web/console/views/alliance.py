from __future__ import annotations

from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.web.console import shell
from huoshui.web.console.contexts import alliance as contexts
from huoshui.web.console.views.access import staff_only

REFUSED = 422
BOM = "\ufeff"  # so that spreadsheets read it as UTF-8


@require_GET
@staff_only
def alliance(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = contexts.alliance(actor, request.GET.get("done", ""))
    return shell.page(request, actor, "console/alliance.html", context, current="alliance")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def partner(request: HttpRequest, actor: Actor, code: str = "") -> HttpResponse:
    error: Refused | None = None
    said = request.POST.dict() if request.method == "POST" else None
    if said is not None:
        try:
            with transaction.atomic():
                contexts.put(actor, code, said)
            return HttpResponseRedirect(f"{reverse('console:alliance')}?done=saved")
        except NotFound:
            raise
        except Refused as refused:
            error = refused
    context = contexts.form(actor, code, said, error)
    return shell.page(
        request,
        actor,
        "console/alliance_partner.html",
        context,
        current="alliance",
        status=REFUSED if error else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def statement(request: HttpRequest, actor: Actor, code: str) -> HttpResponse:
    """A month's statement; posted: that money was paid."""
    query = request.GET.dict()
    if request.method != "POST":
        context = contexts.statement(actor, code, query)
        return shell.page(request, actor, "console/alliance_statement.html", context, current="alliance")
    said = request.POST.dict()
    try:
        with transaction.atomic():
            contexts.settle(actor, code, said)
    except NotFound:
        raise
    except Refused as error:
        context = contexts.statement(actor, code, query, said=said, error=error)
        return shell.page(
            request,
            actor,
            "console/alliance_statement.html",
            context,
            current="alliance",
            status=REFUSED,
        )
    where = reverse("console:alliance-statement", args=[code])
    kept = {"month": query["month"]} if "month" in query else {}
    return HttpResponseRedirect(f"{where}?{urlencode({**kept, 'done': 'settled'})}")


@require_GET
@staff_only
def statement_csv(request: HttpRequest, actor: Actor, code: str) -> HttpResponse:
    name, text = contexts.statement_csv(actor, code, request.GET.dict())
    response = HttpResponse(BOM + text, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
