"""What a browser does while a test walks: where it calls, what it complains of, what is refused."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response, WebError

# The browser's own echo of a status that `refused` notes with its address.
_ECHO = "Failed to load resource"


@dataclass
class Watch:
    base: str
    elsewhere: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    refused: list[tuple[int, str]] = field(default_factory=list)
    requests: int = 0

    def follow(self, context: BrowserContext) -> None:
        context.on("request", self._request)
        context.on("response", self._response)
        context.on("console", self._console)
        context.on("weberror", self._error)

    def settle(self, *expected: tuple[int, str]) -> None:
        """Nothing went wrong but what was `expected`: (status, path)."""
        assert self.requests, "The watch saw nothing at all."
        assert not self.elsewhere, f"Requests left for another host: {self.elsewhere}"
        assert not self.errors, f"The browser complained: {self.errors}"
        refused, wanted = sorted(self.refused), sorted(expected)
        assert refused == wanted, f"Refused: {refused}, and {wanted} was expected."

    def _request(self, request: Request) -> None:
        self.requests += 1
        if not request.url.startswith((f"{self.base}/", "data:", "blob:")):
            self.elsewhere.append(request.url)

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.refused.append((response.status, urlsplit(response.url).path))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_ECHO):
            self.errors.append(f"{message.type}: {message.text}")

    def _error(self, error: WebError) -> None:
        self.errors.append(str(error.error))
