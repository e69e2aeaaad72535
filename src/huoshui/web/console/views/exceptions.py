from __future__ import annotations

from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.scope import scoped
from huoshui.web.console import shell
from huoshui.web.console.contexts import exceptions as contexts
from huoshui.web.console.contexts import rooms
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import staff_by_steps, staff_only, wants_fragment

REFUSED = 422


@require_GET
@staff_only
def exceptions(request: HttpRequest, actor: Actor) -> HttpResponse:
    query = request.GET.dict()
    context = contexts.exceptions(actor, query)
    if wants_fragment(request) and "before" in query:
        return shell.fragment(request, "console/parts/exceptions_more.html", context)
    return shell.page(request, actor, "console/exceptions.html", context, current="exceptions")


@require_GET
@staff_only
def case(request: HttpRequest, actor: Actor, exception_id: int) -> HttpResponse:
    context = contexts.case(actor, exception_id)
    return shell.page(request, actor, "console/exception.html", context, current="exceptions")


@require_POST
@staff_only
def mend(request: HttpRequest, actor: Actor, exception_id: int) -> HttpResponse:
    """Back to the list of its kind, where the next one waits."""
    reason = request.POST.get("reason", "").replace("\x00", "")
    try:
        with transaction.atomic():
            that = rooms.desk.mend(exception_id, reason=reason, actor=actor)
    except NotFound:
        raise
    except Refused as error:
        return _refused(request, actor, exception_id, error, reason=reason)
    return HttpResponseRedirect(_list_with(that.code, exception_id))


@require_POST
@staff_by_steps
def retry(request: HttpRequest, actor: Actor, exception_id: int) -> HttpResponse:
    try:
        has_settled = contexts.retry(actor, exception_id)
    except NotFound:
        raise
    except Refused as error:
        with scoped(actor):
            return _refused(request, actor, exception_id, error)
    if has_settled:
        return HttpResponseRedirect(_list_with("", exception_id))
    return HttpResponseRedirect(reverse("console:exception", args=[exception_id]))


def _list_with(code: str, exception_id: int) -> str:
    query = {"code": code, "done": str(exception_id)} if code else {"done": str(exception_id)}
    return f"{reverse('console:exceptions')}?{urlencode(query)}"


def _refused(
    request: HttpRequest, actor: Actor, exception_id: int, error: Refused, *, reason: str = ""
) -> HttpResponse:
    context = contexts.case(actor, exception_id, error=retell(str(error)), reason=reason)
    return shell.page(request, actor, "console/exception.html", context, current="exceptions", status=REFUSED)
