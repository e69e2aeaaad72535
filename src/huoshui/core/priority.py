"""Work that can wait makes room on the processor for whoever stands at a till.

Where Linux groups processes by session (`sched(7)`, autogroup) it shares the processor between the groups first, and a nice
value counts within its own group only; PostgreSQL's backends are sessions of their own. So both are told: the thread, and the
group.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import TypeVar

from django.db import connection

from huoshui.core.retry import LOST

T = TypeVar("T")

# A tenth of what an ordinary process gets when both want the same core; all of it when nobody else does. Not less: whoever
# holds a lock that a till waits for must come to his end.
NICE = 10


def aside(work: Callable[[], T]) -> T:
    """Do it on a thread that comes after others, as do the threads and processes that it starts.

    On one of its own, because who has given way cannot take it back, and would hand it on to a database that it starts.
    """
    done: Future[T] = Future()

    def run() -> None:
        try:
            os.setpriority(os.PRIO_PROCESS, 0, max(NICE, _nice()))  # on Linux of the calling thread
            take_backend_along()
            done.set_result(work())
        except BaseException as error:
            done.set_exception(error)
        finally:
            connection.close()

    Thread(target=run, name="aside", daemon=True).start()
    return done.result()


def take_backend_along() -> None:
    """Let the database's process that serves this thread come after others too, where this thread does.

    Where it runs on another machine, or as a user whom we may not touch, nothing happens: it is a courtesy.
    """
    if _nice() <= 0:
        return
    with suppress(OSError, *LOST):
        connection.ensure_connection()
        pid = connection.connection.info.backend_pid
        if _is_backend_here(pid):
            os.setpriority(os.PRIO_PROCESS, pid, _nice())
            _lower_group(pid, _nice())


def lower_this_process() -> None:
    """For processes that do nothing but what can wait. A command in somebody's shell leaves his session as it is."""
    if os.getsid(0) == os.getpid():
        _lower_group(os.getpid(), NICE)


def _nice() -> int:
    return os.getpriority(os.PRIO_PROCESS, 0)


def _is_backend_here(pid: int) -> bool:
    is_by_socket = str(connection.settings_dict["HOST"]).startswith("/")
    return is_by_socket and Path(f"/proc/{pid}/cmdline").read_bytes().startswith(b"postgres:")


def _lower_group(pid: int, nice: int) -> None:
    for _ in range(3):
        try:
            Path(f"/proc/{pid}/autogroup").write_text(str(nice))
        except BlockingIOError:  # the kernel lets all users together do this ten times a second
            time.sleep(0.15)
        except OSError:  # no such groups here, or not ours
            return
        else:
            return
