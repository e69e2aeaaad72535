"""Send with npm's @segment/analytics-next in Chromium, from a page of another origin than ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from playwright.sync_api import Browser

HERE = Path(__file__).parent
LIBRARY = HERE.parents[1] / "node_modules" / "@segment" / "analytics-next" / "dist" / "umd"

STRATEGIES: Mapping[str, Mapping[str, Any]] = {
    "one by one": {"strategy": "standard"},
    "batching": {"strategy": "batching", "config": {"size": 20, "timeout": 300, "maxRetries": 10}},
}


class _Shop(BaseHTTPRequestHandler):
    """The shop's own site: its page, and the library as npm brings it."""

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        name = self.path.strip("/")
        if name == "":
            body, kind = (HERE / "page.html").read_bytes(), "text/html; charset=utf-8"
        elif name == "analytics.js":
            body, kind = (LIBRARY / "index.js").read_bytes(), "text/javascript"
        elif (LIBRARY / name).is_file():
            body, kind = (LIBRARY / name).read_bytes(), "text/javascript"
        else:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@contextmanager
def shop() -> Iterator[str]:
    """The origin of a shop's site."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Shop)
    server.daemon_threads = True
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def telling(browser: Browser, origin: str, host: str, key: str, count: int, strategy: str) -> Iterator[None]:
    """The page is open and tells while the block lasts; who leaves a page early loses what it still wants to say."""
    context = browser.new_context()
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(origin)
    page.evaluate(
        "([host, key, count, strategy]) => window.tell(host, key, count, strategy)",
        [host, key, count, dict(STRATEGIES[strategy])],
    )
    try:
        yield
    finally:
        context.close()
    assert not errors, errors
