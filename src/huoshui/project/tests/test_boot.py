"""Whoever serves keeps the embedded database up."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from huoshui.core.postgres import cluster
from huoshui.core.postgres.api import status, stop
from huoshui.core.postgres.server import ensure_throwaway_server
from huoshui.project import boot


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """One with a running server, and the one that this process serves."""
    path = Path(tempfile.mkdtemp(prefix="huoshui-test-boot-"))
    path.chmod(0o755)  # as root, the server runs as another user
    monkeypatch.setenv("HUOSHUI_HOME", str(path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    ensure_throwaway_server(path)
    yield path
    kept = cluster.existing(path)
    stop(path)
    if kept:
        shutil.rmtree(kept.base, ignore_errors=True)
    shutil.rmtree(path, ignore_errors=True)


def test_a_database_that_was_killed_is_started_again(home: Path) -> None:
    killed = status(home).pid
    assert killed
    os.kill(killed, signal.SIGKILL)
    _until_gone(home)

    boot._start_if_gone()

    found = status(home)
    assert found.running
    assert found.pid != killed


def test_one_that_runs_is_left_alone(home: Path) -> None:
    before = status(home).pid

    boot._start_if_gone()

    assert status(home).pid == before


def test_one_that_cannot_be_started_is_told_and_does_not_end_the_watch(
    home: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise RuntimeError("no room on the disk")

    stop(home)
    monkeypatch.setattr(boot, "rejoin", fail)

    boot._start_if_gone()

    assert "no room on the disk" in caplog.text


def _until_gone(home: Path) -> None:
    deadline = time.monotonic() + 60
    while status(home).running and time.monotonic() < deadline:
        time.sleep(0.02)
