"""Pages for what went wrong; the project names them (handler404, handler500, CSRF_FAILURE_VIEW)."""

from __future__ import annotations

import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Absent and forbidden look alike, so that an address tells nothing about other people's customers."""
    return render(request, "console/not_found.html", status=404)


def failed(request: HttpRequest) -> HttpResponse:
    return render(request, "console/failed.html", {"number": secrets.token_hex(3).upper()}, status=500)


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "console/stale_form.html", status=403)


def locked(request: HttpRequest, credentials: object = None, *args: object, **kwargs: object) -> HttpResponse:
    """Too many wrong passwords (AXES_LOCKOUT_CALLABLE)."""
    return render(request, "console/locked.html", status=429)
