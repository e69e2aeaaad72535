"""Every minute whoever was touched is worked out anew, and whoever is due by time alone."""

from __future__ import annotations

from procrastinate.contrib.django import app

from huoshui.core.facts import api as facts
from huoshui.people.roles import fold


@app.periodic(cron="* * * * *")
@app.task(name="roles.follow", queueing_lock="roles follow", lock="roles")
def follow(timestamp: int = 0) -> None:
    if facts.is_behind(fold.READER):
        fold.read()
    fold.attend()


@app.periodic(cron="11 4 * * *")
@app.task(name="roles.staff", queueing_lock="roles staff", lock="roles")
def attend_staff(timestamp: int = 0) -> None:
    fold.attend_staff()


@app.task(name="roles.all", queueing_lock="roles all", lock="roles")
def work_out_all() -> None:
    fold.rebuild()
