"""Background work of the doors."""

from __future__ import annotations

from datetime import timedelta

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from huoshui.core import clock
from huoshui.core.actor import SYSTEM
from huoshui.core.errors import RetryLater
from huoshui.core.priority import aside
from huoshui.core.retry import LOST
from huoshui.intake.imports import erasing
from huoshui.intake.imports.runner import execute
from huoshui.intake.imports.undoing import execute_undo
from huoshui.intake.river.api import after_settling

# Each kill of worker or database takes an attempt; what is wrong with the work itself is not tried again.
_AGAIN = RetryStrategy(max_attempts=50, wait=2, retry_exceptions={*LOST, RetryLater})


@app.task(name="imports.run", lock="bulk import", retry=_AGAIN)
def run_import(run_id: int) -> None:
    """Carry out a run; a database that went away is met again by the retry, and nothing is doubled."""
    aside(lambda: execute(run_id, actor=SYSTEM))
    aside(after_settling)


@app.task(name="imports.undo", lock="bulk import", retry=_AGAIN)
def undo_import(run_id: int) -> None:
    """Take a run back; stands in line with imports, since both say what a source has told."""
    aside(lambda: execute_undo(run_id))
    aside(after_settling)


@app.periodic(cron="50 18 * * *")  # 02:50 in Shanghai
@app.task(name="imports.erased", queueing_lock="imports erased", lock="bulk import")
def clean_waiting(timestamp: int = 0) -> None:
    """Uploads that wait since yesterday do not keep the erased. In line with runs, which read the same files."""
    erasing.sweep(before=clock.now() - timedelta(days=1))
