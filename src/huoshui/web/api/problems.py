"""What goes wrong is answered as RFC 9457 `application/problem+json`."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse

from huoshui.core.errors import NotFound, Refused, RetryLater
from huoshui.core.retry import LOST, is_passing
from huoshui.intake.tills.api import Refusal
from huoshui.web.api import catalogue

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
RETRY_SECONDS = 1


@dataclass(frozen=True)
class Place:
    """One place of the request that is to blame."""

    pointer: str
    code: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    message: str = ""
    """In Chinese, where the room that decided has said it; '' to take the catalogue's."""


class Problem(Exception):
    """Raised wherever a request ends badly; `code` is in the catalogue, which gives the status and the sentence."""

    def __init__(
        self,
        code: str,
        detail: Mapping[str, Any] | None = None,
        *,
        places: Sequence[Place] = (),
        retry_after: int | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.places = tuple(places)
        self.retry_after = retry_after
        self.detail = detail or {}

    @property
    def status(self) -> int:
        return catalogue.status_of(self.code)


class PlaceBody(msgspec.Struct, kw_only=True, frozen=True):
    pointer: str
    code: str
    message: str


class ProblemBody(msgspec.Struct, kw_only=True, frozen=True, rename={"reference": "type"}):
    """RFC 9457. `data` carries the figures of the sentence."""

    reference: str
    title: str
    status: int
    code: str
    detail: str
    instance: str
    errors: list[PlaceBody]
    data: dict[str, Any]


def language_of(request: HttpRequest) -> str:
    """'en' where English is preferred to Chinese, else 'zh-Hans'."""
    header = request.META.get("HTTP_ACCEPT_LANGUAGE", "").lower()
    if "en" not in header:
        return "zh-Hans"
    best = {"zh": 0.0, "en": 0.0}
    for part in header.split(","):
        tag, _, weight = part.strip().partition(";")
        name = tag.strip().split("-")[0]
        if name in best:
            best[name] = max(best[name], _weight(weight))
    return "en" if best["en"] > best["zh"] else "zh-Hans"


def _weight(text: str) -> float:
    try:
        return float(text.strip().removeprefix("q=") or 1)
    except ValueError:
        return 0.0


def body_of(problem: Problem, *, language: str, instance: str) -> ProblemBody:
    return ProblemBody(
        reference=f"/api/v1/docs#{problem.code}",
        title=catalogue.title(problem.status, language),
        status=problem.status,
        code=problem.code,
        detail=catalogue.sentence(problem.code, language, problem.detail),
        instance=instance,
        errors=[
            PlaceBody(pointer=p.pointer, code=p.code, message=_message(p, language)) for p in problem.places
        ],
        data=dict(problem.detail),
    )


def _message(place: Place, language: str) -> str:
    if place.message and language != "en":
        return place.message
    return catalogue.place(place.code, language, place.detail)


def response_of(request: HttpRequest, problem: Problem) -> HttpResponse:
    language = language_of(request)
    body = body_of(problem, language=language, instance=request.path)
    response = HttpResponse(msgspec.json.encode(body), content_type=CONTENT_TYPE, status=problem.status)
    response["Content-Language"] = language
    if problem.retry_after is not None:
        response["Retry-After"] = str(problem.retry_after)
    if problem.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="huoshui"'
    if problem.code == "method_not_allowed":
        response["Allow"] = problem.detail["allowed"]
    return response


def of_exception(error: Exception) -> Problem:
    """What an exception that nobody expected here means to the caller. The unknown is logged under a number."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, NotFound):
        return Problem("not_found")
    if isinstance(error, (RetryLater, *LOST)) or is_passing(error):
        logger.warning("an api request is to come again: %s", error)
        return Problem("retry_later", retry_after=RETRY_SECONDS)
    if isinstance(error, Refused):
        if catalogue.is_known(error.code) and error.code != "refused":
            return Problem(error.code, getattr(error, "detail", None))
        return Problem("refused", {"message": str(error)})
    number = secrets.token_hex(3).upper()
    logger.error("api request failed, number %s", number, exc_info=error)
    return Problem("failed", {"number": number})


def of_refusals(refusals: Sequence[Refusal]) -> Problem:
    """The first refusal names the problem; all of them are told with their places."""
    first = refusals[0]
    places = [Place(r.pointer, r.code, r.detail, r.message) for r in refusals]
    return Problem(first.code, first.detail, places=places)
