"""By the clock, in the worker that is there anyway; what waits for a network waits on threads of its own."""

from __future__ import annotations

import logging
from threading import Lock, Thread
from typing import Final

from procrastinate.contrib.django import app

from huoshui.core import clock, sql
from huoshui.core.errors import NotFound, RetryLater
from huoshui.core.priority import aside
from huoshui.core.retry import LOST
from huoshui.intake.pickup import looking, passing

Q = sql.load("huoshui.intake.pickup")

logger = logging.getLogger(__name__)

_MOST: Final = 3
"""Places at a time. A slow one takes none of the worker's own places, in which others' jobs wait."""
_under_way: set[int] = set()
_lock = Lock()


@app.periodic(cron="* * * * * */10")
@app.task(name="pickup.look", queueing_lock="pickup look")
def look_around(timestamp: int) -> None:
    """Begin what is due, and take note of imports that have ended. Over in a moment."""
    passing.follow()
    for row in sql.fetch(Q.due, now=clock.now()):
        _begin(row.id)


@app.periodic(cron="17 4 * * *")
@app.task(name="pickup.forget", queueing_lock="pickup forget")
def forget(timestamp: int) -> None:
    """Passwords of places that were removed, and what trials showed."""
    sql.run(Q.drop_secrets_of_removed)
    sql.run(Q.forget_trials, now=clock.now())


def _begin(pickup_id: int) -> None:
    with _lock:
        if pickup_id in _under_way or len(_under_way) >= _MOST:
            return
        _under_way.add(pickup_id)
    Thread(target=_attend, args=(pickup_id,), name=f"pickup {pickup_id}", daemon=True).start()


def _attend(pickup_id: int) -> None:
    try:
        aside(lambda: looking.attend(pickup_id))
    except NotFound:
        pass  # removed meanwhile
    except (RetryLater, *LOST) as error:
        logger.warning("pickup %d is taken up again: %s", pickup_id, error)
    except Exception:
        logger.exception("pickup %d", pickup_id)
    finally:
        with _lock:
            _under_way.discard(pickup_id)
