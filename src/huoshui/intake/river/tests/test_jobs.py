"""Jobs of workers that died."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import cast

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from huoshui.core.tests.ground import clean_tables
from huoshui.intake.river.jobs import sweep_pending, take_up_orphans

pytestmark = pytest.mark.django_db

__all__ = ["clean_tables"]


@pytest.fixture
def clean_jobs(clean_tables: None) -> Iterator[None]:
    yield
    with connection.cursor() as cursor:
        cursor.execute("truncate procrastinate_jobs, procrastinate_workers cascade")


def test_they_are_begun_again() -> None:
    job_id = _a_job_of_a_worker_last_heard_of(timedelta(minutes=2))

    _take_up_orphans()

    assert ProcrastinateJob.objects.get(id=job_id).status == "todo"


@pytest.mark.usefixtures("clean_jobs")
def test_one_whose_successor_waits_already_gives_way_and_holds_up_no_other() -> None:
    killed = [_a_job_of_a_worker_last_heard_of(timedelta(minutes=2), lock) for lock in ("upkeep", None)]
    sweep_pending.configure(queueing_lock="upkeep").defer(timestamp=0)

    _take_up_orphans()

    assert [ProcrastinateJob.objects.get(id=job_id).status for job_id in killed] == ["failed", "todo"]


def test_those_of_the_living_are_left_alone() -> None:
    job_id = _a_job_of_a_worker_last_heard_of(timedelta(seconds=5))

    _take_up_orphans()

    assert ProcrastinateJob.objects.get(id=job_id).status == "doing"


def _take_up_orphans() -> None:
    async_to_sync(take_up_orphans.func)(cast(JobContext, SimpleNamespace(app=app)), 0)


def _a_job_of_a_worker_last_heard_of(ago: timedelta, queueing_lock: str | None = None) -> int:
    job_id: int = sweep_pending.configure(lock=f"of {queueing_lock}", queueing_lock=queueing_lock).defer(
        timestamp=0
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "with w as (insert into procrastinate_workers (last_heartbeat) values (now() - make_interval(secs => %s)) returning id)"
            " update procrastinate_jobs set status = 'doing', worker_id = (select id from w) where id = %s",
            [ago.total_seconds(), job_id],
        )
    return job_id
