"""Lanes in processes of their own settle as those here do, say what went wrong, and end with us."""

from __future__ import annotations

import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection
from pytest import MonkeyPatch

from huoshui.core.actor import SYSTEM
from huoshui.core.facts import api as facts
from huoshui.intake.imports import api as imports
from huoshui.intake.imports import lanes
from huoshui.intake.imports.tests.shop import clean_tables, run, shop, sums, write
from huoshui.intake.imports.tests.test_runs import OPERATOR, many_sales
from huoshui.intake.river.tests.world import check_books

__all__ = ["clean_tables", "shop"]


@pytest.fixture(autouse=True)
def every_file_is_large(monkeypatch: MonkeyPatch) -> None:
    monkeypatch.setattr("huoshui.intake.imports.runner._LARGE", 0)


def test_two_processes_settle_one_file(shop: Path) -> None:
    view = run("sales", many_sales(300), shop)
    assert (view.counts["new"], view.counts["waiting"]) == (330, 0)
    assert sums()[:2] == (300, sum((10 + n) * 100 for n in range(300) if n % 10))
    check_books()


def test_what_a_process_raises_is_raised_here(shop: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("alter table sale rename to sale_gone")
    try:
        with pytest.raises(Exception, match='"sale" does not exist'):
            run("sales", many_sales(40), shop)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("alter table sale_gone rename to sale")


def test_a_run_whose_process_was_killed_is_carried_on(shop: Path, monkeypatch: MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    say = lanes._say

    def kill_before_the_second(process: subprocess.Popen[bytes], what: object) -> None:
        if process in started:
            process.kill()
            process.wait()
        started.append(process)
        say(process, what)

    run_id = imports.add_run([write(shop, "a.csv", many_sales(400))], kind="sales", actor=OPERATOR)
    with monkeypatch.context() as patched:
        patched.setattr(lanes, "_say", kill_before_the_second)
        with pytest.raises(lanes.LaneLost):
            imports.execute(run_id, actor=SYSTEM)
    assert imports.run_for(OPERATOR, run_id).state == "failed"
    imports.start(OPERATOR, run_id)
    imports.execute(run_id, actor=SYSTEM)
    assert imports.run_for(OPERATOR, run_id).state == "done"
    assert facts.open_counts() == (0, 0)
    check_books()


def test_a_process_ends_when_its_pipe_does(shop: Path) -> None:
    """As it does when we are killed: nobody is there to end it."""
    command = [sys.executable, "-m", lanes._APART]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        lanes._say(process, lanes.what_a_lane_is_told(1, SYSTEM))
        lanes._say(process, [])
        assert process.stdout and pickle.load(process.stdout) is None
        assert process.stdin
        process.stdin.close()
        assert process.wait(timeout=60) == 0
