from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.scope import scoped
from huoshui.intake.tracking.api import NewKey
from huoshui.web.console import shell
from huoshui.web.console.contexts import rooms
from huoshui.web.console.contexts import tracking_plan as plans
from huoshui.web.console.contexts import tracking_sources as contexts
from huoshui.web.console.contexts import tracking_stream as streams
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import panel, staff_by_steps, staff_only

REFUSED = 422
BOTH = ["GET", "HEAD", "POST"]


@require_http_methods(BOTH)
@staff_only
def sources(request: HttpRequest, actor: Actor) -> HttpResponse:
    if request.method != "POST":
        return shell.page(request, actor, "console/sources.html", contexts.sources(actor), current="sources")
    contexts.require(contexts.may_act(actor))
    said = _said(request)
    try:
        made = rooms.tracking.add_source(
            name=said.get("name", ""),
            label=said.get("label", ""),
            kind=said.get("kind", ""),
            user_scope=said.get("user_scope", ""),
            user_id_kind=said.get("user_id_kind", "account"),
            store_code=said.get("store_code", ""),
            origins=said.get("origins", "").split(),
            actor=actor,
        )
    except Refused as error:
        context = contexts.sources(actor, said, error=retell(str(error)))
        return shell.page(request, actor, "console/sources.html", context, current="sources", status=REFUSED)
    return HttpResponseRedirect(reverse("console:source", args=[made.source_id]))


@require_http_methods(BOTH)
@staff_only
def source(request: HttpRequest, actor: Actor, source_id: int) -> HttpResponse:
    address = request.build_absolute_uri("/")[:-1]
    if request.method != "POST":
        context = contexts.source(actor, source_id, address)
        return shell.page(request, actor, "console/source.html", context, current="sources")
    contexts.require(contexts.may_act(actor))
    try:
        made, done = _change(request, actor, source_id)
    except NotFound:
        raise
    except Refused as error:
        context = contexts.source(actor, source_id, address, error=retell(str(error)))
        return shell.page(request, actor, "console/source.html", context, current="sources", status=REFUSED)
    # A new key is shown by the answer itself: it is kept nowhere, and could not be asked for again
    context = contexts.source(actor, source_id, address, made=made, done=done)
    return shell.page(request, actor, "console/source.html", context, current="sources")


def _change(request: HttpRequest, actor: Actor, source_id: int) -> tuple[NewKey | None, str]:
    act, prefix = request.POST.get("act", ""), request.POST.get("prefix", "").split("_")
    if act == "key":
        made = rooms.tracking.add_key(source_id, scopes=request.POST.getlist("scopes"), actor=actor)
        return made, _("新密钥做好了")
    if act == "rotate":
        _own(source_id, prefix)
        return rooms.tracking.rotate_key(prefix[1], grace=contexts.GRACE, actor=actor), _("新密钥做好了")
    if act == "end":
        _own(source_id, prefix)
        rooms.tracking.end_key(prefix[1], actor=actor)
        return None, _("密钥已停用")
    said = _said(request)
    rate = said.get("rate", "")
    rooms.tracking.change_source(
        source_id,
        store_code=said.get("store_code", ""),
        origins=said.get("origins", "").split(),
        rate_per_minute=int(rate) if rate.isdecimal() and len(rate) < 10 else 0,
        is_enabled=said.get("is_enabled") == "1",
        actor=actor,
    )
    return None, _("已保存")


def _own(source_id: int, prefix: list[str]) -> None:
    """A key of another source looks like one that is not there."""
    known = {key.prefix for key in rooms.tracking.source_view(source_id).keys}
    if len(prefix) < 2 or prefix[1] not in known:
        raise NotFound


@require_http_methods(BOTH)
@staff_only
def plan(request: HttpRequest, actor: Actor) -> HttpResponse:
    text = request.GET.get("source", "")
    source_id = int(text) if text.isdecimal() and len(text) < 10 else 0
    if request.method != "POST":
        context = plans.plan(actor, source_id)
        return shell.page(request, actor, "console/plan.html", context, current="plan")
    contexts.require(contexts.may_act(actor))
    said = _said(request)
    try:
        done = _plan(said, actor)
    except NotFound:
        raise
    except Refused as error:
        context = plans.plan(actor, source_id, said, error=retell(str(error)))
        return shell.page(request, actor, "console/plan.html", context, current="plan", status=REFUSED)
    context = plans.plan(actor, source_id, done=done)
    return shell.page(request, actor, "console/plan.html", context, current="plan")


def _plan(said: dict[str, str], actor: Actor) -> str:
    if said.get("act") == "take_back":
        number = said.get("id", "")
        if not number.isdecimal() or len(number) > 9:
            raise NotFound
        rooms.tracking.take_back(int(number), actor=actor)
        return _("不再声明")
    rooms.tracking.declare(
        fact=said.get("fact", ""),
        name=said.get("name", ""),
        type=said.get("type", ""),
        klass=said.get("klass", ""),
        is_required=said.get("is_required") == "1",
        actor=actor,
    )
    return _("已声明 {name}").format(name=f"{said.get('fact')} · {said.get('name')}")


@require_GET
@staff_only
def stream(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = streams.stream(actor, request.GET.dict())
    return shell.page(request, actor, "console/stream.html", context, current="stream")


@require_GET
@staff_only
@panel
def stream_rows(request: HttpRequest, actor: Actor) -> HttpResponse:
    return shell.fragment(
        request, "console/parts/stream_rows.html", streams.stream(actor, request.GET.dict())
    )


@require_GET
@staff_only
def asides(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = streams.asides(actor, request.GET.dict(), done=request.GET.get("done", ""))
    return shell.page(request, actor, "console/asides.html", context, current="stream")


@require_http_methods(BOTH)
@staff_by_steps
def aside(request: HttpRequest, actor: Actor, aside_id: int) -> HttpResponse:
    if request.method != "POST":
        with scoped(actor):
            context = streams.aside(actor, aside_id)
            return shell.page(request, actor, "console/aside.html", context, current="stream")
    contexts.require(contexts.may_act(actor))
    text, reason = request.POST.get("text"), request.POST.get("reason", "").replace("\x00", "")
    if text is not None:
        contexts.require(actor.may_see_contacts)
    acts: dict[str, Callable[[], str]] = {
        "drop": lambda: _drop(aside_id, reason, actor),
        "replay": lambda: _replay(aside_id, text, actor),
    }
    try:
        done = acts.get(request.POST.get("act", ""), acts["replay"])()
    except NotFound:
        raise
    except Refused as error:
        with scoped(actor):
            context = streams.aside(actor, aside_id, text=text, error=retell(str(error)), reason=reason)
            return shell.page(request, actor, "console/aside.html", context, current="stream", status=REFUSED)
    return HttpResponseRedirect(f"{reverse('console:asides')}?done={done}")


def _drop(aside_id: int, reason: str, actor: Actor) -> str:
    rooms.tracking.drop(aside_id, reason=reason, actor=actor)
    return "dropped"


def _replay(aside_id: int, text: str | None, actor: Actor) -> str:
    verdict = rooms.tracking.replay(aside_id, text=text, actor=actor)
    if verdict.status == rooms.tracking.REJECTED:
        raise Refused(_("还是没有收下，原因见下面。"))
    return "replayed"


def _said(request: HttpRequest) -> dict[str, str]:
    return {name: value.replace("\x00", "") for name, value in request.POST.dict().items()}
