"""Who calls: a bearer key, its rate, and its scopes, in that order."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest

from huoshui.web.api.keys import caller_of
from huoshui.web.api.limits import buckets
from huoshui.web.api.problems import Problem
from huoshui.web.api.types import Caller


class ApiKeyBearer:
    """What ninja calls before a view. It documents itself under its class name."""

    openapi_security_schema = {
        "type": "http",
        "scheme": "bearer",
        "description": "hs_…，由 `huoshui keys add` 发出，只显示一次。",
    }

    def __init__(self, *scopes: str) -> None:
        self.scopes = scopes

    def __call__(self, request: HttpRequest) -> Caller:
        scheme, _, token = str(request.META.get("HTTP_AUTHORIZATION", "")).partition(" ")
        caller = caller_of(token.strip()) if scheme.lower() == "bearer" else None
        if caller is None:
            raise Problem("unauthorized")
        if seconds := buckets.take(caller.key_id, caller.rate_per_minute):
            detail = {"limit": caller.rate_per_minute, "seconds": seconds}
            raise Problem("rate_limited", detail, retry_after=seconds)
        for scope in self.scopes:
            if scope not in caller.scopes:
                raise Problem("scope_missing", {"scope": scope})
        return caller


def caller(request: HttpRequest) -> Caller:
    """Whom `ApiKeyBearer` let in."""
    return cast(Caller, request.auth)  # type: ignore[attr-defined]  # set by ninja
