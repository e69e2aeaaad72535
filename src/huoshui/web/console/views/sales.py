from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from huoshui.core.actor import Actor
from huoshui.web.console import shell
from huoshui.web.console.contexts import chain as contexts
from huoshui.web.console.views.access import staff_only


@staff_only
def sale(request: HttpRequest, actor: Actor, fact_id: int) -> HttpResponse:
    """The chain of whatever sale a fact belongs to: its first fact, a change, a refund."""
    return shell.page(request, actor, "console/sale.html", contexts.chain(actor, fact_id), current="people")
