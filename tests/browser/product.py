"""The product as its user starts it: `huoshui serve` and `huoshui worker` on a home of their own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huoshui.core.postgres import api as postgres

HERE = Path(__file__).parent
HUOSHUI = Path(sys.executable).with_name("huoshui")
UP_SECONDS, STOP_SECONDS = 90, 60


@dataclass(frozen=True)
class Product:
    home: Path
    url: str

    def answer(self, *command: str) -> Any:
        """What `huoshui … --json` says."""
        return json.loads(run([str(HUOSHUI), *command, "--json"], self.home))


def environment(home: Path) -> dict[str, str]:
    """A user's: nothing of the test run's own settings, which name another database."""
    theirs = ("HUOSHUI_", "DATABASE_", "DJANGO_")
    kept = {k: v for k, v in os.environ.items() if not k.startswith(theirs) or k == "HUOSHUI_ASSETS"}
    return {**kept, "HUOSHUI_HOME": str(home), "HUOSHUI_DEMO": "1", "PYTHONUNBUFFERED": "1"}


def run(command: Sequence[str], home: Path) -> str:
    done = subprocess.run(
        command, cwd=HERE.parents[1], env=environment(home), capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr[-4000:]}")
    return done.stdout


@contextmanager
def scratch_home() -> Iterator[Path]:
    """Open to the database's own user, as a home under /srv is; gone afterwards, its database stopped."""
    folder = Path(tempfile.mkdtemp(prefix="huoshui-browser-", dir="/tmp"))
    folder.chmod(0o755)
    home = folder / "home"
    try:
        yield home
    finally:
        postgres.stop(home)
        shutil.rmtree(folder)


@contextmanager
def serving(home: Path, *, worker: bool = True) -> Iterator[Product]:
    port = _free_port()
    product = Product(home, f"http://127.0.0.1:{port}")
    with ExitStack() as stack:
        logs = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="huoshui-logs-")))
        web = stack.enter_context(_process(home, logs, "serve", "--port", str(port)))
        if worker:
            stack.enter_context(_process(home, logs, "worker", "--concurrency", "1"))
        _wait_until_up(product, web, logs / "serve.log")
        yield product


@contextmanager
def _process(home: Path, logs: Path, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    log = logs / f"{command[0]}.log"
    with log.open("wb") as output:
        child = subprocess.Popen(
            [str(HUOSHUI), *command],
            cwd=HERE.parents[1],
            env=environment(home),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield child
    finally:
        _stop(child, command[0], log)


def _stop(child: subprocess.Popen[bytes], name: str, log: Path) -> None:
    """By its id, politely first; whoever does not go in time has failed, and says so."""
    was_running = child.poll() is None
    child.terminate()
    try:
        child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        raise AssertionError(f"huoshui {name} did not stop within {STOP_SECONDS} s: {_tail(log)}") from None
    assert was_running, f"huoshui {name} had died by itself: {_tail(log)}"


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-3000:]


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _wait_until_up(product: Product, web: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + UP_SECONDS
    while time.monotonic() < deadline and web.poll() is None:
        try:
            with urllib.request.urlopen(f"{product.url}/login/", timeout=10):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"The web did not answer: {_tail(log)}")
