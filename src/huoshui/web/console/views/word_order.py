from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.web.console import shell
from huoshui.web.console.contexts import person as person_contexts
from huoshui.web.console.contexts import rooms, sharing
from huoshui.web.console.contexts import word_order as contexts
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import staff_only

REFUSED = 422


@require_GET
@staff_only
def order(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = contexts.page(actor, asked=request.GET.get("name"), done=request.GET.get("done", ""))
    return shell.page(request, actor, "console/word_order.html", context, current="identity-rules")


@require_POST
@staff_only
def set_order(request: HttpRequest, actor: Actor) -> HttpResponse:
    """An order of sources for one attribute, or for all that have none of their own."""
    said = {name: str(value) for name, value in request.POST.items()}
    name = said.get("name", "")
    try:
        with transaction.atomic():
            rooms.people.set_profile_priority(
                name, contexts.read(said), actor=actor, reason=said.get("reason", "")
            )
    except NotFound:
        raise
    except Refused as error:
        context = contexts.page(actor, asked=name, error=retell(str(error)), said=said)
        return shell.page(
            request, actor, "console/word_order.html", context, current="identity-rules", status=REFUSED
        )
    return HttpResponseRedirect(f"{reverse('console:word-order')}?done=1")


@require_POST
@staff_only
def say_shared(request: HttpRequest, actor: Actor, person_id: int, identifier_id: int) -> HttpResponse:
    """Say that an identifier is several people's, or take it back; then the page of the person again."""
    said = {name: str(value) for name, value in request.POST.items()}
    try:
        with transaction.atomic():
            sharing.act(actor, person_id, identifier_id, said)
    except NotFound:
        raise
    except Refused as error:
        failed = sharing.Failed(identifier_id, retell(str(error)), said.get("reason", ""))
        context = person_contexts.person(actor, person_id, "", failed=failed)
        return shell.page(request, actor, "console/person.html", context, current="people", status=REFUSED)
    return HttpResponseRedirect(f"{reverse('console:person', args=[person_id])}?done={said['act']}")
