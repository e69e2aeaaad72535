"""How a request travels: its address, its caller, what it asks for, and whatever is raised as an answer.

lane.ApiLane → answer → auth.let_in → a view of `views` or `customers` → the rooms → lane.ApiLane
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from django.db import connection
from django.http import HttpRequest, HttpResponse

from huoshui.core.retry import LOST
from huoshui.web.api import openapi, problems
from huoshui.web.api.auth import let_in
from huoshui.web.api.problems import Problem
from huoshui.web.api.routes import Routes

PREFIX = "/api/v1"

View = TypeVar("View", bound=Callable[..., HttpResponse])


@dataclass(frozen=True)
class Endpoint:
    """One method of one address. Without scopes it is open to all, and not in the OpenAPI."""

    name: str
    view: Callable[..., HttpResponse]
    scopes: tuple[str, ...]
    described: openapi.Schema


routes: Routes[Endpoint] = Routes()


def endpoint(
    method: str,
    path: str,
    *scopes: str,
    answer: type,
    statuses: Sequence[int] = (200,),
    summary: str,
    **described: Any,
) -> Callable[[View], View]:
    """An address. Its statuses and bodies are documented where they are declared, or a test fails."""

    def register(view: View) -> View:
        told = openapi.operation(
            view.__name__,
            path,
            summary=summary,
            about=f"{(view.__doc__ or '').strip()}\n\n权限：{'、'.join(scopes)}".strip(),
            answer=answer,
            statuses=statuses,
            **described,
        )
        routes.add(method, path, Endpoint(view.__name__, view, scopes, told))
        return view

    return register


def page(path: str) -> Callable[[View], View]:
    """An address that needs no key."""

    def register(view: View) -> View:
        for method in ("GET", "HEAD"):
            routes.add(method, path, Endpoint(view.__name__, view, (), {}))
        return view

    return register


def answer(request: HttpRequest) -> HttpResponse:
    """The answer to whatever was asked under `PREFIX`."""
    try:
        found = routes.find(request.path_info[len(PREFIX) :])
        if found is None:
            raise Problem("not_found")
        asked = found.methods.get(request.method or "")
        if asked is None:
            raise Problem("method_not_allowed", {"allowed": ", ".join(sorted(found.methods))})
        if asked.scopes:
            let_in(request, asked.scopes)
        return asked.view(request, **found.parameters)
    except Exception as error:
        return _of_exception(request, error)


def _of_exception(request: HttpRequest, error: Exception) -> HttpResponse:
    if isinstance(error, LOST) and not connection.in_atomic_block:
        # Django looks only at its own cursors for a lost connection; left open, it would fail the next request too
        connection.close()
    return problems.response_of(request, problems.of_exception(error))


def document() -> dict[str, Any]:
    """The OpenAPI of this installation."""
    return openapi.document(
        (f"{PREFIX}{path}", method, asked.described) for path, method, asked in routes if asked.scopes
    )


@lru_cache(maxsize=1)
def document_bytes() -> bytes:
    """It is the same as long as the process lives. Statuses are numbers to us and names to JSON."""
    return msgspec.json.encode(document())
