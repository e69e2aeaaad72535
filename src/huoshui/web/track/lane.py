"""The tracking API's own way through Django: no session, no CSRF token, no messages, no locale."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from huoshui.intake.tracking.api import settler
from huoshui.web.track.service import PREFIX, answer

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class TrackLane:
    """First in MIDDLEWARE."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response
        if settings.HUOSHUI_ROLE == "web":
            settler.start()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not f"{request.path_info}/".startswith(f"{PREFIX}/"):
            return self._get_response(request)
        response = answer(request)
        # Django writes a line for each answer of 400 and above; a refused request is no event, a failure has its own
        response._has_been_logged = True  # type: ignore[attr-defined]  # what django.utils.log looks at
        headers = response.headers
        headers["Content-Length"] = str(len(response.content))
        headers["X-Content-Type-Options"] = "nosniff"
        headers.setdefault("Cache-Control", "no-store")
        if settings.SECURE_HSTS_SECONDS:
            headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
        return response
