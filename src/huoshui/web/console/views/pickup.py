"""定时取数: where tables are fetched from by the clock."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.web.console import shell
from huoshui.web.console.contexts import pickup as contexts
from huoshui.web.console.contexts import pickup_form as forms
from huoshui.web.console.contexts import rooms
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import panel, staff_only

REFUSED = 422
BOTH = ["GET", "HEAD", "POST"]


@require_GET
@staff_only
def pickups(request: HttpRequest, actor: Actor) -> HttpResponse:
    return shell.page(request, actor, "console/pickups.html", contexts.pickups(actor), current="pickups")


@require_http_methods(BOTH)
@staff_only
def new(request: HttpRequest, actor: Actor, kind: str) -> HttpResponse:
    if not rooms.pickup.may_set_up(actor) or kind not in rooms.pickup.KINDS:
        raise NotFound
    if request.method != "POST":
        return _form(request, actor, forms.form(actor, kind))
    said = _said(request)
    try:
        pickup_id = rooms.pickup.add(forms.asked(kind, said), actor=actor)
    except Refused as error:
        return _form(request, actor, forms.form(actor, kind, said, error=retell(str(error))), status=REFUSED)
    return _tried(actor, pickup_id)


@require_http_methods(BOTH)
@staff_only
def edit(request: HttpRequest, actor: Actor, pickup_id: int) -> HttpResponse:
    if not rooms.pickup.may_set_up(actor):
        raise NotFound
    known = rooms.pickup.pickup_for(actor, pickup_id)
    if request.method != "POST":
        return _form(request, actor, forms.form(actor, known.kind, forms.said_of(known), known=known))
    said = _said(request)
    try:
        rooms.pickup.change(pickup_id, forms.asked(known.kind, said), actor=actor)
    except NotFound:
        raise
    except Refused as error:
        form = forms.form(actor, known.kind, said, known=known, error=retell(str(error)))
        return _form(request, actor, form, status=REFUSED)
    return _tried(actor, pickup_id)


def _form(request: HttpRequest, actor: Actor, context: forms.PickupForm, status: int = 200) -> HttpResponse:
    return shell.page(request, actor, "console/pickup_form.html", context, current="pickups", status=status)


def _tried(actor: Actor, pickup_id: int) -> HttpResponse:
    """What was saved is tried at once: whether it works is what one wants to know next."""
    rooms.pickup.ask_trial(pickup_id, actor=actor)
    return HttpResponseRedirect(reverse("console:pickup", args=[pickup_id]))


@require_http_methods(BOTH)
@staff_only
def pickup(request: HttpRequest, actor: Actor, pickup_id: int) -> HttpResponse:
    if request.method != "POST":
        context = contexts.pickup(actor, pickup_id, done=request.GET.get("done", ""))
        return shell.page(request, actor, "console/pickup.html", context, current="pickups")
    act = request.POST.get("act", "")
    item = request.POST.get("item", "")
    acts: dict[str, Callable[[], None]] = {
        "look": lambda: rooms.pickup.look_now(pickup_id, actor=actor),
        "on": lambda: rooms.pickup.switch(pickup_id, is_on=True, actor=actor),
        "off": lambda: rooms.pickup.switch(pickup_id, is_on=False, actor=actor),
        "trial": lambda: rooms.pickup.ask_trial(pickup_id, actor=actor),
        "host_key": lambda: rooms.pickup.accept_host_key(pickup_id, actor=actor),
        "remove": lambda: rooms.pickup.remove(pickup_id, actor=actor),
        "skip": lambda: rooms.pickup.skip(pickup_id, int(item) if item.isdecimal() else 0, actor=actor),
    }
    if act not in acts:
        raise NotFound
    try:
        acts[act]()
    except NotFound:
        raise
    except Refused as error:
        context = contexts.pickup(actor, pickup_id, error=retell(str(error)))
        return shell.page(request, actor, "console/pickup.html", context, current="pickups", status=REFUSED)
    if act == "remove":
        return HttpResponseRedirect(reverse("console:pickups"))
    return HttpResponseRedirect(f"{reverse('console:pickup', args=[pickup_id])}?done={act}")


@require_GET
@staff_only
@panel
def trial(request: HttpRequest, actor: Actor, pickup_id: int) -> HttpResponse:
    context = contexts.trial(actor, pickup_id)
    return shell.fragment(request, "console/parts/pickup_trial.html", context)


def _said(request: HttpRequest) -> dict[str, str]:
    return {name: value.replace("\x00", "") for name, value in request.POST.dict().items()}
