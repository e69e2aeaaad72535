"""The second step of head office, and the phone's way in."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import segno
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from huoshui.brand import api as brand
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused, RetryLater
from huoshui.core.phone import NotAPhone, normalise
from huoshui.people import api as people
from huoshui.web.console import demo, shell
from huoshui.web.console.contexts import my_devices as contexts
from huoshui.web.console.retell import retell
from huoshui.web.console.views import sign_in
from huoshui.web.console.views.access import staff_only
from huoshui.web.console.views.auth import enter_by_device, frame, whereto

REFUSED, TOO_MANY = 422, 429
_ASKED = "asked for a code"


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def factor(request: HttpRequest) -> HttpResponse:
    """The code on the phone, or one kept for the day the phone is gone."""
    found = _half_in(request)
    if found is None:
        return HttpResponseRedirect(reverse("console:login"))
    user, actor, to = found
    if brand.second_factor.wanted(actor, user.get_username()) != "ask":
        return HttpResponseRedirect(reverse("console:login-enrol"))
    error, status = "", 200
    if request.method == "POST":
        try:
            with transaction.atomic():
                how = brand.second_factor.check(request.POST.get("code", ""), actor=actor)
            if how is not None:
                return sign_in.enter(request, user, actor.id, how, to=to)
            error, status = _("动态码不对。请看手机上现在的 6 位数字。"), REFUSED
        except RetryLater as refusal:
            error, status = retell(str(refusal)), TOO_MANY
    return render(request, "console/login_factor.html", {**frame(), "error": error}, status=status)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """The first time: scan, type what the phone shows, and keep the ten codes."""
    found = _half_in(request)
    if found is None:
        return HttpResponseRedirect(reverse("console:login"))
    user, actor, to = found
    if brand.second_factor.wanted(actor, user.get_username()) != "enrol":
        return HttpResponseRedirect(reverse("console:login-factor"))
    error, status = "", 200
    if request.method == "POST":
        try:
            with transaction.atomic():
                codes = brand.second_factor.confirm(request.POST.get("code", ""), actor=actor)
            if codes is not None:
                sign_in.enter(request, user, actor.id, "factor", to=to)
                return render(request, "console/login_recovery.html", {**frame(), "codes": codes, "to": to})
            error, status = _("动态码不对。请看手机上现在的 6 位数字。"), REFUSED
        except RetryLater as refusal:
            error, status = retell(str(refusal)), TOO_MANY
    with transaction.atomic():
        secret = brand.second_factor.begin(actor.id, user.get_username())
    context = {**frame(), "error": error, "secret": _grouped(secret.text), "code": _drawn(secret.uri)}
    return render(request, "console/login_enrol.html", context, status=status)


def _half_in(request: HttpRequest) -> tuple[Any, Actor, str] | None:
    found = sign_in.waiting(request)
    if found is None:
        return None
    try:
        return found[0], brand.actor_of(found[0]), found[1]
    except NotFound:
        return None


def _drawn(uri: str) -> SafeString:
    out = BytesIO()
    segno.make(uri, micro=False).save(out, kind="svg", scale=4, border=2, xmldecl=False, svgns=True, nl=False)
    return mark_safe(out.getvalue().decode())


def _grouped(secret: str) -> str:
    return " ".join(secret[i : i + 4] for i in range(0, len(secret), 4))


# ---- by phone --------------------------------------------------------------------------------------------------------


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def phone(request: HttpRequest) -> HttpResponse:
    """A phone, then the code that was sent to it. Whose phone it is, or nobody's, is answered alike."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(reverse("console:today"))
    to = whereto(request, request.POST.get("next") or request.GET.get("next", ""))
    context: dict[str, Any] = {"next": to, "error": "", "phone": "", "simulated": "", "is_sent": False}
    status = 200
    if request.method == "POST" and "code" in request.POST:
        entered = _enter_by_code(request, to)
        if entered is not None:
            return entered
        asked = request.session.get(_ASKED) or {}
        context |= {"phone": asked.get("phone", ""), "is_sent": bool(asked)}
        context["error"] = _("验证码不对，或者已经过期。错 5 次就要重新要一个。")
        status = REFUSED
    elif request.method == "POST":
        context["phone"] = request.POST.get("phone", "")[:30]
        try:
            context |= _ask(request, context["phone"])
        except NotAPhone:
            context["error"], status = _("这不像手机号，请看一下。"), REFUSED
        except RetryLater as refusal:
            context["error"], status = retell(str(refusal)), TOO_MANY
        except Refused as refusal:
            context["error"], status = retell(str(refusal)), REFUSED
    return render(
        request,
        "console/login_phone.html",
        {
            **frame(),
            **context,
            "is_offered": brand.phone_codes.is_offered(),
            "demo_phones": demo.phones(),
        },
        status=status,
    )


def _ask(request: HttpRequest, told: str) -> dict[str, Any]:
    number = normalise(told)
    asked = brand.phone_codes.ask(number, people.staff_of_phone(number), address=sign_in.asked_from(request))
    request.session[_ASKED] = {"id": asked.id, "phone": number}
    return {"phone": number, "is_sent": True, "simulated": asked.simulated}


def _enter_by_code(request: HttpRequest, to: str) -> HttpResponse | None:
    asked = request.session.get(_ASKED)
    if not asked:
        return None
    with transaction.atomic():
        staff_id = brand.phone_codes.check(asked["id"], asked["phone"], request.POST.get("code", ""))
        user = brand.sessions.user_for(staff_id) if staff_id is not None else None
        if staff_id is None or user is None:
            return None
        device_id, token = (
            brand.sessions.remember(staff_id, browser=sign_in.browser(request))
            if request.POST.get("remember")
            else (None, "")
        )
    request.session.pop(_ASKED, None)
    response = sign_in.enter(request, user, staff_id, "phone", to=to, device_id=device_id)
    if token:
        sign_in.keep(response, token)
    return response


device = require_POST(never_cache(enter_by_device))


# ---- my devices ------------------------------------------------------------------------------------------------------


@never_cache
@staff_only
@require_http_methods(["GET", "POST"])
def my_devices(request: HttpRequest, actor: Actor) -> HttpResponse:
    """Where one is remembered; forget one of them, or sign out everywhere."""
    done = ""
    if request.method == "POST":
        if request.POST.get("act") == "everywhere":
            brand.sessions.end_everywhere(actor)
            return HttpResponseRedirect(reverse("console:login"))
        told = request.POST.get("device", "")
        brand.sessions.end_device(
            device_id=int(told) if told.isdecimal() and len(told) < 18 else 0, actor=actor
        )
        done = _("这台设备已经忘掉，上面的登录也结束了。")
    return shell.page(
        request,
        actor,
        "console/my_devices.html",
        contexts.page(actor, sign_in.remembered(request), done),
        current="",
    )
