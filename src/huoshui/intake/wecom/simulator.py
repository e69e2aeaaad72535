"""A WeCom on this machine's loopback, for tests and the demo: it answers as theirs does, and misbehaves on demand."""

from __future__ import annotations

import io
import json
import secrets
import time
from dataclasses import dataclass, field
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import segno

_WORDS: Final = {
    0: "ok",
    40001: "invalid credential",
    40003: "invalid userid",
    42001: "access_token expired",
    45033: "api concurrent out of limit",
    60020: "not allow to access from your ip, from ip: 203.0.113.7",
    60111: "userid not found",
}


@dataclass
class Simulator:
    """`misbehave` is errcodes that the next calls answer, the first first; a float lets one wait so many seconds. `users`: who
    works there; None: anybody. `secret`: the right one; '': any. Each token ends those before it."""

    users: frozenset[str] | None = None
    secret: str = ""
    misbehave: list[int | float] = field(default_factory=list)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    ways: dict[str, dict[str, Any]] = field(default_factory=dict)
    token: str = ""
    url: str = ""
    _server: ThreadingHTTPServer | None = None

    def start(self) -> Simulator:
        simulator = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                simulator._answer(self, {})

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                simulator._answer(self, json.loads(raw))

            def log_message(self, *told: object) -> None:
                """Addresses carry tokens, and go to no log."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, args=(0.05,), name="wecom simulator", daemon=True).start()
        return self

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    def _answer(self, handler: BaseHTTPRequestHandler, body: dict[str, Any]) -> None:
        parts = urlsplit(handler.path)
        name = parts.path.rpartition("/")[2]
        asked = {key: value[0] for key, value in parse_qs(parts.query).items()}
        if parts.path.startswith("/picture/"):
            return _send(handler, _picture(name), "image/png")
        self.calls.append((name, body))
        told = self._said(name, asked, body)
        _send(handler, json.dumps({"errmsg": _WORDS.get(told["errcode"], "failed"), **told}).encode())

    def _said(self, name: str, asked: dict[str, str], body: dict[str, Any]) -> dict[str, Any]:
        wrong = self.misbehave.pop(0) if self.misbehave else 0
        if isinstance(wrong, float):
            time.sleep(wrong)
        elif wrong:
            return {"errcode": wrong}
        if name == "gettoken":
            if self.secret and asked.get("corpsecret") != self.secret:
                return {"errcode": 40001}
            self.token = secrets.token_urlsafe(24)
            return {"errcode": 0, "access_token": self.token, "expires_in": 7200}
        if asked.get("access_token") != self.token:
            return {"errcode": 40014}
        return getattr(self, f"_{name}", _unknown)(body)

    def _add_contact_way(self, body: dict[str, Any]) -> dict[str, Any]:
        (user,) = body["user"]
        if self.users is not None and user not in self.users:
            return {"errcode": 60111}
        if len(body["state"]) > 30:
            return {"errcode": 40058}
        config_id = secrets.token_hex(16)
        self.ways[config_id] = body
        return {"errcode": 0, "config_id": config_id, "qr_code": f"{self.url}/picture/{config_id}"}

    def _del_contact_way(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"errcode": 0 if self.ways.pop(body["config_id"], None) else 41059}

    def _get_follow_user_list(self, body: dict[str, Any]) -> dict[str, Any]:
        return {"errcode": 0, "follow_user": sorted(self.users or {"demo"})}


def _unknown(body: dict[str, Any]) -> dict[str, Any]:
    return {"errcode": 40066}


def _picture(name: str) -> bytes:
    out = io.BytesIO()
    segno.make(f"simulated {name}", error="m").save(out, kind="png", scale=8, border=2)
    return out.getvalue()


def _send(handler: BaseHTTPRequestHandler, raw: bytes, kind: str = "application/json") -> None:
    try:
        handler.send_response(200)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(raw)))
        handler.end_headers()
        handler.wfile.write(raw)
    except OSError:
        pass  # whoever asked did not wait for it


@lru_cache(maxsize=1)
def standing_by() -> Simulator:
    """The demo's, of this process."""
    return Simulator().start()
