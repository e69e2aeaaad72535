"""The tracking API's own way through Django: no session, no CSRF token, no messages, no locale."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from huoshui.intake.tracking.api import settler
from huoshui.web.api.lane import finished
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
        return finished(answer(request))
