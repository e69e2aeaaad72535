"""The API's own way through Django: a till's sale pays for no session, no CSRF token, no messages, no locale.

Those are for people with a browser; a caller with a key in a header has no use for them.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.urls import resolve

from huoshui.web.api import problems
from huoshui.web.api.problems import Problem
from huoshui.web.api.service import PREFIX, on_exception

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class ApiLane:
    """First in MIDDLEWARE. What is not the API's, and the API's page for people, goes the common way."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        is_page = path == f"{PREFIX}docs" and request.method in ("GET", "HEAD")
        if is_page or not f"{path}/".startswith(PREFIX):
            return self._get_response(request)
        response = answer(request)
        # Django writes a line for each answer of 400 and above; a refused coupon is no event, and a failure has its own line
        response._has_been_logged = True  # type: ignore[attr-defined]  # what django.utils.log looks at
        if isinstance(response, HttpResponse):
            response["Content-Length"] = str(len(response.content))
        response["X-Content-Type-Options"] = "nosniff"
        response.headers.setdefault("Cache-Control", "no-store")
        if settings.SECURE_HSTS_SECONDS:
            response["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
        return response


def answer(request: HttpRequest) -> HttpResponseBase:
    try:
        found = resolve(request.path_info)
        response: HttpResponseBase = found.func(request, *found.args, **found.kwargs)
    except Http404:
        return problems.response_of(request, Problem("not_found"))
    except Exception as error:
        return on_exception(request, error)
    if isinstance(response, HttpResponseNotAllowed):
        return _not_allowed(request, response)
    return response


def _not_allowed(request: HttpRequest, response: HttpResponseNotAllowed) -> HttpResponse:
    allowed = ", ".join(sorted(response["Allow"].split(", ")))
    return problems.response_of(request, Problem("method_not_allowed", {"allowed": allowed}))
