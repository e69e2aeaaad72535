from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from huoshui.core.actor import Actor
from huoshui.web.console import shell
from huoshui.web.console.contexts import audit as audit_contexts
from huoshui.web.console.contexts import ledger as contexts
from huoshui.web.console.views.access import panel, staff_only, wants_fragment


@staff_only
def ledger(request: HttpRequest, actor: Actor) -> HttpResponse:
    contexts.require(actor)
    return shell.page(request, actor, "console/ledger.html", None, current="ledger")


@staff_only
@panel
def units(request: HttpRequest, actor: Actor) -> HttpResponse:
    return shell.fragment(request, "console/parts/ledger_units.html", contexts.units(actor))


@staff_only
@panel
def audit(request: HttpRequest, actor: Actor) -> HttpResponse:
    return shell.fragment(request, "console/parts/ledger_audit.html", audit_contexts.audit(actor))


@staff_only
def unit(request: HttpRequest, actor: Actor, unit: str) -> HttpResponse:
    query = request.GET.dict()
    context = contexts.unit(actor, unit, query)
    if wants_fragment(request):
        part = "more" if "kind" in query else "found"
        return shell.fragment(request, f"console/parts/accounts_{part}.html", context)
    return shell.page(request, actor, "console/ledger_unit.html", context, current="ledger")


@staff_only
def account(request: HttpRequest, actor: Actor, account_id: int) -> HttpResponse:
    context = contexts.account(actor, account_id, request.GET.dict())
    if wants_fragment(request):
        return shell.fragment(request, "console/parts/legs_more.html", context)
    return shell.page(request, actor, "console/ledger_account.html", context, current="ledger")
