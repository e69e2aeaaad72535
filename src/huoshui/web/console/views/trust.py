from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.scope import scoped
from huoshui.web.console import shell
from huoshui.web.console.contexts import rooms, trust_lineage, trust_rejected, trust_source
from huoshui.web.console.contexts import trust as contexts
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import staff_by_steps, staff_only, wants_fragment

REFUSED = 422
BOTH = ["GET", "HEAD", "POST"]


@require_GET
@staff_only
def overview(request: HttpRequest, actor: Actor) -> HttpResponse:
    return shell.page(request, actor, "console/trust.html", contexts.overview(actor), current="trust")


@require_GET
@staff_only
def stores(request: HttpRequest, actor: Actor) -> HttpResponse:
    return shell.page(request, actor, "console/trust_stores.html", contexts.stores(actor), current="trust")


@require_GET
@staff_only
def source(request: HttpRequest, actor: Actor, source_id: int) -> HttpResponse:
    context = trust_source.source(actor, source_id)
    return shell.page(request, actor, "console/trust_source.html", context, current="trust")


@require_GET
@staff_only
def lineage(request: HttpRequest, actor: Actor) -> HttpResponse:
    query = request.GET.dict()
    context = trust_lineage.lineage(actor, query)
    if wants_fragment(request) and query.get("after"):
        return shell.fragment(request, "console/parts/lineage_rows.html", context)
    return shell.page(request, actor, "console/trust_lineage.html", context, current="trust")


@require_GET
@staff_only
def origin(request: HttpRequest, actor: Actor, fact_id: int) -> HttpResponse:
    context = trust_lineage.origin(actor, fact_id)
    return shell.page(request, actor, "console/trust_origin.html", context, current="trust")


@require_GET
@staff_only
def rejected(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = trust_rejected.rejected(actor)
    return shell.page(request, actor, "console/trust_rejected.html", context, current="trust")


@require_http_methods(BOTH)
@staff_only
def mend(request: HttpRequest, actor: Actor, run_id: int) -> HttpResponse:
    """What is mended becomes an import of its own, and its page is where one sees what came of it."""
    if not rooms.imports.may_import(actor):
        raise NotFound
    if request.method != "POST":
        return _mend_page(request, actor, run_id)
    said = _said(request)
    try:
        edits, swaps = trust_rejected.read_edits(said)
        new_run_id = rooms.trust.mend_rows(
            run_id, trust_rejected.changed(actor, run_id, edits), swaps, actor=actor
        )
    except NotFound:
        raise
    except Refused as error:
        return _mend_page(request, actor, run_id, said=said, error=retell(str(error)))
    return HttpResponseRedirect(reverse("console:import", args=[new_run_id]))


def _mend_page(
    request: HttpRequest, actor: Actor, run_id: int, *, said: dict[str, str] | None = None, error: str = ""
) -> HttpResponse:
    try:
        context = trust_rejected.mend(actor, run_id, request.GET.dict(), said=said, error=error)
    except NotFound:
        raise
    except Refused:  # too many for a page: the import's own page hands them out as a file
        return HttpResponseRedirect(reverse("console:import", args=[run_id]))
    status = REFUSED if error else 200
    return shell.page(request, actor, "console/trust_mend.html", context, current="trust", status=status)


@require_http_methods(BOTH)
@staff_by_steps
def events(request: HttpRequest, actor: Actor, source_id: int, code: str) -> HttpResponse:
    """Each event commits by itself, so the page is scoped and the telling is not."""
    said, done, error = _said(request), "", ""
    if request.method == "POST":
        with scoped(actor):
            if not (rooms.trust.may_act(actor) and rooms.trust.sees_all(actor)):
                raise NotFound
        try:
            pointer = said.get("pointer", "") if said.get("act") == "put" else ""
            value = trust_rejected.value_of(said) if pointer else None
            told = rooms.trust.tell_events(source_id, code, pointer=pointer, value=value, actor=actor)
            done = trust_rejected.told_events(told)
        except NotFound:
            raise
        except Refused as refused:
            error = retell(str(refused))
    with scoped(actor):
        context = trust_rejected.events(actor, source_id, code, said=said, done=done, error=error)
        status = REFUSED if error else 200
        return shell.page(
            request, actor, "console/trust_events.html", context, current="trust", status=status
        )


@require_POST
@staff_by_steps
def settle(request: HttpRequest, actor: Actor, code: str) -> HttpResponse:
    told = rooms.trust.settle_again(code, actor=actor)
    with scoped(actor):
        context = trust_rejected.rejected(actor, done=trust_rejected.told_facts(told))
        return shell.page(request, actor, "console/trust_rejected.html", context, current="trust")


def _said(request: HttpRequest) -> dict[str, str]:
    return {name: value.replace("\x00", "") for name, value in request.POST.dict().items()}
