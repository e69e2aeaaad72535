from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.people.api import identity_rules as ruling
from huoshui.people.api import identity_ruleset
from huoshui.web.console import shell
from huoshui.web.console.contexts import identity_rules as contexts
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import staff_only, wants_fragment

REFUSED = 422
TEMPLATE = "console/identity_rules.html"


@require_GET
@staff_only
def rules(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = contexts.page(actor, done=request.GET.get("done", ""))
    if wants_fragment(request):
        return shell.fragment(request, "console/parts/identity_rules_found.html", context)
    return shell.page(request, actor, TEMPLATE, context, current="identity-rules")


@require_POST
@staff_only
def save(request: HttpRequest, actor: Actor) -> HttpResponse:
    body = contexts.body_of({key: str(value) for key, value in request.POST.items()})
    try:
        with transaction.atomic():
            ruling.save_draft(body, actor=actor)
    except identity_ruleset.BadRules as bad:
        faults = [retell(fault.sentence) for fault in bad.faults]
        context = contexts.page(actor, said=body, faults=faults)
        return shell.page(request, actor, TEMPLATE, context, current="identity-rules", status=REFUSED)
    return _back("saved", "draft")


@require_POST
@staff_only
def drop(request: HttpRequest, actor: Actor) -> HttpResponse:
    with transaction.atomic():
        ruling.drop_draft(actor=actor)
    return _back("dropped")


@require_POST
@staff_only
def rehearse(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Try the draft over everybody: the worker does."""
    with transaction.atomic():
        ruling.ask(actor=actor)
    return _back("trying", "found")


@require_POST
@staff_only
def put_live(request: HttpRequest, actor: Actor) -> HttpResponse:
    reason = request.POST.get("reason", "")
    try:
        with transaction.atomic():
            ruling.put_live(reason=reason, actor=actor)
    except NotFound:
        raise
    except Refused as error:
        context = contexts.page(actor, error=retell(str(error)), reason=reason)
        return shell.page(request, actor, TEMPLATE, context, current="identity-rules", status=REFUSED)
    return _back("live")


def _back(done: str, place: str = "") -> HttpResponse:
    return HttpResponseRedirect(
        f"{reverse('console:identity-rules')}?done={done}{'#' if place else ''}{place}"
    )
