from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from huoshui.core.actor import Actor
from huoshui.core.errors import Refused
from huoshui.web.console import shell
from huoshui.web.console.contexts import behind as behind_contexts
from huoshui.web.console.contexts import people as contexts
from huoshui.web.console.contexts import person as person_contexts
from huoshui.web.console.contexts import person_timeline as timelines
from huoshui.web.console.views.access import staff_only, wants_fragment

REFUSED = 422


@staff_only
def people(request: HttpRequest, actor: Actor) -> HttpResponse:
    query = request.GET.dict()
    try:
        context = contexts.people(actor, query)
    except Refused:
        # A cursor that no longer reads: the first page is better than an error
        context = contexts.people(actor, {**query, "after": ""})
    if wants_fragment(request):
        template = (
            "console/parts/people_more.html" if query.get("after") else "console/parts/people_found.html"
        )
        return shell.fragment(request, template, context)
    return shell.page(request, actor, "console/people.html", context, current="people")


@staff_only
def behind(request: HttpRequest, actor: Actor, question: str) -> HttpResponse:
    context = behind_contexts.behind(actor, question, request.GET.dict())
    if wants_fragment(request):
        template = "console/parts/behind.html" if context.is_first else "console/parts/people_more.html"
        return shell.fragment(request, template, context)
    return shell.page(request, actor, "console/behind.html", context, current="people")


@staff_only
def person(request: HttpRequest, actor: Actor, person_id: int) -> HttpResponse:
    context = person_contexts.person(
        actor, person_id, request.GET.get("sale", ""), done=request.GET.get("done", "")
    )
    return shell.page(request, actor, "console/person.html", context, current="people")


@require_POST
@never_cache
@staff_only
def reveal(request: HttpRequest, actor: Actor, person_id: int, identifier_id: int) -> HttpResponse:
    """A whole contact, in its place on the page; without htmx the page again with that one whole."""
    # The trace is kept before the number goes out
    with transaction.atomic():
        revealed = person_contexts.reveal(actor, person_id, identifier_id)
    status = REFUSED if revealed.refusal else 200
    if wants_fragment(request):
        return shell.fragment(request, "console/parts/contact.html", revealed, status=status)
    context = person_contexts.person(actor, person_id, "", revealed)
    return shell.page(request, actor, "console/person.html", context, current="people", status=status)


@staff_only
def timeline(request: HttpRequest, actor: Actor, person_id: int) -> HttpResponse:
    context = timelines.timeline(actor, person_id, request.GET.get("before", ""))
    return shell.fragment(request, "console/parts/timeline.html", context)


@staff_only
def chain(request: HttpRequest, actor: Actor, person_id: int, fact_id: int) -> HttpResponse:
    context = person_contexts.chain(actor, person_id, fact_id)
    return shell.fragment(request, "console/parts/chain.html", context)
