"""Debian's mosquitto on the loopback, with the files that we write for it."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from huoshui.intake.devices import api as devices

_PATIENCE = 60.0


def program() -> str:
    found = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    assert found, "这里要用 Debian 的 mosquitto：apt-get install mosquitto"
    return found


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The address under which we sign in. Devices registered before may sign in with theirs."""
    url = f"mqtt://huoshui:our-own@127.0.0.1:{free_port()}"
    conf, *_ = devices.write_files(folder, devices.parse_broker(url))
    # Started as root it would become another user, who may not read a test's folder
    conf.write_text(f"{conf.read_text()}\nuser {getpass.getuser()}\n")
    log = (folder / "log").open("wb")
    broker = subprocess.Popen([program(), "-c", str(conf)], stdout=log, stderr=log)
    try:
        _wait_until_up(url, broker, folder)
        yield url
    finally:
        broker.terminate()
        broker.wait(10)
        log.close()


def _wait_until_up(url: str, broker: subprocess.Popen[bytes], folder: Path) -> None:
    port = devices.parse_broker(url).port
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        assert broker.poll() is None, (folder / "log").read_text()
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise AssertionError("mosquitto does not answer")
