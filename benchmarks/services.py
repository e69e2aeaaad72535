"""A service manager as an installation has one: what dies is started again a second later."""

from __future__ import annotations

import contextlib
import http.cookiejar
import os
import random
import re
import signal
import socket
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep, time
from typing import Any

import pyotp

from benchmarks import processes
from benchmarks.background import Background
from benchmarks.scratch import Home

_RESTART_AFTER = 1.0
_PATIENCE = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until_up(port: int, server: subprocess.Popen[bytes] | None = None, log: Path | None = None) -> None:
    """`server` may end instead: nobody starts it again. Its log tells why nothing came of it."""
    begun = monotonic()
    while monotonic() < begun + _PATIENCE and (server is None or server.poll() is None):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/login/", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            sleep(0.2)
    raise AssertionError(log.read_text(encoding="utf-8")[-2000:] if log else "the web did not come up")


class Service(Background):
    """`huoshui …` kept running. Leftovers of a dead one are ended first, as systemd does."""

    def __init__(self, home: Home, *arguments: str) -> None:
        self.name = arguments[0]
        self.starts = 0
        self._home, self._arguments = home, arguments
        self._log = home.path / f"{self.name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        super().__init__(self.name)

    def _end(self) -> None:
        self._ended.set()
        if self._process:
            self._process.terminate()
        super()._end()
        self._end_group()

    def kill_one(self, chance: random.Random) -> str:
        """kill -9 one of its processes, whichever. Says which."""
        assert self._process is not None
        victim = chance.choice(processes.descendants([self._process.pid]))
        os.kill(victim.pid, signal.SIGKILL)
        return "main" if victim.pid == self._process.pid else "child"

    def _run(self) -> None:
        while not self._ended.is_set():
            self.starts += 1
            self._process = self._home.start(*self._arguments, log=self._log)
            self._process.wait()
            self._end_group()
            self._ended.wait(_RESTART_AFTER)

    def _end_group(self) -> None:
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)


_SECRET = re.compile(r">((?:[A-Z2-7]{4} ){7}[A-Z2-7]{4})<")


@dataclass
class _App:
    """What makes codes on somebody's phone."""

    secret: str = ""
    step: int = 0

    def code(self) -> str:
        """A code counts once; half a minute ahead is near enough."""
        while self.step > (now := int(time() // 30)):
            sleep(1)
        self.step = max(now, self.step + 1)
        return pyotp.TOTP(self.secret).at(self.step * 30)


_apps: dict[tuple[int, str], _App] = {}
"""By port and login: whoever signs in anew has the same phone."""


class Browser:
    """Signed in on the console by whoever asks for a page first, and again when the session is over."""

    def __init__(self, port: int, username: str, password: str) -> None:
        self._site = f"http://127.0.0.1:{port}"
        self._username, self._password = username, password
        self._app = _apps.setdefault((port, username), _App())
        self._cookies = http.cookiejar.CookieJar()
        self._browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._cookies))

    def page(self, path: str) -> str | None:
        """None where signing in was what came of it."""
        with self._browser.open(f"{self._site}{path}", timeout=20) as page:
            if "/login/" in page.url:
                self._sign_in()
                return None
            return str(page.read().decode())

    def _sign_in(self) -> None:
        self._browser.open(f"{self._site}/login/", timeout=20).read()
        url, page = self._post(f"{self._site}/login/", username=self._username, password=self._password)
        if found := _SECRET.search(page):
            self._app.secret = found[1].replace(" ", "")
        if "/login/enrol/" in url or "/login/factor/" in url:
            self._post(url, code=self._app.code())

    def _post(self, url: str, **form: str) -> tuple[str, str]:
        token = next(cookie.value for cookie in self._cookies if cookie.name == "csrftoken")
        data = urllib.parse.urlencode({**form, "csrfmiddlewaretoken": token}).encode()
        with self._browser.open(url, data, timeout=20) as answer:
            return str(answer.url), str(answer.read().decode())


class Visitor(Background):
    """Looking at a page of the console that needs the database, twice a second."""

    def __init__(self, port: int, username: str, password: str) -> None:
        self._browser = Browser(port, username, password)
        super().__init__("visitor")
        self.answered = 0
        self.failed: dict[str, int] = {}
        self.last_answer = 0.0
        self.longest_outage = 0.0

    def told(self) -> dict[str, Any]:
        outage = round(self.longest_outage, 1)
        return {"answered": self.answered, "failed": self.failed, "longest outage": outage}

    def _run(self) -> None:
        while not self._ended.wait(0.5):
            try:
                self._look()
            except (OSError, urllib.error.URLError) as error:
                name = str(getattr(error, "code", None) or type(getattr(error, "reason", error)).__name__)
                self.failed[name] = self.failed.get(name, 0) + 1

    def _look(self) -> None:
        if self._browser.page("/imports/") is None:
            return
        now = monotonic()
        if self.answered:
            self.longest_outage = max(self.longest_outage, now - self.last_answer)
        self.answered, self.last_answer = self.answered + 1, now
