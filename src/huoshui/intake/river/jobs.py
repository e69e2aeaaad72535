"""The river's own upkeep: what was received and not settled, and what readers wait for."""

from __future__ import annotations

from procrastinate.contrib.django import app

from huoshui.intake.river.after import label_cards
from huoshui.intake.river.sweep import sweep
from huoshui.lake import api as lake
from huoshui.people import api as people


@app.periodic(cron="* * * * *")
@app.task(name="river.sweep", queueing_lock="river sweep", lock="bulk import")
def sweep_pending(timestamp: int) -> None:
    """Settle what a process that died left behind. Stands in line with imports, which settle their own."""
    sweep()


@app.periodic(cron="* * * * * */5")
@app.task(name="river.readers", queueing_lock="river readers", lock="river readers")
def bring_readers_up(timestamp: int) -> None:
    people.refresh_cards()
    if (report := lake.flush_if_due(awaited=True)) and report.changed:
        label_cards()
