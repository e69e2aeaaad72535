"""The ninja API: how addresses are declared, and how whatever is raised becomes an answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

import msgspec
from django.db import connection
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from huoshui.core.retry import LOST
from huoshui.web.api import openapi, problems
from huoshui.web.api.auth import ApiKeyBearer
from huoshui.web.api.problems import Problem

PREFIX = "/api/v1/"

View = TypeVar("View", bound=Callable[..., HttpResponse])

api = NinjaAPI(
    title="活水 业务接口",
    version="1",
    description="收银、商城与活水之间的接口。金额都是分（整数），数量最多三位小数，时间要写时区（RFC 3339）。",
    urls_namespace="api",
    openapi_url=None,
    docs_url=None,
)


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
        declare = api.api_operation(
            [method],
            path,
            auth=ApiKeyBearer(*scopes),
            response=dict.fromkeys(statuses),
            operation_id=view.__name__,
            summary=summary,
            description=f"{(view.__doc__ or '').strip()}\n\n权限：{'、'.join(scopes)}".strip(),
            openapi_extra=openapi.described(answer=answer, statuses=statuses, **described),
        )
        declare(view)
        return view

    return register


@api.exception_handler(Exception)
@api.exception_handler(Http404)
@api.exception_handler(HttpError)
@api.exception_handler(ValidationError)
def on_exception(request: HttpRequest, error: Exception | type[Exception]) -> HttpResponse:
    assert isinstance(error, Exception)
    if isinstance(error, LOST) and not connection.in_atomic_block:
        # Django looks only at its own cursors for a lost connection; left open, it would fail the next request too
        connection.close()
    if isinstance(error, Http404):
        error = Problem("not_found")
    return problems.response_of(request, problems.of_exception(error))


def document() -> dict[str, Any]:
    """The OpenAPI of this installation."""
    made = dict(api.get_openapi_schema(path_prefix=PREFIX))
    components = openapi.components()
    components["schemas"] = {**made["components"]["schemas"], **components["schemas"]}
    made["components"] = {**made["components"], **components}
    return made


@lru_cache(maxsize=1)
def document_bytes() -> bytes:
    """It is the same as long as the process lives. Statuses are numbers to ninja and names to JSON."""
    return msgspec.json.encode(document())
