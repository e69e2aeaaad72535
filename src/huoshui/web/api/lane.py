"""The API's own way through Django: a till's sale pays for no session, no CSRF token, no messages, no locale.

Those are for people with a browser; a caller with a key in a header has no use for them.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from huoshui.web.api import addresses  # noqa: F401  (declares them)
from huoshui.web.api.service import PREFIX, answer

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class ApiLane:
    """First in MIDDLEWARE. What is not the API's, and the API's page for people, goes the common way."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        is_page = path == f"{PREFIX}/docs" and request.method in ("GET", "HEAD")
        if is_page or not f"{path}/".startswith(f"{PREFIX}/"):
            return self._get_response(request)
        return finished(answer(request))


def finished(response: HttpResponse) -> HttpResponse:
    """With what the middleware that a lane goes past would have added."""
    # Django writes a line for each answer of 400 and above; a refused coupon is no event, and a failure has its own line
    response._has_been_logged = True  # type: ignore[attr-defined]  # what django.utils.log looks at
    headers = response.headers
    headers["Content-Length"] = str(len(response.content))
    headers["X-Content-Type-Options"] = "nosniff"
    headers.setdefault("Cache-Control", "no-store")
    if settings.SECURE_HSTS_SECONDS:
        headers["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
    return response
