"""What matching leaves to the worker: comparing everybody takes minutes."""

from __future__ import annotations

from procrastinate.contrib.django import app

from huoshui.core.actor import SYSTEM
from huoshui.core.errors import Refused
from huoshui.people.matching import actions


@app.task(name="matching.run", queueing_lock="matching run", lock="matching run")
def compare() -> None:
    try:
        actions.run(actor=SYSTEM)
    except Refused:
        return  # nobody to compare yet


@app.periodic(cron="30 20 * * 0")  # Monday 04:30 in Shanghai
@app.task(name="matching.weekly", queueing_lock="matching weekly", lock="matching run")
def compare_weekly(timestamp: int) -> None:
    compare()
