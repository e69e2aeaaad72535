"""Who calls: a bearer key, its rate, and its scopes, in that order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from django.http import HttpRequest

from huoshui.web.api.keys import caller_of
from huoshui.web.api.limits import buckets
from huoshui.web.api.problems import Problem
from huoshui.web.api.types import Caller


def let_in(request: HttpRequest, scopes: Sequence[str]) -> None:
    """From here on `caller` tells who it is. Raises a Problem for who may not."""
    scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    found = caller_of(token.strip()) if scheme.lower() == "bearer" else None
    if found is None:
        raise Problem("unauthorized")
    if seconds := buckets.take(found.key_id, found.rate_per_minute):
        detail = {"limit": found.rate_per_minute, "seconds": seconds}
        raise Problem("rate_limited", detail, retry_after=seconds)
    for scope in scopes:
        if scope not in found.scopes:
            raise Problem("scope_missing", {"scope": scope})
    request.caller = found  # type: ignore[attr-defined]  # read by `caller` alone


def caller(request: HttpRequest) -> Caller:
    """Whom `let_in` let in."""
    return cast(Caller, request.caller)  # type: ignore[attr-defined]  # see there
