"""The steps that all ways of signing in share."""

from __future__ import annotations

import time
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import get_user_model, login
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from huoshui.brand import api as brand

BACKEND: Final = "django.contrib.auth.backends.ModelBackend"
DEVICE: Final = "huoshui-device"
_WAITS: Final = "waits for a second factor"
_WAIT_SECONDS: Final = 600


def enter(
    request: HttpRequest, user: Any, staff_id: int, how: str, *, to: str, device_id: int | None = None
) -> HttpResponse:
    """In; the window is noted, so that it can be closed."""
    request.session.pop(_WAITS, None)
    with transaction.atomic():
        login(request, user, backend=BACKEND)
        if not request.session.session_key:
            request.session.save()
        brand.sessions.note(
            str(request.session.session_key), staff_id, how, browser=browser(request), device_id=device_id
        )
    return HttpResponseRedirect(to)


def wait(request: HttpRequest, user: Any, *, to: str) -> None:
    """The password was right; for ten minutes the second step may follow, in this window."""
    request.session.cycle_key()
    request.session[_WAITS] = {"user": user.pk, "to": to, "at": time.time()}


def waiting(request: HttpRequest) -> tuple[Any, str] | None:
    """Who has shown a password in this window and no more, and where they want to go."""
    kept = request.session.get(_WAITS)
    if not kept or time.time() - kept["at"] > _WAIT_SECONDS:
        return None
    user = get_user_model().objects.filter(pk=kept["user"], is_active=True).first()
    return (user, kept["to"]) if user is not None else None


def browser(request: HttpRequest) -> str:
    """In words that its owner knows again."""
    told = request.headers.get("User-Agent", "")
    device = next((word for sign, word in _DEVICES if sign in told), "")
    return " · ".join(filter(None, (device, next((word for sign, word in _BROWSERS if sign in told), ""))))


_DEVICES = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("HarmonyOS", "HarmonyOS"), ("Android", "Android"),
    ("Windows", "Windows"), ("Macintosh", "Mac"), ("Linux", "Linux"),
)  # fmt: skip
_BROWSERS = (
    ("wxwork", "企业微信"), ("MicroMessenger", "微信"), ("Edg", "Edge"), ("Firefox", "Firefox"), ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)  # fmt: skip


def asked_from(request: HttpRequest) -> str:
    """The caller's address; behind a proxy of one's own (HUOSHUI_HTTPS) the one that the proxy saw."""
    told = request.headers.get("X-Forwarded-For", "") if settings.SECURE_PROXY_SSL_HEADER else ""
    return told.rpartition(",")[2].strip() or str(request.META.get("REMOTE_ADDR", ""))


# ---- remembered devices ----------------------------------------------------------------------------------------------


def remembered(request: HttpRequest) -> Any:
    token = request.COOKIES.get(DEVICE, "")
    return brand.sessions.known(token) if token else None


def keep(response: HttpResponse, token: str) -> None:
    response.set_cookie(
        DEVICE,
        token,
        max_age=brand.sessions.REMEMBERED,
        httponly=True,
        samesite="Lax",
        secure=bool(settings.SESSION_COOKIE_SECURE),
    )
