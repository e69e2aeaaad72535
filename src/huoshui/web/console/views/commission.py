from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.trade.commission.api import File
from huoshui.web.console import shell
from huoshui.web.console.contexts import commission as contexts
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import staff_only

REFUSED = 422


@require_http_methods(["GET", "POST"])
@never_cache
@staff_only
def commission(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The page, and what is done on it: rules of an employer, rules of the brand, a month closed."""
    said = request.POST.dict() if request.method == "POST" else {}
    done = error = ""
    if request.method == "POST":
        try:
            with transaction.atomic():
                done = contexts.act(actor, said)
        except NotFound:
            raise
        except Refused as refused:
            error = retell(str(refused))
    context = contexts.page(actor, said=said if error else None, error=error, done=done)
    status = REFUSED if error else 200
    return shell.page(request, actor, "console/commission.html", context, current="commission", status=status)


@require_http_methods(["GET", "POST"])
@never_cache
@staff_only
def statement(request: HttpRequest, actor: Actor, statement_id: int) -> HttpResponse:
    done = error = ""
    if request.method == "POST":
        try:
            with transaction.atomic():
                said = request.POST.dict()
                if said.get("act") == "decide":
                    done = contexts.decide(actor, statement_id, said)
                else:
                    done = contexts.say(actor, statement_id, said, request.POST.getlist("line"))
        except NotFound:
            raise
        except Refused as refused:
            error = retell(str(refused))
    context = contexts.statement(actor, statement_id, error=error, done=done)
    status = REFUSED if error else 200
    if contexts.may_see(actor):
        return shell.page(
            request, actor, "console/statement.html", context, current="commission", status=status
        )
    return render(request, "console/phone/statement.html", {"page": context}, status=status)


@require_GET
@never_cache
@staff_only
def file(request: HttpRequest, actor: Actor, statement_id: int, form: str) -> HttpResponse:
    """A statement to keep: PDF or XLSX."""
    return _sent(contexts.file(actor, statement_id, form))


@require_GET
@never_cache
@staff_only
def payments(request: HttpRequest, actor: Actor) -> HttpResponse:
    """打款清单 for finance: of one payer and month."""
    return _sent(contexts.payments(actor, request.GET.dict()))


def _sent(file: File) -> HttpResponse:
    response = HttpResponse(file.content, content_type=file.media_type)
    response.headers["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=file.name) or "attachment"
    )
    return response


@require_GET
@never_cache
@staff_only
def own(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A guide's own commission, on her phone."""
    return render(request, "console/phone/commission.html", {"page": contexts.own(actor)})


@require_GET
@never_cache
@staff_only
def own_why(request: HttpRequest, actor: Actor, order_id: int) -> HttpResponse:
    context = {"sentences": contexts.own_why(actor, order_id)}
    return render(request, "console/phone/commission_why.html", context)
