from __future__ import annotations

import csv
from io import StringIO

from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.web.console import shell
from huoshui.web.console.contexts import cohorts as cohort_contexts
from huoshui.web.console.contexts import protection as contexts
from huoshui.web.console.contexts import rooms
from huoshui.web.console.contexts import sharing_reasons as reasons
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import staff_only

REFUSED = 422


@require_GET
@never_cache
@staff_only
def protection(request: HttpRequest, actor: Actor) -> HttpResponse:
    """A dealer's own page; head office's list of dealers."""
    if actor.sees_whole_brand:
        return shell.page(
            request, actor, "console/protections.html", contexts.dealers(actor), current="protection"
        )
    return _page(request, actor, contexts.own(actor))


@require_GET
@never_cache
@staff_only
def cohorts(request: HttpRequest, actor: Actor) -> HttpResponse:
    """For head office: customers whose dealer lets it see no single one."""
    try:
        context = cohort_contexts.page(actor, request.GET.get("span", ""))
    except Refused as refused:
        raise NotFound from refused
    return shell.page(request, actor, "console/cohorts.html", context, current="protection")


@require_GET
@never_cache
@staff_only
def why(request: HttpRequest, actor: Actor) -> HttpResponse:
    """For head office: why dealers do not share, and what they would sell more."""
    return shell.page(
        request, actor, "console/protection_why.html", reasons.page(actor), current="protection"
    )


@require_GET
@never_cache
@staff_only
def cohorts_file(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The same numbers as a file: nothing is in it that the page does not show."""
    try:
        context = cohort_contexts.page(actor, request.GET.get("span", ""))
    except Refused as refused:
        raise NotFound from refused
    text = StringIO()
    csv.writer(text).writerows(cohort_contexts.lines(context))
    response = HttpResponse("\ufeff" + text.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="cohorts.csv"'
    return response


@require_http_methods(["GET", "POST"])
@never_cache
@staff_only
def of_dealer(request: HttpRequest, actor: Actor, dealer_id: int) -> HttpResponse:
    """What the dealer sees, and what it says."""
    if request.method != "POST":
        return _page(request, actor, dealer_id)
    try:
        with transaction.atomic():
            done = contexts.say(actor, dealer_id, request.POST.dict())
    except NotFound:
        raise
    except Refused as refused:
        return _page(request, actor, dealer_id, error=retell(str(refused)), status=REFUSED)
    return _page(request, actor, dealer_id, done=done)


@require_POST
@never_cache
@staff_only
def archive(request: HttpRequest, actor: Actor, dealer_id: int) -> FileResponse:
    """What the dealer takes along; it is on the page, and in the audit, that it did."""
    made = rooms.protection.take_along(dealer_id, actor=actor)
    return FileResponse(made.file, as_attachment=True, filename=made.name, content_type="application/zip")


def _page(
    request: HttpRequest, actor: Actor, dealer_id: int, *, error: str = "", done: str = "", status: int = 200
) -> HttpResponse:
    told = request.GET.get("before", "")
    before = int(told) if told.isdecimal() and len(told) < 19 else 2**62
    context = contexts.page(actor, dealer_id, before=before, error=error, done=done)
    return render(request, "console/phone/protection.html", {"page": context}, status=status)
