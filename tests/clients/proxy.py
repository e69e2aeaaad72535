"""A bad line between a client and the house: answers 500 and 429 of its own, and loses answers to what has been committed."""

from __future__ import annotations

import http.client
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import cycle
from threading import Lock, Thread

# Each fault is followed by a request that passes, so that no client runs out of patience
FAULTS = ("500", "", "429", "", "lost", "", "")
_HOP = {"connection", "keep-alive", "transfer-encoding"}


class Line:
    def __init__(self, upstream_port: int, *, hold: float) -> None:
        self.upstream_port = upstream_port
        self.hold = hold  # seconds after which a lost answer's connection is closed
        self.seen: Counter[str] = Counter()
        self._faults = cycle(FAULTS)
        self._lock = Lock()

    def next_fault(self) -> str:
        with self._lock:
            fault = next(self._faults)
            self.seen[fault or "passed"] += 1
            return fault


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    line: Line

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        self._answer(*self._forwarded(b""))

    do_OPTIONS = do_GET

    def do_POST(self) -> None:
        body = self._body()
        fault = self.line.next_fault()
        if fault in ("500", "429"):
            self._refuse(int(fault))
            return
        answer = self._forwarded(body)
        if fault == "lost":
            assert answer[0] == 200, answer
            time.sleep(self.line.hold)
            self.close_connection = True
            return
        self._answer(*answer)

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline().split(b";")[0], 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _forwarded(self, body: bytes) -> tuple[int, list[tuple[str, str]], bytes]:
        upstream = http.client.HTTPConnection("127.0.0.1", self.line.upstream_port, timeout=60)
        headers = {k: v for k, v in self.headers.items() if k.lower() not in _HOP}
        if body:
            headers["Content-Length"] = str(len(body))
        upstream.request(self.command, self.path, body or None, headers)
        response = upstream.getresponse()
        found = response.status, response.getheaders(), response.read()
        upstream.close()
        return found

    def _answer(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.send_response_only(status)
        for name, value in headers:
            if name.lower() not in _HOP | {"content-length"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _refuse(self, status: int) -> None:
        headers = [("Content-Type", "application/json")]
        if status == 429:
            headers.append(("Retry-After", "1"))
        if origin := self.headers.get("Origin"):
            headers += [
                ("Access-Control-Allow-Origin", origin),
                ("Access-Control-Expose-Headers", "Retry-After"),
            ]
        self._answer(status, headers, b'{"code":"injected","message":"a bad line"}')


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what we are here for."""


@contextmanager
def bad_line(upstream_port: int, *, hold: float) -> Iterator[tuple[int, Line]]:
    """(port, line) while the block lasts."""
    line = Line(upstream_port, hold=hold)
    handler = type("Handler", (_Handler,), {"line": line})
    server = _Server(("127.0.0.1", 0), handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], line
    finally:
        server.shutdown()
        server.server_close()
