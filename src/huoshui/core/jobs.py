"""Background work, deferred inside the transaction that causes it: it is there exactly when the data is."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.tasks import Task


def defer(task: Task[Any, Any, Any], /, *, queueing_lock: str | None = None, **arguments: Any) -> bool:
    """Defer a job in the present transaction. False when one under this lock already waits.

    The savepoint is needed: a taken queueing lock raises inside PostgreSQL and would poison the transaction.
    """
    try:
        with transaction.atomic():
            task.configure(queueing_lock=queueing_lock).defer(**arguments)
    except AlreadyEnqueued:
        return False
    return True
