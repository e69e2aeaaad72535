from __future__ import annotations

from dataclasses import replace

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.web.console import shell
from huoshui.web.console.contexts import coupons as coupon_contexts
from huoshui.web.console.contexts import loyalty as contexts
from huoshui.web.console.contexts import offline_cap as offline_caps
from huoshui.web.console.contexts import points as points_contexts
from huoshui.web.console.contexts import rooms
from huoshui.web.console.contexts import rule_edit as edits
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import panel, staff_only, wants_fragment

REFUSED = 422


@require_GET
@staff_only
def loyalty(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = contexts.rules(actor, request.GET.get("done", ""))
    return shell.page(request, actor, "console/loyalty.html", context, current="loyalty")


@require_GET
@staff_only
@panel
def tier_counts(request: HttpRequest, actor: Actor) -> HttpResponse:
    return shell.fragment(request, "console/parts/loyalty_tiers.html", contexts.tier_counts(actor))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def rule(request: HttpRequest, actor: Actor) -> HttpResponse:
    return _edit(request, actor, edits.rule_target())


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def tier(request: HttpRequest, actor: Actor, rank: int) -> HttpResponse:
    return _edit(request, actor, edits.tier_target(rank))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_only
def bonus(request: HttpRequest, actor: Actor, code: str = "") -> HttpResponse:
    return _edit(request, actor, edits.bonus_target(code))


def _edit(request: HttpRequest, actor: Actor, target: edits.Target) -> HttpResponse:
    if request.method != "POST":
        context = edits.form(actor, target)
        return shell.page(request, actor, "console/loyalty_edit.html", context, current="loyalty")
    said = edits.fields(
        request.POST.dict(), {n: request.POST.getlist(n) for n in edits.SEVERAL if n in request.POST}
    )
    if said.get("act") == "save":
        try:
            with transaction.atomic():
                edits.save(actor, target, said)
            return HttpResponseRedirect(f"{reverse('console:loyalty')}?done={target.kind}")
        except NotFound:
            raise
        except Refused as error:
            context = edits.refused(actor, target, said, error)
    else:
        context = edits.try_out(actor, target, said)
    status = REFUSED if context.error else 200
    return shell.page(request, actor, "console/loyalty_edit.html", context, current="loyalty", status=status)


@require_POST
@staff_only
def end_bonus(request: HttpRequest, actor: Actor, code: str) -> HttpResponse:
    contexts.require(actor, acts=True)
    if code not in {b.code for b in rooms.loyalty.bonuses()}:
        raise NotFound
    with transaction.atomic():
        rooms.loyalty.end_bonus(code, actor=actor)
    return HttpResponseRedirect(f"{reverse('console:loyalty')}?done=ended")


@require_POST
@staff_only
def offline_cap(request: HttpRequest, actor: Actor, kind: str) -> HttpResponse:
    """Of points or of coupons; each has its form on the page of its rules."""
    said = request.POST.dict()
    try:
        with transaction.atomic():
            offline_caps.save(actor, kind, said)
    except NotFound:
        raise
    except Refused as error:
        cap = offline_caps.form(actor, kind, said=said, error=retell(str(error)))
        context: object
        if kind == offline_caps.POINTS:
            page, context = "loyalty", replace(contexts.rules(actor), offline=cap)
        else:
            page, context = "coupons", replace(coupon_contexts.coupons(actor, {}), offline=cap)
        return shell.page(request, actor, f"console/{page}.html", context, current=page, status=REFUSED)
    return HttpResponseRedirect(f"{reverse(offline_caps.PAGES[kind])}?done=offline#offline")


@require_GET
@staff_only
def rule_movers(request: HttpRequest, actor: Actor) -> HttpResponse:
    return _movers(request, actor, edits.rule_target())


@require_GET
@staff_only
def tier_movers(request: HttpRequest, actor: Actor, rank: int) -> HttpResponse:
    return _movers(request, actor, edits.tier_target(rank))


def _movers(request: HttpRequest, actor: Actor, target: edits.Target) -> HttpResponse:
    context = edits.movers(actor, target, request.GET.dict())
    if wants_fragment(request):
        return shell.fragment(request, "console/parts/behind.html", context)
    return shell.page(request, actor, "console/behind.html", context, current="loyalty")


@require_GET
@staff_only
@panel
def points_panel(request: HttpRequest, actor: Actor, person_id: int) -> HttpResponse:
    return shell.fragment(request, "console/parts/points.html", points_contexts.points(actor, person_id))


@staff_only
def points(request: HttpRequest, actor: Actor, person_id: int) -> HttpResponse:
    """All that moved, page by page; posted: points given or taken by hand."""
    if request.method == "POST":
        return _adjust(request, actor, person_id)
    context = points_contexts.history(actor, person_id, request.GET.dict())
    if wants_fragment(request) and "before" in request.GET:
        return shell.fragment(request, "console/parts/entries_more.html", context)
    return shell.page(request, actor, "console/points.html", context, current="people")


def _adjust(request: HttpRequest, actor: Actor, person_id: int) -> HttpResponse:
    said = request.POST.dict()
    try:
        with transaction.atomic():
            made = points_contexts.adjust(actor, person_id, said)
    except NotFound:
        raise
    except Refused as error:
        context = points_contexts.history(actor, person_id, {}, said=said, error=error)
        return shell.page(request, actor, "console/points.html", context, current="people", status=REFUSED)
    where = reverse("console:person-points", args=[person_id])
    return HttpResponseRedirect(f"{where}?done={made.id}&state={made.state}")


@require_GET
@staff_only
def adjustments(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = points_contexts.adjustments(actor, request.GET.dict())
    return shell.page(request, actor, "console/adjustments.html", context, current="loyalty")


@require_POST
@staff_only
def decide(request: HttpRequest, actor: Actor, adjustment_id: int) -> HttpResponse:
    try:
        with transaction.atomic():
            made = points_contexts.decide(actor, adjustment_id, request.POST.get("act", ""))
    except NotFound:
        raise
    except Refused as error:
        context = points_contexts.adjustments(actor, {}, error=error)
        return shell.page(
            request, actor, "console/adjustments.html", context, current="loyalty", status=REFUSED
        )
    return HttpResponseRedirect(f"{reverse('console:adjustments')}?done={made.state}")
