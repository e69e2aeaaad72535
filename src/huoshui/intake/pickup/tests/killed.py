"""Run in a process of its own: workers that are killed, with SIGKILL, in each phase of fetching a table.

It starts Django once, then forks a worker for each line it reads: `PICKUP_ID PHASE`. The worker kills itself as it comes
to the phase; one that never comes there ends by itself, which is told.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from typing import Any


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def before(module: Any, name: str) -> None:
    setattr(module, name, die)


def after(module: Any, name: str) -> None:
    real = getattr(module, name)

    def then(*args: Any, **named: Any) -> None:
        real(*args, **named)
        die()

    setattr(module, name, then)


def phases() -> dict[str, Callable[[], None]]:
    from huoshui.intake.imports import api as imports
    from huoshui.intake.imports.runner import _Runner
    from huoshui.intake.pickup import looking, passing
    from huoshui.intake.pickup.places.database import Database
    from huoshui.intake.pickup.places.folder import Folder

    return {
        "as it is seen": lambda: after(looking, "see"),
        "while it is fetched": lambda: before(Folder, "fetch") or before(Database, "read"),  # type: ignore[func-returns-value]
        "once it is fetched": lambda: before(passing, "begin"),
        "once its import is made": lambda: after(passing, "begin"),
        "while it is tried": lambda: after(_Runner, "_stage"),
        "before it is started": lambda: before(imports, "start"),
        "once it is started": lambda: after(passing, "settle"),
        "while it is received": lambda: before(_Runner, "_recount"),
        "once it is imported": lambda: after(imports, "execute"),
        "while it is moved": lambda: after(Folder, "put_away"),
    }


def main() -> None:
    import django

    django.setup()
    from django.db import connections

    from huoshui.intake.pickup.looking import attend
    from huoshui.intake.pickup.passing import follow

    known = phases()
    print("ready", flush=True)
    for line in sys.stdin:
        pickup_id, _, phase = line.strip().partition(" ")
        connections.close_all()
        child = os.fork()
        if child == 0:
            known[phase]()
            attend(int(pickup_id), at_once=True)
            follow()
            os._exit(0)
        _pid, status = os.waitpid(child, 0)
        print("killed" if os.WIFSIGNALED(status) else "ended", flush=True)


if __name__ == "__main__":
    main()
