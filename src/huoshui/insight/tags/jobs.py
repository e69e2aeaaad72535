"""Words that expire, people who want none, counts, facts, and what is inferred once a day."""

from __future__ import annotations

from django.db import transaction
from procrastinate.contrib.django import app

from huoshui.core import clock, jobs


@app.task(name="tags.tend", queueing_lock="tags tend", lock="tags")
def tend_tags() -> None:
    # The lake's libraries take seconds to load: only the worker pays for them
    from huoshui.insight.tags.inferring import infer
    from huoshui.insight.tags.tending import tend

    infer()
    tend()


@app.periodic(cron="* * * * *")
@app.task(name="tags.due", queueing_lock="tags due")
def look_what_is_due(timestamp: int = 0) -> None:
    from huoshui.insight.tags import tending

    if tending.is_anything_due(clock.now()):
        tend_soon()


def tend_soon() -> None:
    """Many at once cause one."""
    with transaction.atomic():
        jobs.defer(tend_tags, queueing_lock="tags tend")
