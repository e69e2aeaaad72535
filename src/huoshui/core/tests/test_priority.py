"""What can wait makes room, and nothing else does."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from threading import Thread

import pytest
from django.db import connection

from huoshui.core.priority import NICE, aside, take_backend_along

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a nice value is the whole process's"),
]


def nice_of(pid: int) -> int:
    return os.getpriority(os.PRIO_PROCESS, pid)


def backend_pid() -> int:
    connection.ensure_connection()
    return int(connection.connection.info.backend_pid)


def group_of(pid: int) -> str:
    """'' where the kernel makes no groups."""
    place = Path(f"/proc/{pid}/autogroup")
    return place.read_text().rpartition("nice ")[2].strip() if place.exists() else ""


def test_who_works_aside_and_his_backend_come_after_others() -> None:
    before = nice_of(0)

    def work() -> tuple[int, int, str, int]:
        started: list[int] = []
        inner = Thread(target=lambda: started.append(nice_of(0)))
        inner.start()
        inner.join()
        pid = backend_pid()
        return nice_of(0), nice_of(pid), group_of(pid), started[0]

    own, backend, group, inner = aside(work)

    assert own == backend == inner == max(NICE, before)
    assert group in ("", str(own))
    assert nice_of(0) == before
    assert nice_of(backend_pid()) == before, "the caller's own backend is as it was"


def test_what_goes_wrong_aside_is_raised_here() -> None:
    with pytest.raises(ZeroDivisionError):
        aside(lambda: 1 // 0)


def test_a_backend_stays_where_its_thread_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huoshui.core.priority._nice", lambda: 0)
    before = nice_of(backend_pid())

    take_backend_along()

    assert nice_of(backend_pid()) == before
