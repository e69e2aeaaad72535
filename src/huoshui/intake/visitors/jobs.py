"""Every minute what is new is read and what is due is concluded; at night all that may have changed is looked at again."""

from __future__ import annotations

from procrastinate.contrib.django import app

from huoshui.core.facts import api as facts
from huoshui.intake.visitors.judging import judge_due, recheck
from huoshui.intake.visitors.reading import READER, read


@app.periodic(cron="* * * * *")
@app.task(name="visitors.follow", queueing_lock="visitors follow", lock="visitors")
def follow(timestamp: int = 0) -> None:
    if facts.is_behind(READER):
        read()
    judge_due()


@app.periodic(cron="17 4 * * *")
@app.task(name="visitors.recheck", queueing_lock="visitors recheck", lock="visitors")
def look_at_all(timestamp: int = 0) -> None:
    recheck()
