"""What readings mean for people, for those who follow it up: in the office, and on a guide's phone."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.web.console import shell
from huoshui.web.console.contexts import device_people as people
from huoshui.web.console.contexts import rooms
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import staff_only

REFUSED = 422


@require_GET
@staff_only
def notices(request: HttpRequest, actor: Actor) -> HttpResponse:
    done = _("记下了") if request.GET.get("done") else ""
    context = people.notices(actor, request.GET.get("state", ""), done=done)
    return shell.page(request, actor, "console/notices.html", context, current="notices")


@never_cache
@require_GET
@staff_only
def phone_notices(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The same on a guide's phone."""
    done = _("记下了") if request.GET.get("done") else ""
    return shell.fragment(request, "console/phone/notices.html", people.notices(actor, "open", done=done))


@require_POST
@staff_only
def notice_done(request: HttpRequest, actor: Actor, fact_id: int) -> HttpResponse:
    try:
        rooms.devices.close_notice(fact_id, actor=actor)
    except NotFound:
        raise
    except Refused as error:
        context = people.notices(actor, "open", error=retell(str(error)))
        if request.POST.get("on") == "phone":
            return shell.fragment(request, "console/phone/notices.html", context, status=REFUSED)
        return shell.page(request, actor, "console/notices.html", context, current="notices", status=REFUSED)
    back = "phone-notices" if request.POST.get("on") == "phone" else "notices"
    return HttpResponseRedirect(f"{reverse(f'console:{back}')}?done=1")
