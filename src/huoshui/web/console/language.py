"""The language its user chose, and simplified Chinese until then, whatever the browser asks for.

A till's or an office's browser is often set up in a language nobody there reads.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class LanguageMiddleware:
    def __init__(self, get_response: GetResponse) -> None:
        self._get_response = get_response
        self._spoken = {code for code, _ in settings.LANGUAGES}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        code = chosen if chosen in self._spoken else settings.LANGUAGE_CODE
        with translation.override(code):
            request.LANGUAGE_CODE = code
            response = self._get_response(request)
            response.headers.setdefault("Content-Language", code)
            return response
