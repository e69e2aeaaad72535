"""The API's own way through Django."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any

import pytest
from django.contrib.sessions.middleware import SessionMiddleware
from django.middleware.csrf import CsrfViewMiddleware

from huoshui.core import sql, tokens
from huoshui.web.api.tests.client import Caller, sale
from huoshui.web.api.tests.conftest import Call


def test_a_sale_passes_no_middleware_of_browsers(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    passed: list[str] = []
    for kind in (SessionMiddleware, CsrfViewMiddleware):
        monkeypatch.setattr(kind, "process_request", _noted(kind.process_request, kind.__name__, passed))
    till = call()

    answer = till.post("/sales", sale())
    assert answer.status == 201
    assert not passed
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"

    Caller().client.get("/api/v1/docs")
    assert passed == ["SessionMiddleware", "CsrfViewMiddleware"], "the common way does pass them"


def _noted(process: Callable[..., Any], name: str, passed: list[str]) -> Callable[..., Any]:
    def noted(middleware: Any, request: Any) -> Any:
        passed.append(name)
        return process(middleware, request)

    return noted


def test_letting_a_key_in_is_one_statement_a_second(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    till = call()
    till.post("/sales", sale())
    statements: list[str] = []
    fetch = sql.fetch

    def noted(statement: sql.Statement, /, **params: Any) -> list[sql.Row]:
        statements.append(statement.name)
        return fetch(statement, **params)

    monkeypatch.setattr(sql, "fetch", noted)
    monkeypatch.setattr(sql, "run", lambda statement, /, **_: statements.append(statement.name))

    till.post("/sales", sale(), key="k2")
    assert statements == []

    later = monotonic() + tokens.KNOWN_SECONDS
    monkeypatch.setattr(tokens, "monotonic", lambda: later)
    till.post("/sales", sale(), key="k3")
    assert statements == ["living_keys"]


def test_whatever_lies_under_the_api_is_answered_by_it(call: Call) -> None:
    client = Caller().client
    for method, path, status in [
        ("get", "/api/v1", 404),
        ("get", "/api/v1/", 404),
        ("get", "/api/v1/docs/", 404),
        ("post", "/api/v1/docs", 405),
        ("post", "/api/v1/openapi.json", 405),
    ]:
        response = getattr(client, method)(path)
        assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json"), path
    assert client.head("/api/v1/docs").status_code == 200
    assert client.get("/api/v1x")["Content-Type"].startswith("text/html")
