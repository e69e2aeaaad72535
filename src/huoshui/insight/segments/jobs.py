"""After each flush of the lake, and when somebody's time comes."""

from __future__ import annotations

from django.db import transaction
from procrastinate.contrib.django import app

from huoshui.core import clock, jobs, sql

Q = sql.load("huoshui.insight.segments")


@app.task(name="segments.refresh", queueing_lock="segments refresh", lock="segments")
def refresh_segments() -> None:
    # The lake's libraries take seconds to load: only the worker pays for them
    from huoshui.insight.segments.refreshing import refresh

    refresh()


@app.periodic(cron="* * * * *")
@app.task(name="segments.due", queueing_lock="segments due")
def look_who_is_due(timestamp: int = 0) -> None:
    """Midnight of the brand flips many windows; a minute later their people are looked at. Slow rules have their beat here."""
    from huoshui.insight.segments import refreshing

    if refreshing.is_anything_due(clock.now()):
        refresh_soon()


@app.periodic(cron="*/5 * * * *")
@app.task(name="segments.exports", queueing_lock="segments exports", lock="segments exports")
def make_planned_exports(timestamp: int = 0) -> None:
    from huoshui.insight.segments import plans

    if plans.is_any_due(clock.now()):
        plans.carry_out()


@app.periodic(cron="35 * * * *")
@app.task(name="insight.learn", queueing_lock="insight learn", lock="insight learn")
def learn_daily(timestamp: int = 0) -> None:
    """Each hour it looks whether a day has ended: what takes long to learn is there before anybody asks."""
    from huoshui.insight import ready

    ready.learn()


def refresh_soon() -> None:
    """Whoever has brought the lake up to date, or saved a rule, says so; many at once cause one refresh."""
    if not sql.fetch(Q.any_segment):
        return
    with transaction.atomic():
        jobs.defer(refresh_segments, queueing_lock="segments refresh")
