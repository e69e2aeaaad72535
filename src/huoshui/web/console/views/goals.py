from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from huoshui.core.actor import Actor
from huoshui.web.console import shell
from huoshui.web.console.contexts import goals as contexts
from huoshui.web.console.views.access import panel, staff_only


@staff_only
@panel
def goals(request: HttpRequest, actor: Actor) -> HttpResponse:
    return shell.fragment(request, "console/parts/goals.html", contexts.goals(actor))
