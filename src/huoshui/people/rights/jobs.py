"""What the rights desk leaves to the worker: erasing takes minutes, and must go on after a kill."""

from __future__ import annotations

from procrastinate.contrib.django import app

from huoshui.core import sql
from huoshui.people.rights import erasing, sensitive, sweeping

Q = sql.load("huoshui.people.rights")


@app.task(name="rights.erase", queueing_lock="rights erase", lock="rights erase")
def erase_waiting() -> None:
    """All that was decided, together: the lake is rewritten once."""
    case_ids = [r.id for r in sql.fetch(Q.doing)]
    if case_ids:
        erasing.erase(case_ids)


@app.periodic(cron="*/10 * * * *")
@app.task(name="rights.keep", queueing_lock="rights keep", lock="rights erase")
def keep_erased(timestamp: int) -> None:
    """Takes up what a killed worker left, and erases again whom a restored backup brought back."""
    erase_waiting()
    erasing.reapply()


@app.periodic(cron="40 18 * * *")  # 02:40 in Shanghai: what came late, of whoever had said no before
@app.task(name="rights.sensitive", queueing_lock="rights sensitive", lock="rights erase")
def clean_sensitive(timestamp: int = 0) -> None:
    """What is sensitive of whoever takes back that it may be used, and of whoever never said so."""
    sensitive.take_withdrawn()
    sweeping.take_unconsented()
