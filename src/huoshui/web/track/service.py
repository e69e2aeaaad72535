"""`/v1/*`: the tracking contract of Segment and RudderStack. A door parses, checks, stores and answers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any

import msgspec
from django.db import connection
from django.http import HttpRequest, HttpResponse

from huoshui.core import clock
from huoshui.core.errors import RetryLater
from huoshui.core.retry import LOST
from huoshui.intake.tracking import api as tracking
from huoshui.web.api.limits import Buckets
from huoshui.web.track import devices, reading
from huoshui.web.track.answers import of_verdicts, wants_english
from huoshui.web.track.problems import JSON, Problem, response_of

PREFIX = "/v1"
MOST_IN_HAND = 48
"""Requests of this kind in one process at once. Whoever comes then is told to come again: tills wait behind them."""
_AT_ONCE = 500

logger = logging.getLogger(__name__)

# One-letter paths are those of the browser library
KINDS: Mapping[str, str] = {
    **{kind: kind for kind in ("identify", "track", "page", "screen", "group", "alias")},
    "i": "identify",
    "t": "track",
    "p": "page",
    "s": "screen",
    "g": "group",
    "a": "alias",
}
BATCHES = frozenset({"batch", "b", "import"})
METRICS = "m"
DEVICES = ["devices", "readings"]

buckets = Buckets()


class _InHand:
    def __init__(self, most: int) -> None:
        self.most = most
        self._count = 0
        self._lock = Lock()

    def __enter__(self) -> None:
        with self._lock:
            if self._count >= self.most:
                raise Problem("busy", again_in=1, seconds=1)
            self._count += 1

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._count -= 1


in_hand = _InHand(MOST_IN_HAND)


def answer(request: HttpRequest) -> HttpResponse:
    origin = str(request.META.get("HTTP_ORIGIN", "")).lower()
    try:
        response = _answer(request, origin)
    except Problem as problem:
        response = response_of(problem, english=wants_english(request))
    except RetryLater:
        response = response_of(Problem("busy", again_in=1, seconds=1), english=wants_english(request))
    except Exception as error:
        if isinstance(error, LOST) and not connection.in_atomic_block:
            connection.close()
        logger.exception("a tracking request failed")
        response = response_of(Problem("failed", again_in=1), english=wants_english(request))
    if origin:
        _allow(response, request, origin)
    return response


def _answer(request: HttpRequest, origin: str) -> HttpResponse:
    parts = request.path_info.removeprefix(PREFIX).strip("/").split("/")
    if request.method == "OPTIONS":
        return HttpResponse(status=204)
    if len(parts) == 3 and (parts[0], parts[2]) == ("projects", "settings"):
        _refuse_other_methods(request, "GET", "HEAD")
        return _settings(request, parts[1], origin)
    door = _door(parts)
    _refuse_other_methods(request, "POST")
    with in_hand:
        return door(request, origin)


def _refuse_other_methods(request: HttpRequest, *allowed: str) -> None:
    if request.method not in allowed:
        raise Problem("method_not_allowed", allowed=", ".join(allowed))


def _door(parts: list[str]) -> Callable[[HttpRequest, str], HttpResponse]:
    name = parts[0] if len(parts) == 1 else ""
    if kind := KINDS.get(name):
        return lambda request, origin: _single(request, origin, kind)
    if name in BATCHES:
        return _batch
    if name == METRICS:
        return _metrics
    if parts == DEVICES:
        return devices.readings
    raise Problem("not_found")


def _single(request: HttpRequest, origin: str, kind: str) -> HttpResponse:
    raw = reading.body(request)
    told, raw = reading.single(raw)
    writer = _let_in(request, told.writeKey, origin)
    sent_at, warnings = reading.sent_at(told.sentAt)
    frame = tracking.Frame(
        received_at=clock.now(), sent_at=sent_at, kind=kind, ip=_caller(request), warnings=warnings
    )
    verdict = tracking.take_one(tracking.Told(writer, raw, frame))
    return of_verdicts([verdict], english=wants_english(request), at="")


def _batch(request: HttpRequest, origin: str) -> HttpResponse:
    raw = reading.body(request)
    told = reading.batch(raw)
    writer = _let_in(request, told.writeKey, origin)
    sent_at, warnings = reading.sent_at(told.sentAt)
    frame = tracking.Frame(
        received_at=clock.now(),
        sent_at=sent_at,
        warnings=warnings,
        context=reading.at_the_top(told.context, "/context"),
        integrations=reading.at_the_top(told.integrations, "/integrations"),
        ip=_caller(request),
        is_plain=tracking.is_plain(raw),
    )
    events = [tracking.Told(writer, bytes(one), frame) for one in told.batch or ()]
    verdicts: list[tracking.Verdict] = []
    for start in range(0, len(events), _AT_ONCE):
        verdicts += tracking.take(events[start : start + _AT_ONCE])
    return of_verdicts(verdicts, english=wants_english(request), at="/batch/{}")


def _metrics(request: HttpRequest, origin: str) -> HttpResponse:
    """The browser library tells how itself is doing. It is thanked; we measure our own."""
    reading.body(request)
    return HttpResponse(b'{"success":true}', content_type=JSON)


def _let_in(request: HttpRequest, in_body: Any, origin: str) -> tracking.Writer:
    writer = reading.writer(request, in_body)
    if origin and not _may_come_from(origin, request, writer.origins):
        raise Problem("origin_refused", origin=origin[:100])
    if seconds := buckets.take(writer.key_id, writer.rate_per_minute):
        raise Problem("rate_limited", again_in=seconds, seconds=seconds)
    if tracking.settler.waiting() > tracking.MOST_WAITING:
        raise Problem("busy", again_in=5, seconds=5)
    return writer


def _may_come_from(origin: str, request: HttpRequest, allowed: frozenset[str]) -> bool:
    return origin in allowed or origin.partition("://")[2] == request.META.get("HTTP_HOST", "").lower()


def _caller(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def _allow(response: HttpResponse, request: HttpRequest, origin: str) -> None:
    """A browser may read the answer when its origin is one of somebody's; what the key allows was asked before."""
    response["Vary"] = "Origin"
    if not _may_come_from(origin, request, tracking.all_origins()):
        return
    response["Access-Control-Allow-Origin"] = str(request.META["HTTP_ORIGIN"])
    response["Access-Control-Expose-Headers"] = "Retry-After, X-RateLimit-Reset"
    if request.method == "OPTIONS":
        response["Access-Control-Allow-Methods"] = "GET, POST, OPTIONS"
        asked = str(request.META.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", ""))
        response["Access-Control-Allow-Headers"] = asked or "authorization, content-type, content-encoding"
        response["Access-Control-Max-Age"] = "600"


def _settings(request: HttpRequest, token: str, origin: str) -> HttpResponse:
    """What the browser library asks for before it starts: where to send, and nothing else switched on."""
    writer = tracking.writer_of(token)
    if writer is None or not writer.is_enabled:
        raise Problem("not_found")
    if origin and not _may_come_from(origin, request, writer.origins):
        raise Problem("origin_refused", origin=origin[:100])
    scheme = "https" if request.is_secure() else "http"
    told = {
        "integrations": {
            "Segment.io": {
                "apiKey": token,
                "apiHost": f"{request.get_host()}{PREFIX}",
                "protocol": scheme,
                "unbundledIntegrations": [],
                "addBundledMetadata": True,
                "versionSettings": {"version": "4.4.7", "componentTypes": ["browser"]},
            }
        },
        "plan": {"track": {"__default": {"enabled": True, "integrations": {}}}, "identify": {}, "group": {}},
        "edgeFunction": {},
        "analyticsNextEnabled": True,
        "middlewareSettings": {},
        "enabledMiddleware": {},
        "metrics": {"sampleRate": 0},
        "legacyVideoPluginsEnabled": False,
        "remotePlugins": [],
    }
    response = HttpResponse(msgspec.json.encode(told), content_type=JSON)
    response["Cache-Control"] = "public, max-age=60"
    return response
