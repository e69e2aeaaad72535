"""Again, when two transactions stood in each other's way."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

import psycopg
from django.db import DatabaseError, InterfaceError, OperationalError
from psycopg import errors

from huoshui.core.errors import RetryLater

T = TypeVar("T")

# The connection is lost or the server gone. What `core.sql` runs raises psycopg's own errors, all else Django's.
LOST = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)

_PASSING = (
    errors.DeadlockDetected,
    errors.SerializationFailure,
    errors.LockNotAvailable,
)  # 40P01, 40001, 55P03


def retrying(work: Callable[[], T], *, times: int = 3) -> T:
    """Run a whole transaction, and once more for each passing conflict. The last failure is RetryLater."""
    for left in range(times, -1, -1):
        try:
            return work()
        except (DatabaseError, *_PASSING, RetryLater) as error:
            if not is_passing(error):
                raise
            if left == 0:
                raise RetryLater from error
            time.sleep(random.uniform(0.01, 0.05) * (times - left + 1))
    raise AssertionError("unreachable")


def is_passing(error: BaseException) -> bool:
    return isinstance(error, (*_PASSING, RetryLater)) or isinstance(error.__cause__, _PASSING)
