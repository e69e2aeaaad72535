"""The river's own upkeep: what was received and not settled, and what readers wait for."""

from __future__ import annotations

from django.db import transaction
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from huoshui.core.facts import api as facts
from huoshui.intake.river.after import after_settling
from huoshui.intake.river.parting import part_shared
from huoshui.intake.river.sweep import sweep


@app.periodic(cron="* * * * *")
@app.task(name="river.sweep", queueing_lock="river sweep", lock="bulk import")
def sweep_pending(timestamp: int) -> None:
    """Settle what a process that died left behind. Stands in line with imports, which settle their own."""
    sweep()


@app.periodic(cron="* * * * *")
@app.task(name="river.parting", queueing_lock="river parting", lock="bulk import")
def part_shared_values(timestamp: int) -> None:
    """Stands in line with imports and with what undoes them."""
    part_shared()


@app.periodic(cron="23 * * * *")
@app.task(name="river.waiting", queueing_lock="river waiting")
def tend_waiting(timestamp: int) -> None:
    with transaction.atomic():
        facts.tend_waiting()


@app.periodic(cron="* * * * * */5")
@app.task(name="river.readers", queueing_lock="river readers", lock="river readers")
def bring_readers_up(timestamp: int) -> None:
    after_settling()


@app.periodic(cron="* * * * * */10")
@app.task(name="river.orphans", queueing_lock="river orphans", pass_context=True)
async def take_up_orphans(context: JobContext, timestamp: int) -> None:
    """Begin anew the jobs of workers that were killed. Left alone, they would hold their locks for good."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs():
        try:
            await manager.retry_job(job)
        except UniqueViolation:  # the next of its kind waits already, and does what this one would have done
            await manager.finish_job(job, Status.FAILED, delete_job=False)
