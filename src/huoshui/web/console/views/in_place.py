"""What is said on a person's page, answered in its place there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.web.console import shell
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import wants_fragment

REFUSED = 422


class Panel(Protocol):
    """A part of the page, and what may be said in it."""

    def act(self, actor: Actor, person_id: int, said: Mapping[str, str], /) -> object: ...

    def panel(
        self, actor: Actor, person_id: int, /, *, error: str = "", said: Mapping[str, str] | None = None
    ) -> object: ...


def said_in_place(request: HttpRequest, actor: Actor, person_id: int, part: Panel, name: str) -> HttpResponse:
    """`name`: of the part's template. Without htmx the page again, or the part alone where it was refused."""
    said = {field: str(value) for field, value in request.POST.items()}
    error = ""
    try:
        with transaction.atomic():
            part.act(actor, person_id, said)
    except NotFound:
        raise
    except Refused as refused:
        error = retell(str(refused))
    if not error and not wants_fragment(request):
        return HttpResponseRedirect(reverse("console:person", args=[person_id]))
    context = part.panel(actor, person_id, error=error, said=said if error else None)
    status = REFUSED if error else 200
    if wants_fragment(request):
        return shell.fragment(request, f"console/parts/{name}.html", context, status=status)
    return shell.page(request, actor, f"console/{name}.html", context, current="people", status=status)
