"""Many callers who ask at the same moment, each on a connection of its own."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

_PATIENCE = 120.0


class Ask(NamedTuple):
    """One POST. `key` is its Idempotency-Key."""

    path: str
    key: str
    body: dict[str, Any]


class Answer(NamedTuple):
    status: int
    is_repeat: bool
    body: dict[str, Any]

    @property
    def is_done(self) -> bool:
        """Carried out by this very request."""
        return self.status == 201 and not self.is_repeat


class Crowd:
    def __init__(self, port: int, token: str, callers: int) -> None:
        self._port, self._token, self._callers = port, token, callers
        self._lines: list[http.client.HTTPConnection] = []

    def ask(self, asks: Sequence[Ask]) -> list[Answer]:
        """All are sent before the first answer is read."""
        self._gather()
        asked = list(zip(self._lines, asks, strict=True))
        for line, ask in asked:
            head = {
                "Authorization": f"Bearer {self._token}",
                "Idempotency-Key": ask.key,
                "Content-Type": "application/json",
            }
            line.request("POST", ask.path, json.dumps(ask.body).encode(), head)
        return [_answer(line.getresponse()) for line, _ in asked]

    def _gather(self) -> None:
        """Anew for each round: who came while only one process was up would stay with that one."""
        self.close()
        self._lines = [
            http.client.HTTPConnection("127.0.0.1", self._port, timeout=_PATIENCE)
            for _ in range(self._callers)
        ]
        for line in self._lines:
            line.connect()

    def close(self) -> None:
        for line in self._lines:
            line.close()


def _answer(response: http.client.HTTPResponse) -> Answer:
    raw = response.read()
    is_json = "json" in response.headers.get_content_type()
    body = json.loads(raw) if is_json else {"text": raw.decode(errors="replace")[:300]}
    return Answer(response.status, response.headers.get("Idempotent-Replayed") == "true", body)


@contextmanager
def crowd(port: int, token: str, callers: int) -> Iterator[Crowd]:
    found = Crowd(port, token, callers)
    try:
        yield found
    finally:
        found.close()
