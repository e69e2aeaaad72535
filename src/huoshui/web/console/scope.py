"""Each request of a signed-in user runs in a transaction in which only what the user may see exists."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from huoshui.brand import api as brand
from huoshui.core.scope import scoped

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class ScopeMiddleware:
    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return self._get_response(request)
        with scoped(brand.actor_of(request.user)):
            return self._get_response(request)
