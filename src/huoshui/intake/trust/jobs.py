"""Background work of the measures."""

from __future__ import annotations

from procrastinate.contrib.django import app

from huoshui.intake.trust.fold import fold


@app.periodic(cron="* * * * * */15")
@app.task(name="trust.fold", queueing_lock="trust fold", lock="trust fold")
def fold_measures(timestamp: int) -> None:
    """Soon after each flush of the lake: when a fact arrived there is known by it."""
    fold()
