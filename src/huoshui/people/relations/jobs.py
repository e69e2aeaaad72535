"""Every minute what is new is read; at night whoever was named and not known is looked for, and households are guessed."""

from __future__ import annotations

from procrastinate.contrib.django import app

from huoshui.core.facts import api as facts
from huoshui.people.relations.proposing import propose
from huoshui.people.relations.reading import READER, look_for_all, read


@app.periodic(cron="* * * * *")
@app.task(name="relations.follow", queueing_lock="relations follow", lock="relations")
def follow(timestamp: int = 0) -> None:
    if facts.is_behind(READER):
        read()


@app.periodic(cron="41 4 * * *")
@app.task(name="relations.night", queueing_lock="relations night", lock="relations")
def at_night(timestamp: int = 0) -> None:
    look_for_all()
    propose()
