from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from huoshui.brand import api as brand
from huoshui.core.actor import SYSTEM
from huoshui.intake.tracking import api as tracking
from huoshui.web.track import service


class Site:
    """A source, its key, and who sends with it."""

    def __init__(self, source_id: int, token: str) -> None:
        self.source_id = source_id
        self.token = token
        self.client = Client()

    def post(
        self, path: str, body: Any, *, way: str = "basic", packed: bool = False, **headers: Any
    ) -> HttpResponse:
        if way == "basic":
            headers["HTTP_AUTHORIZATION"] = "Basic " + base64.b64encode(f"{self.token}:".encode()).decode()
        elif way == "body":
            body = {**body, "writeKey": self.token}
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        if packed:
            raw = gzip.compress(raw)
            headers["HTTP_CONTENT_ENCODING"] = "gzip"
        kind = headers.pop("content_type", "application/json")
        response: HttpResponse = self.client.post(f"/v1/{path}", raw, content_type=kind, **headers)  # type: ignore[assignment]
        return response

    def told(self, path: str, body: Any, **how: Any) -> Any:
        response = self.post(path, body, **how)
        assert response.status_code == 200, response.content
        return json.loads(response.content)

    def verdicts(self, *events: Any, **how: Any) -> list[Any]:
        found: list[Any] = self.told("batch", {"batch": list(events)}, **how)["verdicts"]
        return found


@pytest.fixture(autouse=True)
def _forget(monkeypatch: pytest.MonkeyPatch) -> None:
    tracking.forget()
    monkeypatch.setattr(service, "buckets", type(service.buckets)())


Open = Callable[..., Site]


@pytest.fixture
def open_site(db: None) -> Open:
    brand.ensure_headquarters("总部")

    def make(name: str = "web", *, scopes: tuple[str, ...] = tuple(tracking.SCOPES), **told: Any) -> Site:
        how: dict[str, Any] = {"name": name, "label": "", "kind": "web", "actor": SYSTEM}
        source = tracking.add_source(**how | told)
        key = tracking.add_key(source.source_id, scopes=scopes, actor=SYSTEM)
        return Site(source.source_id, key.token)

    return make


@pytest.fixture
def site(open_site: Open) -> Site:
    return open_site()
