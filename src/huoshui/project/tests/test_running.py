"""`make demo` keeps web and worker going."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from huoshui.core.errors import Refused
from huoshui.project.commands import running


def test_what_was_killed_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    lasting = [sys.executable, "-c", "import time; time.sleep(60)"]
    children = [subprocess.Popen(lasting), subprocess.Popen(lasting)]
    left_alone, killed = children[0].pid, children[1].pid
    os.kill(killed, signal.SIGKILL)
    os.waitid(os.P_PID, killed, os.WEXITED | os.WNOWAIT)  # dead, and not yet asked about
    _look_twice(monkeypatch)
    try:
        with pytest.raises(KeyboardInterrupt):
            running._keep_running([lasting, lasting], children)

        assert children[0].pid == left_alone
        assert children[1].pid != killed
        assert children[1].poll() is None
    finally:
        for child in children:
            child.kill()
            child.wait()


def test_what_ends_again_and_again_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    failing = [sys.executable, "-c", "raise SystemExit(1)"]

    with pytest.raises(Refused, match="一再停下"):
        running._keep_running([failing], [subprocess.Popen(failing)])


def _look_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The user presses Ctrl+C after the second look."""
    looks = 0

    def sleep(_: float) -> None:
        nonlocal looks
        looks += 1
        if looks > 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(time, "sleep", sleep)
