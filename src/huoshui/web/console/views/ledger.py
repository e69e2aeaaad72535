from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.web.console import shell
from huoshui.web.console.contexts import audit as audit_contexts
from huoshui.web.console.contexts import ledger as contexts
from huoshui.web.console.contexts import rooms
from huoshui.web.console.contexts.coupon_reading import amount_of
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import panel, staff_only, wants_fragment


@staff_only
def ledger(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = contexts.books(actor, is_done=request.GET.get("done") == "fund")
    return shell.page(request, actor, "console/ledger.html", context, current="ledger")


@require_POST
@staff_only
def fund(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The form carries a key, so that pressing twice sets the money aside once."""
    if not contexts.may_fund(actor):
        raise NotFound
    unit, said = request.POST.get("fund", ""), request.POST.get("amount", "")
    amount, key = amount_of(said), request.POST.get("key", "")[:64]
    try:
        with transaction.atomic():
            if amount is None or not key:
                raise Refused(_("写要拨入的金额，比如 5000。"))
            rooms.campaigns.add_to_fund(unit=unit, amount=amount, key=key, actor=actor)
    except NotFound:
        raise
    except Refused as error:
        context = contexts.books(actor, chosen=unit, amount=said, error=retell(str(error)))
        return shell.page(request, actor, "console/ledger.html", context, current="ledger", status=422)
    return HttpResponseRedirect(f"{reverse('console:ledger')}?done=fund#funds")


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
