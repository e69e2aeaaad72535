"""A till as it speaks HTTP, and what it says."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

Said = dict[str, Any]


def sale(**changes: Any) -> Said:
    said: Said = {
        "order_key": "A1",
        "store": "S1",
        "at": "2024-11-20T10:00:00+08:00",
        "lines": [
            {"sku": "P1", "quantity": "2", "amount": 300},
            {"sku": "P2", "quantity": 0.5, "amount": 50},
        ],
        "tenders": [{"kind": "cash", "amount": 350}],
    }
    return {**said, **changes}


def quote(**changes: Any) -> Said:
    lines = [{"sku": "P1", "quantity": 1, "amount": 300}]
    return {"store": "S1", "at": "2024-11-20T10:00:00+08:00", "lines": lines, **changes}


NOW = "2024-11-20T04:30:00Z"
"""When all of this is said; over the real rooms an ask has to be of now."""

AT = {"at": "2024-11-20T11:00:00+08:00"}


class Answer:
    def __init__(self, response: Any) -> None:
        self.status: int = response.status_code
        self.headers = response.headers
        self.content: bytes = response.content
        self.kind = response["Content-Type"]

    @property
    def json(self) -> Any:
        return json.loads(self.content)

    @property
    def code(self) -> str:
        """The problem's; every one must be a whole RFC 9457 problem."""
        assert self.kind == "application/problem+json", self.content
        told = self.json
        assert told.keys() == {*("type", "title", "status", "code", "detail", "instance", "errors", "data")}
        assert told["status"] == self.status
        assert "?" not in told["detail"].replace("？", "?") or told["code"] == "malformed", told["detail"]
        return str(told["code"])


class Caller:
    def __init__(self, token: str = "", language: str = "") -> None:
        self.token = token
        self.client = Client(raise_request_exception=True)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        if language:
            self.headers["Accept-Language"] = language

    def get(self, path: str, **headers: str) -> Answer:
        return Answer(self.client.get(f"/api/v1{path}", headers={**self.headers, **headers}))

    def post(self, path: str, body: Any, *, key: str = "k1", **headers: str) -> Answer:
        given = {**self.headers, **({"Idempotency-Key": key} if key else {}), **headers}
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = given.pop("Content-Type", "application/json")
        return Answer(self.client.post(f"/api/v1{path}", raw, content_type=kind, headers=given))

    def bulk(self, *lines: Any, raw: bytes | None = None, **headers: str) -> Answer:
        if raw is None:
            raw = b"\n".join(x if isinstance(x, bytes) else json.dumps(x).encode() for x in lines)
        return self.post("/sales/bulk", raw, key="", **{"Content-Type": "application/x-ndjson", **headers})
