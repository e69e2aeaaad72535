from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.web.console import shell
from huoshui.web.console.contexts import matching as contexts
from huoshui.web.console.contexts import rooms
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import staff_only

REFUSED = 422


@require_GET
@staff_only
def alike(request: HttpRequest, actor: Actor) -> HttpResponse:
    pair = request.GET.get("pair", "")
    context = contexts.queue(
        actor, int(pair) if pair.isdecimal() and len(pair) < 18 else None, done=request.GET.get("done", "")
    )
    return shell.page(request, actor, "console/alike.html", context, current="alike")


@require_POST
@staff_only
def decide(request: HttpRequest, actor: Actor, proposal_id: int) -> HttpResponse:
    """What somebody says of one pair; then the next is shown."""
    said = request.POST
    answer = said.get("answer", "")
    try:
        with transaction.atomic():
            rooms.people.matching.decide(proposal_id, answer, actor=actor, reason=said.get("reason", ""))
    except NotFound:
        raise
    except Refused as error:
        context = contexts.queue(actor, proposal_id, error=retell(str(error)))
        return shell.page(request, actor, "console/alike.html", context, current="alike", status=REFUSED)
    following = said.get("after", "")
    shown = f"&pair={following}" if following.isdecimal() else ""
    return HttpResponseRedirect(f"{reverse('console:alike')}?done={answer}{shown}")


@require_POST
@staff_only
def compare(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Compare everybody anew: the worker does."""
    with transaction.atomic():
        rooms.people.matching.start(actor=actor)
    return HttpResponseRedirect(f"{reverse('console:alike')}?done=started")
