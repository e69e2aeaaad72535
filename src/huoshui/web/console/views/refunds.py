from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huoshui.core.actor import Actor
from huoshui.core.approvals.api import Approval
from huoshui.core.errors import NotFound, Refused, RetryLater
from huoshui.core.scope import scoped
from huoshui.web.console import shell
from huoshui.web.console.contexts import refund_search, refund_waiting, rooms
from huoshui.web.console.contexts import refunds as contexts
from huoshui.web.console.contexts.coupon_reading import Values
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import staff_by_steps, staff_only, wants_fragment

REFUSED = 422


@require_GET
@staff_only
def refunds(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = refund_search.search(actor, request.GET.dict())
    if wants_fragment(request):
        return shell.fragment(request, "console/parts/refunds_found.html", context)
    return shell.page(request, actor, "console/refunds.html", context, current="refunds")


@require_GET
@staff_only
def waiting(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = refund_waiting.page(actor, request.GET.dict())
    return shell.page(request, actor, "console/refunds_waiting.html", context, current="refunds")


@require_POST
@staff_by_steps
def decide(request: HttpRequest, actor: Actor, approval_id: int) -> HttpResponse:
    try:
        done = refund_waiting.decide(actor, approval_id, request.POST.get("act", ""))
    except NotFound:
        raise
    except (Refused, RetryLater) as error:
        return _waiting(request, actor, error=error)
    return HttpResponseRedirect(f"{reverse('console:refunds-waiting')}?done={done}")


@require_POST
@staff_by_steps
def limits(request: HttpRequest, actor: Actor) -> HttpResponse:
    said = request.POST.dict()
    with scoped(actor):
        errors = refund_waiting.set_limits(actor, said)
    if errors:
        return _waiting(request, actor, said=said, errors=errors)
    return HttpResponseRedirect(f"{reverse('console:refunds-waiting')}?done=limits")


def _waiting(request: HttpRequest, actor: Actor, **more: Any) -> HttpResponse:
    with scoped(actor):
        context = refund_waiting.page(actor, {}, **more)
        return shell.page(
            request, actor, "console/refunds_waiting.html", context, current="refunds", status=REFUSED
        )


@require_http_methods(["GET", "POST"])
@staff_by_steps
def refund(request: HttpRequest, actor: Actor, fact_id: int) -> HttpResponse:
    with scoped(actor):
        order = contexts.open_order(actor, fact_id)
    values: Values = dict(request.POST.lists()) if request.method == "POST" else {"way": ["whole"]}
    if request.method == "POST" and request.POST.get("act") == "confirm":
        return _confirm(request, actor, order, values)
    errors, told, notice = _rehearsed(actor, order, values)
    done = request.GET.get("done", "")
    if request.GET.get("asked") == "rejected":
        notice = _("这一笔另一位同事已经拒绝了；要再退，请改好重新提交。")
    return _page(
        request,
        actor,
        contexts.page(
            actor, order, values, errors=errors, told=told, notice=notice, done=_said(actor, order, done)
        ),
        status=REFUSED if errors else 200,
    )


@require_POST
@staff_by_steps
def preview(request: HttpRequest, actor: Actor, fact_id: int) -> HttpResponse:
    """What will happen, while one is still choosing."""
    with scoped(actor):
        order = contexts.open_order(actor, fact_id)
    values: Values = dict(request.POST.lists())
    errors, told, notice = _rehearsed(actor, order, values)
    with scoped(actor):
        context = contexts.page(actor, order, values, errors=errors, told=told, notice=notice)
        return shell.fragment(request, "console/parts/refund_preview.html", context)


def _rehearsed(
    actor: Actor, order: contexts.Order, values: Values
) -> tuple[dict[str, str], contexts.Will | None, str]:
    wanted = contexts.asked(actor, order, values)
    if wanted.errors or not contexts.has_left(order):
        return dict(wanted.errors), None, ""
    try:
        rehearsed = rooms.tills.rehearse(order.till, wanted.command, by=actor)
    except RetryLater:
        return {}, None, _("这一单正被别处改动，请等几秒再看。")
    told = contexts.will(actor, order, wanted, rehearsed)
    return contexts.line_errors(order, wanted, rehearsed), told, ""


def _confirm(request: HttpRequest, actor: Actor, order: contexts.Order, values: Values) -> HttpResponse:
    """Carried out if it is what was seen, and once: pressed twice it is the same refund."""
    wanted = contexts.asked(actor, order, values)
    errors, told, notice = _rehearsed_again(actor, order, wanted, request.POST.get("seen", ""))
    if not wanted.command.body["reason"]:
        errors = {**errors, "reason": _("写一句为什么退，以后好查。")}
    if errors or notice or (told is not None and told.wrong):
        context = contexts.page(actor, order, values, errors=errors, told=told, notice=notice)
        return _page(request, actor, context, status=REFUSED)
    try:
        outcome = rooms.tills.give_back(order.till, wanted.command, by=actor)
    except RetryLater:
        notice = _("这一单正被别处改动，请等几秒再确认；还没有退。")
        return _page(
            request, actor, contexts.page(actor, order, values, told=told, notice=notice), status=REFUSED
        )
    url = reverse("console:refund", args=[order.sale.fact_id])
    if isinstance(outcome, Approval):
        return HttpResponseRedirect(f"{url}?{urlencode({'asked': outcome.state})}")
    if outcome.state == "refused":
        notice = _("、").join(retell(r.message) for r in outcome.refusals)
        return _page(
            request, actor, contexts.page(actor, order, values, told=told, notice=notice), status=REFUSED
        )
    return HttpResponseRedirect(f"{url}?{urlencode({'done': outcome.fact_id})}")


def _rehearsed_again(
    actor: Actor, order: contexts.Order, wanted: contexts.Asked, seen: str
) -> tuple[dict[str, str], contexts.Will | None, str]:
    if wanted.errors:
        return dict(wanted.errors), None, ""
    try:
        rehearsed = rooms.tills.rehearse(order.till, wanted.command, by=actor)
    except RetryLater:
        return {}, None, _("这一单正被别处改动，请等几秒再确认；还没有退。")
    if rehearsed.outcome.is_repeat:
        return {}, None, ""
    told = contexts.will(actor, order, wanted, rehearsed)
    notice = "" if told.seen == seen else _("和刚才看到的不一样了，请再看一遍右边，再确认。")
    return contexts.line_errors(order, wanted, rehearsed), told, notice


def _said(actor: Actor, order: contexts.Order, done: str) -> str:
    """Of a refund of this order that has just been made; nothing for a number out of the blue."""
    if not done.isdecimal() or int(done) not in order.state.fact_ids or int(done) == order.sale.fact_id:
        return ""
    lines = rooms.facts.lines_of([int(done)])
    return contexts.said_of(-sum(line.amount for line in lines))


def _page(
    request: HttpRequest, actor: Actor, context: contexts.RefundContext, *, status: int = 200
) -> HttpResponse:
    with scoped(actor):
        return shell.page(request, actor, "console/refund.html", context, current="refunds", status=status)
