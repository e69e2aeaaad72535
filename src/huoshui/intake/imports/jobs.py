"""Background work of the doors."""

from __future__ import annotations

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from huoshui.core.actor import SYSTEM
from huoshui.intake.imports.runner import execute
from huoshui.intake.river.api import after_settling


@app.task(name="imports.run", lock="bulk import", retry=RetryStrategy(max_attempts=5, wait=2))
def run_import(run_id: int) -> None:
    """Carry out a run; a database that went away is met again by the retry, and nothing is doubled."""
    execute(run_id, actor=SYSTEM)
    after_settling()
