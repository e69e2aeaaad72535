"""Homes for real servers, stopped and cleared away afterwards."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from huoshui.core.postgres import api, cluster, testing


@pytest.fixture
def homes() -> Iterator[Callable[[], Path]]:
    """Makes homes that any user can enter; pytest's own folders are closed to all but root."""
    made: list[Path] = []

    def make() -> Path:
        folder = Path(tempfile.mkdtemp(prefix="huoshui-pg-", dir="/tmp"))
        folder.chmod(0o755)
        made.append(folder)
        return folder / "home"

    yield make
    for folder in made:
        clear(folder / "home")
        shutil.rmtree(folder)


@pytest.fixture
def home(homes: Callable[[], Path]) -> Path:
    return homes()


@pytest.fixture(scope="module")
def server() -> Iterator[api.Server]:
    """A throwaway server for tests that only talk to it."""
    folder = Path(tempfile.mkdtemp(prefix="huoshui-pg-", dir="/tmp"))
    folder.chmod(0o755)
    yield testing.test_server(folder / "home")
    clear(folder / "home")
    shutil.rmtree(folder)


def clear(home: Path) -> None:
    api.stop(home)
    shutil.rmtree(cluster.socket_directory(home), ignore_errors=True)
