from __future__ import annotations

from collections.abc import Callable, Mapping

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.web.console import shell
from huoshui.web.console.contexts import lead as one
from huoshui.web.console.contexts import leads as contexts
from huoshui.web.console.contexts import leads_acts, leads_phone
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import staff_only

REFUSED = 422


@require_http_methods(["GET", "POST"])
@never_cache
@staff_only
def leads(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Head office's desk; of whoever follows leads up, the page for the phone."""
    if not contexts.may_see(actor):
        raise NotFound
    act = leads_acts.act if actor.sees_whole_brand else leads_acts.act_on_phone
    done, error = _done(request, lambda said: act(actor, said))
    status = REFUSED if error else 200
    if actor.sees_whole_brand:
        said = request.POST.dict() if error else {}
        context = contexts.page(actor, request.GET, said=said, error=error, done=done)
        return shell.page(request, actor, "console/leads.html", context, current="leads", status=status)
    phone = leads_phone.page(actor, error=error, done=done)
    return render(request, "console/phone/leads.html", {"page": phone}, status=status)


@require_http_methods(["GET", "POST"])
@never_cache
@staff_only
def lead(request: HttpRequest, actor: Actor, lead_id: int) -> HttpResponse:
    if not actor.sees_whole_brand:
        raise NotFound
    leads_acts.find(actor, lead_id)
    done, error = _done(request, lambda said: leads_acts.act_on_one(actor, lead_id, said))
    context = one.page(actor, lead_id, error=error, done=done)
    status = REFUSED if error else 200
    return shell.page(request, actor, "console/lead.html", context, current="leads", status=status)


def _done(request: HttpRequest, act: Callable[[Mapping[str, str]], str]) -> tuple[str, str]:
    """What was done, or why not. A lead that is somebody else's, or never was, answers as one that has gone."""
    if request.method != "POST":
        return "", ""
    try:
        with transaction.atomic():
            return act(request.POST.dict()), ""
    except NotFound:
        return "", _("这一条现在不归您处理：可能过了时限、被收回，或者已经有人处理。")
    except Refused as refused:
        return "", retell(str(refused))
