"""企业微信: one customer's code on the console and on the guide's phone, the settings, and what WeCom calls back with."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused, RetryLater
from huoshui.intake.wecom import api as wecom
from huoshui.web.api.limits import Buckets
from huoshui.web.console import shell
from huoshui.web.console.contexts import wecom as contexts
from huoshui.web.console.retell import retell
from huoshui.web.console.views.access import panel, staff_only

FORBIDDEN, REFUSED, TOO_MANY, BUSY = 403, 422, 429, 503
_STRANGERS = 60
"""A minute from one address that sends what is not signed."""
_strangers = Buckets()


@require_POST
@never_cache
@staff_only
def add(request: HttpRequest, actor: Actor, person_id: int) -> HttpResponse:
    """Ask for her code; then it is shown as soon as a worker has it."""
    return _add(request, actor, person_id, on_phone=False)


@require_GET
@never_cache
@staff_only
def code(request: HttpRequest, actor: Actor, person_id: int, way_id: int) -> HttpResponse:
    return _code(request, actor, person_id, way_id, on_phone=False)


@require_POST
@never_cache
@staff_only
def guide_add(request: HttpRequest, actor: Actor, person_id: int) -> HttpResponse:
    contexts.require_server(actor)
    return _add(request, actor, person_id, on_phone=True)


@require_GET
@never_cache
@staff_only
def guide_code(request: HttpRequest, actor: Actor, person_id: int, way_id: int) -> HttpResponse:
    contexts.require_server(actor)
    return _code(request, actor, person_id, way_id, on_phone=True)


def _add(request: HttpRequest, actor: Actor, person_id: int, *, on_phone: bool) -> HttpResponse:
    try:
        with transaction.atomic():
            way_id = wecom.ask(actor, person_id)
    except NotFound:
        raise
    except Refused as error:
        return _refused(request, actor, person_id, error, on_phone=on_phone)
    name = "guide-wecom-code" if on_phone else "wecom-code"
    return HttpResponseRedirect(reverse(f"console:{name}", args=[person_id, way_id]))


def _code(request: HttpRequest, actor: Actor, person_id: int, way_id: int, *, on_phone: bool) -> HttpResponse:
    try:
        context = contexts.code(actor, person_id, way_id, on_phone=on_phone)
    except NotFound:
        raise
    except Refused as error:
        return _refused(request, actor, person_id, error, on_phone=on_phone)
    return _shown(request, actor, context, on_phone=on_phone)


def _refused(
    request: HttpRequest, actor: Actor, person_id: int, error: Refused, *, on_phone: bool
) -> HttpResponse:
    context = contexts.refused(person_id, retell(str(error)), on_phone=on_phone)
    return _shown(request, actor, context, on_phone=on_phone, status=REFUSED)


def _shown(
    request: HttpRequest, actor: Actor, context: contexts.CodePage, *, on_phone: bool, status: int = 200
) -> HttpResponse:
    if on_phone:
        return render(request, "guide/wecom.html", {"page": context}, status=status)
    return shell.page(request, actor, "console/wecom_code.html", context, current="people", status=status)


@sensitive_post_parameters("secret", "token", "aes_key")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@staff_only
def settings(request: HttpRequest, actor: Actor) -> HttpResponse:
    root = request.build_absolute_uri("/").rstrip("/")
    if request.method != "POST":
        context = contexts.settings(actor, root=root, done=request.GET.get("done", ""))
        return shell.page(request, actor, "console/wecom.html", context, current="wecom")
    said = {name: request.POST.get(name, "") for name in ("corp_id", "secret", "token", "aes_key")}
    try:
        with transaction.atomic():
            if request.POST.get("act") != "try":
                wecom.save(**said, actor=actor)
            wecom.ask_trial(actor=actor)
    except NotFound:
        raise
    except Refused as error:
        context = contexts.settings(actor, root=root, error=retell(str(error)), said=said)
        return shell.page(request, actor, "console/wecom.html", context, current="wecom", status=REFUSED)
    done = "" if request.POST.get("act") == "try" else "?done=saved"
    return HttpResponseRedirect(f"{reverse('console:wecom')}{done}")


@require_GET
@staff_only
@panel
def trial(request: HttpRequest, actor: Actor) -> HttpResponse:
    return shell.fragment(request, "console/parts/wecom_trial.html", contexts.trial(actor))


@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def callback(request: HttpRequest) -> HttpResponse:
    """Where WeCom calls: signed and sealed by what the house and it alone know. Told again, it is answered alike."""
    asked = {name: request.GET.get(name, "") for name in ("msg_signature", "timestamp", "nonce")}
    try:
        if request.method == "GET":
            answer = wecom.verify(**asked, echo=request.GET.get("echostr", ""))
        else:
            if int(request.headers.get("Content-Length") or 0) > wecom.LARGEST:
                raise wecom.Tampered
            wecom.hear(request.body, **asked)
            answer = b"success"
    except wecom.Tampered:
        is_often = _strangers.take(hash(request.META.get("REMOTE_ADDR", "")), _STRANGERS)
        return HttpResponse(status=TOO_MANY if is_often else FORBIDDEN)
    except RetryLater:
        return HttpResponse(status=BUSY)
    return HttpResponse(answer, content_type="text/plain")
