from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.web.console import shell
from huoshui.web.console.contexts import rights as contexts
from huoshui.web.console.contexts import rooms
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import staff_only

REFUSED = 422


@require_POST
@staff_only
def retention(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Set how long a class of data is kept, turn its rule on or off, or have everything counted anew."""
    contexts.require(actor)
    act = request.POST.get("act", "")
    try:
        with transaction.atomic():
            _act(actor, act, request.POST.get("name", ""), request.POST.get("days", ""))
    except NotFound:
        raise
    except Refused as error:
        context = contexts.desk(actor, error=retell(str(error)))
        return shell.page(request, actor, "console/rights.html", context, current="rights", status=REFUSED)
    return HttpResponseRedirect(f"{reverse('console:rights')}?done=keep-{act}#retention")


def _act(actor: Actor, act: str, name: str, days: str) -> None:
    room = rooms.people.retention
    match act:
        case "days":
            if not days.strip().isdecimal() or len(days.strip()) > 6:
                raise Refused(_("天数请写整数。"))
            room.set_days(actor, name, int(days))
        case "on" | "off":
            room.turn(actor, name, on=act == "on")
        case "count":
            rooms.people.rights_reads.require(actor)
            room.ask_count()
        case _unknown:
            raise NotFound
