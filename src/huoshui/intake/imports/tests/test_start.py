"""Who may start a run, and when."""

from __future__ import annotations

import psycopg
import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.errors import Refused
from huoshui.intake.imports import api as imports
from huoshui.intake.imports.models import ImportRun
from huoshui.intake.imports.runner import Q

pytestmark = pytest.mark.django_db


@pytest.fixture
def run_id() -> int:
    """A run that was being carried out when it was last heard of."""
    run_id = imports.add_run([], kind="stores", actor=SYSTEM)
    ImportRun.objects.filter(id=run_id).update(state=ImportRun.RUNNING)
    return run_id


def test_one_that_was_killed_half_way_may_be_started_again(run_id: int) -> None:
    assert imports.run_for(SYSTEM, run_id).state == "interrupted"

    imports.start(SYSTEM, run_id)

    assert imports.run_for(SYSTEM, run_id).state == "queued"
    assert ProcrastinateJob.objects.filter(task_name="imports.run", args={"run_id": run_id}).count() == 1


def test_one_in_hand_may_not(run_id: int) -> None:
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": psycopg.Cursor}) as worker:
        worker.execute(Q.try_lock.text, {"run_id": run_id})

        assert imports.run_for(SYSTEM, run_id).state == "running"
        with pytest.raises(Refused, match="已经在进行"):
            imports.start(SYSTEM, run_id)

    assert not ProcrastinateJob.objects.filter(task_name="imports.run", args={"run_id": run_id}).exists()


def test_one_that_is_done_is_not_carried_out_again(run_id: int) -> None:
    ImportRun.objects.filter(id=run_id).update(state=ImportRun.DONE, message="as it was")

    run = imports.execute(run_id, actor=SYSTEM)

    assert (run.state, run.message) == (ImportRun.DONE, "as it was")
    assert not sql.fetch_one(Q.is_locked, run_id=run_id).locked
