from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from huoshui.brand import api as brand
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.web.console import shell
from huoshui.web.console.contexts import rooms
from huoshui.web.console.contexts import staff as contexts
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import staff_only

REFUSED = 422


@never_cache
@staff_only
@require_http_methods(["GET", "POST"])
def staff(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Who works here; somebody new; and whoever acts for a dealer begins or ends."""
    query = request.GET.get("q", "")[:60]
    done = error = ""
    if request.method == "POST":
        try:
            contexts.refuse_phone(actor, request.POST)
            with transaction.atomic():
                if request.POST.get("act") == "add":
                    done = contexts.add(actor, request.POST.dict(), request.POST.getlist("roles"))
                else:
                    done = contexts.act_for(actor, request.POST.dict())
            if request.POST.get("act") != "add":
                actor = rooms.brand.actor_of(request.user)  # with the rights from now on
        except NotFound:
            raise
        except Refused as refused:
            error = retell(str(refused))
    context = contexts.page(actor, query, error=error, done=done, said=request.POST.dict() if error else None)
    return shell.page(
        request, actor, "console/staff.html", context, current="staff", status=REFUSED if error else 200
    )


@sensitive_post_parameters()
@never_cache
@staff_only
@require_http_methods(["GET", "POST"])
def member(request: HttpRequest, actor: Actor, staff_id: int) -> HttpResponse:
    """One of the staff: places, what he holds, leaving."""
    done = error = ""
    if request.method == "POST":
        brand.member_of(actor, staff_id)
        try:
            with transaction.atomic():
                done = contexts.act(actor, staff_id, request.POST.dict(), request.POST.getlist("roles"))
        except NotFound:
            raise
        except Refused as refused:
            error = retell(str(refused))
    context = contexts.member_page(
        actor, staff_id, error=error, done=done, said=request.POST.dict() if error else None
    )
    return shell.page(
        request,
        actor,
        "console/staff_member.html",
        context,
        current="staff",
        status=REFUSED if error else 200,
    )
