"""Killed in each phase, taken up by the next worker: in the end every table is in once, and none is lost."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from time import sleep

import pytest
from django.conf import settings
from django.db import connection

from huoshui.core.actor import SYSTEM
from huoshui.intake.imports.tests.shop import SALES, sums, write
from huoshui.intake.pickup import api as pickup
from huoshui.intake.pickup import holding
from huoshui.intake.pickup.tests.places import begun, folder, items, look, query

# Those of `killed.phases` that differ most; `make proof LAW=pickups` takes all
PHASES = ("while it is fetched", "once its import is made", "once it is started", "while it is received")


class Workers:
    def __init__(self, home: Path) -> None:
        keys = home / "secrets" / "keys.json"
        keys.parent.mkdir()
        shutil.copy(settings.HUOSHUI_KEYS, keys)
        told = connection.settings_dict
        url = f"postgresql://{told['USER']}:{told['PASSWORD']}@/{told['NAME']}?host={told['HOST']}&port={told['PORT']}"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "huoshui.intake.pickup.tests.killed"],
            env={
                **os.environ,
                "DJANGO_SETTINGS_MODULE": "huoshui.project.settings",
                "HUOSHUI_HOME": str(home),
                "HUOSHUI_DATABASE_URL": url,
                "HUOSHUI_PICKUP_FOLDERS": str(home),
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._answer() == "ready"

    def kill(self, pickup_id: int, phase: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{pickup_id} {phase}\n")
        self._process.stdin.flush()
        assert self._answer() == "killed", f"no worker came to the phase: {phase}"
        _wait_until_free(pickup_id)

    def _answer(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        assert self._process.wait(60) == 0


def _wait_until_free(pickup_id: int) -> None:
    """PostgreSQL gives up a killed worker's lock as it comes to see that the worker is gone: soon, not at once."""
    for _ in range(600):
        with holding.held(pickup_id) as is_free:
            if is_free:
                return
        sleep(0.1)
    raise AssertionError("the killed worker's lock is still held after a minute")


@pytest.fixture
def workers(shop: Path) -> Iterator[Workers]:
    started = Workers(shop)
    yield started
    started.close()


def test_every_table_is_in_once(workers: Workers, inbox: Path) -> None:
    files(workers, inbox)
    rows(workers, inbox)


def sales(n: int) -> str:
    return SALES.replace("A1,", f"A{n}1,").replace("A2,", f"A{n}2,")


def files(workers: Workers, inbox: Path) -> None:
    pickup_id = begun(folder(inbox, complete="renamed", done_folder="done"))
    for n, phase in enumerate(PHASES, start=1):
        write(inbox, f"{n}.csv", sales(n))
        workers.kill(pickup_id, phase)
        look(pickup_id)
        pickup.follow()
        assert sums()[:2] == (2 * n, 5050 * n), phase
    workers.kill(pickup_id, "while it is moved")
    look(pickup_id)
    look(pickup_id)
    assert {item.state for item in items(pickup_id)} == {"done"} and len(items(pickup_id)) == len(PHASES)
    assert sorted(file.name.split("-")[0] for file in (inbox / "done").iterdir()) == ["1", "2", "3", "4"]
    assert list(inbox.glob("*.csv")) == []
    assert all(item.put_away for item in items(pickup_id))


def rows(workers: Workers, inbox: Path) -> None:
    till = sqlite3.connect(inbox / "till.db")
    till.execute("create table sold (销售单号, 交易时间, 门店编码, 商品编码, 数量, 实付金额, n integer)")
    place = {"dialect": "sqlite", "database": str(inbox / "till.db")}
    pickup_id = begun(
        query(place, "select * from sold", cursor="n", key="销售单号", overlap=2, form="sales", name="库")
    )
    cursors = []
    orders, paid = sums()[:2]
    for n, phase in enumerate(PHASES[-2:], start=1):
        till.execute(f"insert into sold values ('Q{n}', '2026-03-01 10:00:00', 'S1', 'P1', 1, 10, {n})")
        till.commit()
        workers.kill(pickup_id, phase)
        cursors.append(pickup.pickup_for(SYSTEM, pickup_id).cursor)
        look(pickup_id)
        pickup.follow()
        assert sums()[:2] == (orders + n, paid + 1000 * n), phase
    # Whatever phase the worker was killed in, the cursor had not gone before what was imported
    assert [None if c is None else c["value"] for c in cursors] == [None, "1"]
