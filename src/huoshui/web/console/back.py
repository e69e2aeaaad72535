"""Nobody is left at an address that takes forms only.

A form that was refused is shown again at the address it was sent to. Whoever then chooses another language, or asks for that
address again, asks for a page there is none of: they get the nearest page above it (`/coupons/7/void/` → `/coupons/7/`).
"""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import Resolver404, ResolverMatch, resolve

from huoshui.web.console.views.access import wants_fragment

GetResponse = Callable[[HttpRequest], HttpResponseBase]
_OURS = ("huoshui.web.console.", "huoshui.web.guide.")


class BackMiddleware:
    """For browsers alone: programs are told 405."""

    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._get_response(request)
        if response.status_code != 405 or request.method not in ("GET", "HEAD"):
            return response
        if wants_fragment(request) or "text/html" not in request.headers.get("Accept", ""):
            return response
        above = page_above(request.path_info)
        return see_other(above) if above else response


def see_other(address: str) -> HttpResponse:
    """What a form did is seen at an address of its own."""
    return HttpResponse(status=303, headers={"Location": address})


def page_above(path: str) -> str:
    """The nearest address above of the console; should it take forms only too, whoever goes there is sent on upwards."""
    if not _is_ours(_resolved(path)):
        return ""
    parts = path.strip("/").split("/")
    above = (f"/{'/'.join(parts[:count])}/" for count in range(len(parts) - 1, 0, -1))
    return next((address for address in above if _is_ours(_resolved(address))), "/")


def _resolved(path: str) -> ResolverMatch | None:
    try:
        return resolve(path)
    except Resolver404:
        return None


def _is_ours(found: ResolverMatch | None) -> bool:
    return found is not None and found.func.__module__.startswith(_OURS)
