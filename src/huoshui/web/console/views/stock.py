from __future__ import annotations

from collections.abc import Callable, Mapping

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.web.console import shell
from huoshui.web.console.contexts import stock as contexts
from huoshui.web.console.contexts import stock_documents as documents
from huoshui.web.console.contexts import stock_list, stock_settings, stock_transfers
from huoshui.web.console.views.access import staff_only, wants_fragment

REFUSED = 422
Act = Callable[[Actor, int, Mapping[str, str]], None]


@require_GET
@staff_only
def stock(request: HttpRequest, actor: Actor) -> HttpResponse:
    query = request.GET.dict()
    context = contexts.stock(actor, query)
    if wants_fragment(request):
        part = "more" if query.get("after") else "found"
        return shell.fragment(request, f"console/parts/stock_{part}.html", context)
    return shell.page(request, actor, "console/stock.html", context, current="stock")


@require_GET
@staff_only
def movements(request: HttpRequest, actor: Actor, org_unit_id: int, sku_id: int) -> HttpResponse:
    query = request.GET.dict()
    context = contexts.movements(actor, org_unit_id, sku_id, query)
    if wants_fragment(request) and "before" in query:
        return shell.fragment(request, "console/parts/stock_moves_more.html", context)
    return shell.page(request, actor, "console/stock_movements.html", context, current="stock")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def new(request: HttpRequest, actor: Actor, org_unit_id: int, kind: str) -> HttpResponse:
    """A document to write; posted: looked through, or booked."""
    if request.method != "POST":
        return _form(request, actor, documents.form(actor, org_unit_id, kind), 200)
    said = request.POST.dict()
    if said.get("act") != "save":
        context = documents.form(actor, org_unit_id, kind, said, is_checked=True)
        has_wrong = context.checked is not None and context.checked.problems
        return _form(request, actor, context, REFUSED if has_wrong else 200)
    try:
        with transaction.atomic():
            fact_id = documents.write(actor, org_unit_id, kind, said)
    except NotFound as error:
        documents.form(actor, org_unit_id, kind, said)  # absent for whoever may not write here at all
        return _form(request, actor, documents.form(actor, org_unit_id, kind, said, error=error), REFUSED)
    except Refused as error:
        return _form(request, actor, documents.form(actor, org_unit_id, kind, said, error=error), REFUSED)
    return HttpResponseRedirect(f"{reverse('console:stock-document', args=[fact_id])}?done=1")


def _form(request: HttpRequest, actor: Actor, context: documents.DocumentForm, status: int) -> HttpResponse:
    return shell.page(request, actor, "console/stock_form.html", context, current="stock", status=status)


@require_GET
@staff_only
def document(request: HttpRequest, actor: Actor, fact_id: int) -> HttpResponse:
    context = documents.document(actor, fact_id, is_new="done" in request.GET)
    return shell.page(request, actor, "console/stock_document.html", context, current="stock")


@require_GET
@staff_only
def document_list(request: HttpRequest, actor: Actor) -> HttpResponse:
    query = request.GET.dict()
    context = stock_list.documents(actor, query)
    if wants_fragment(request):
        part = "more" if query.get("before") else "found"
        return shell.fragment(request, f"console/parts/documents_{part}.html", context)
    return shell.page(request, actor, "console/stock_documents.html", context, current="stock")


@require_GET
@staff_only
def transfers(request: HttpRequest, actor: Actor) -> HttpResponse:
    query = request.GET.dict()
    context = stock_transfers.transfers(actor, query)
    if wants_fragment(request) and "before" in query:
        return shell.fragment(request, "console/parts/transfers_more.html", context)
    return shell.page(request, actor, "console/stock_transfers.html", context, current="stock")


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def transfer(request: HttpRequest, actor: Actor, fact_id: int) -> HttpResponse:
    """A transfer; posted by whoever it was sent to: what has come."""
    error: Refused | None = None
    if request.method == "POST":
        try:
            with transaction.atomic():
                stock_transfers.take_in(actor, fact_id, request.POST.dict())
            return HttpResponseRedirect(reverse("console:stock-transfer", args=[fact_id]))
        except NotFound:
            raise
        except Refused as refused:
            error = refused
    context = stock_transfers.transfer(actor, fact_id, error=error)
    status = REFUSED if error else 200
    return shell.page(request, actor, "console/stock_transfer.html", context, current="stock", status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def settings(request: HttpRequest, actor: Actor, org_unit_id: int) -> HttpResponse:
    if request.method != "POST":
        context = stock_settings.settings(actor, org_unit_id, done="done" in request.GET)
        return shell.page(request, actor, "console/stock_settings.html", context, current="stock")
    said = request.POST.dict()
    act: Act = (
        stock_settings.set_share if said.get("act") in {"share", "unshare"} else stock_settings.set_policy
    )
    try:
        with transaction.atomic():
            act(actor, org_unit_id, said)
    except NotFound:
        raise
    except Refused as error:
        context = stock_settings.settings(actor, org_unit_id, said=said, error=error)
        return shell.page(
            request, actor, "console/stock_settings.html", context, current="stock", status=REFUSED
        )
    return HttpResponseRedirect(f"{reverse('console:stock-settings', args=[org_unit_id])}?done=1")
