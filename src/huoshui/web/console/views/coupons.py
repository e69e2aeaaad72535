from __future__ import annotations

import csv
import io
from collections.abc import Callable
from urllib.parse import urlencode

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.web.console import shell
from huoshui.web.console.contexts import coupon_form, coupon_uses, rooms
from huoshui.web.console.contexts import coupons as contexts
from huoshui.web.console.contexts.coupon_reading import Values, amount_of, count_of, filled
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import panel, staff_only, wants_fragment

REFUSED = 422


def _values(request: HttpRequest) -> Values:
    return dict(request.POST.lists())


@require_GET
@staff_only
def coupons(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = contexts.coupons(actor, request.GET.dict())
    return shell.page(request, actor, "console/coupons.html", context, current="coupons")


@require_GET
@staff_only
def coupon(request: HttpRequest, actor: Actor, template_id: int) -> HttpResponse:
    context = contexts.coupon(
        actor, template_id, done=request.GET.get("done", ""), figures=request.GET.dict()
    )
    return shell.page(request, actor, "console/coupon.html", context, current="coupons")


@require_GET
@staff_only
@panel
def uses(request: HttpRequest, actor: Actor, template_id: int) -> HttpResponse:
    return shell.fragment(
        request, "console/parts/coupon_uses.html", coupon_uses.uses(actor, template_id, request.GET.dict())
    )


@require_GET
@staff_only
def behind(request: HttpRequest, actor: Actor, template_id: int) -> HttpResponse:
    context = coupon_uses.behind(actor, template_id, request.GET.dict())
    if wants_fragment(request):
        return shell.fragment(request, "console/parts/coupon_behind.html", context)
    return shell.page(request, actor, "console/coupon_behind.html", context, current="coupons")


@require_POST
@staff_only
def preview(request: HttpRequest, actor: Actor) -> HttpResponse:
    context = coupon_form.preview(actor, _values(request))
    return shell.fragment(request, "console/parts/coupon_preview.html", context)


@require_http_methods(["GET", "POST"])
@staff_only
def new(request: HttpRequest, actor: Actor) -> HttpResponse:
    return _edit(request, actor, None)


@require_http_methods(["GET", "POST"])
@staff_only
def rule(request: HttpRequest, actor: Actor, template_id: int) -> HttpResponse:
    return _edit(request, actor, template_id)


def _edit(request: HttpRequest, actor: Actor, template_id: int | None) -> HttpResponse:
    if request.method != "POST":
        return _form(request, actor, coupon_form.form(actor, template_id))
    values = _values(request)
    shown = coupon_form.form(actor, template_id, values)
    told = filled(values)
    if not told.is_whole or shown.is_beyond:
        return _form(request, actor, shown, status=REFUSED)
    try:
        with transaction.atomic():
            if template_id is None:
                template_id = rooms.campaigns.create_template(title=told.title, rule=told.told, actor=actor)
            else:
                rooms.campaigns.revise_template(
                    template_id=template_id, title=told.title, rule=told.told, actor=actor
                )
    except NotFound:
        raise
    except Refused as error:
        refused = coupon_form.form(actor, template_id, values, error=retell(str(error)))
        return _form(request, actor, refused, status=REFUSED)
    return _to(template_id, "saved")


def _form(
    request: HttpRequest, actor: Actor, context: coupon_form.FormContext, *, status: int = 200
) -> HttpResponse:
    return shell.page(request, actor, "console/coupon_form.html", context, current="coupons", status=status)


def _to(template_id: int, done: str, **figures: int) -> HttpResponse:
    return HttpResponseRedirect(
        f"{reverse('console:coupon', args=[template_id])}?{urlencode({'done': done, **figures})}"
    )


@require_POST
@staff_only
def act(request: HttpRequest, actor: Actor, template_id: int, verb: str) -> HttpResponse:
    """Publish, pause or end."""
    verbs: dict[str, Callable[..., None]] = {
        "publish": rooms.campaigns.publish_template,
        "pause": rooms.campaigns.pause_template,
        "end": rooms.campaigns.end_template,
    }
    if verb not in verbs:
        raise Http404
    return _done(request, actor, template_id, verb, lambda: verbs[verb](template_id=template_id, actor=actor))


@require_POST
@staff_only
def fund(request: HttpRequest, actor: Actor, template_id: int) -> HttpResponse:
    """The form carries a key, so that pressing twice sets the money aside once."""
    amount, key = amount_of(request.POST.get("amount", "")), request.POST.get("key", "")[:64]

    def add() -> None:
        if amount is None or not key:
            raise Refused(_("写要拨入的金额，比如 5000。"))
        rooms.campaigns.fund(template_id=template_id, amount=amount, key=key, actor=actor)

    return _done(request, actor, template_id, "fund", add)


@require_POST
@staff_only
def share(request: HttpRequest, actor: Actor, template_id: int) -> HttpResponse:
    """One code for many."""
    code, uses = request.POST.get("code", ""), count_of(request.POST.get("uses", ""), most=contexts.MOST_USES)

    def add() -> None:
        if uses is None:
            raise Refused(_("写最多能用几次，比如 500。"))
        rooms.campaigns.share_code(template_id=template_id, code=_plain(code)[:40], uses=uses, actor=actor)

    return _done(request, actor, template_id, "share", add)


@require_POST
@staff_only
def void(request: HttpRequest, actor: Actor, template_id: int) -> HttpResponse:
    """Codes of this coupon, one a line or with spaces between, taken out of use. The rest of them is told to be as it was."""
    coupon_form.require(coupon_form.may_act(actor))
    told = list(dict.fromkeys(_plain(request.POST.get("codes", "")).split()))
    reason = _plain(request.POST.get("reason", ""))[:200]
    try:
        with transaction.atomic():
            gone = _void(template_id, told, reason, actor)
    except NotFound:
        raise
    except Refused as error:
        return _refused(request, actor, template_id, error)
    return _to(template_id, "void", n=len(gone), left=len(told) - len(gone))


def _void(template_id: int, told: list[str], reason: str, actor: Actor) -> list[str]:
    if not told or len(told) > contexts.MOST_VOIDED:
        raise Refused(_("写要作废的券码，一行一个，一次最多 1,000 个。"))
    mine = [held.code for held in rooms.campaigns.find(told) if held.template_id == template_id]
    return list(rooms.campaigns.void(told=mine, reason=reason, actor=actor))


def _plain(text: str) -> str:
    """PostgreSQL keeps no U+0000."""
    return text.replace("\x00", "")


def _done(
    request: HttpRequest, actor: Actor, template_id: int, done: str, carry_out: Callable[[], None]
) -> HttpResponse:
    coupon_form.require(coupon_form.may_act(actor))
    try:
        with transaction.atomic():
            carry_out()
    except NotFound:
        raise
    except Refused as error:
        return _refused(request, actor, template_id, error)
    return _to(template_id, done)


def _refused(request: HttpRequest, actor: Actor, template_id: int, error: Refused) -> HttpResponse:
    context = contexts.coupon(actor, template_id, error=retell(str(error)))
    return shell.page(request, actor, "console/coupon.html", context, current="coupons", status=REFUSED)


@require_POST
@staff_only
def codes(request: HttpRequest, actor: Actor, template_id: int) -> HttpResponse:
    """New codes as a file, once: they are shown nowhere else."""
    coupon_form.require(coupon_form.may_act(actor))
    count = count_of(request.POST.get("count", ""), most=contexts.MOST_PRINTED)
    try:
        with transaction.atomic():
            if count is None:
                raise Refused(_("写要印的张数，一次最多 10,000 张。"))
            made = rooms.campaigns.print_codes(template_id=template_id, count=count, actor=actor)
    except NotFound:
        raise
    except Refused as error:
        return _refused(request, actor, template_id, error)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerows([[_("券码")], *([code] for code in made)])
    # With a mark, or spreadsheets read Chinese as something else
    response = HttpResponse(text.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="coupon-{template_id}-codes.csv"'
    response.headers["Cache-Control"] = "no-store"
    return response
