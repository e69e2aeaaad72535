"""By the clock: what is due begins on threads of its own, and a place that hangs holds up nobody."""

from __future__ import annotations

import socket
from pathlib import Path
from threading import enumerate as threads

import pytest

from huoshui.core.actor import SYSTEM
from huoshui.intake.imports.tests.shop import SALES, write
from huoshui.intake.pickup import api as pickup
from huoshui.intake.pickup import jobs
from huoshui.intake.pickup.tests.places import asked, begun, fault, folder, items


def at_work(pickup_id: int) -> bool:
    return any(thread.name == f"pickup {pickup_id}" for thread in threads())


def ended(pickup_id: int) -> None:
    for thread in threads():
        if thread.name == f"pickup {pickup_id}":
            thread.join(60)
            assert not thread.is_alive()


def test_a_place_that_hangs_holds_up_nobody(shop: Path, inbox: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        place = {"host": "127.0.0.1", "port": str(silent.getsockname()[1]), "user": "shop"}
        hanging = begun(asked("sftp", place, name="不回话", secret={"password": "x"}))
        jobs.look_around(0)
        assert at_work(hanging)  # and we are here already
        write(inbox, "一日.csv", SALES)
        other = begun(folder(inbox, complete="renamed"))
        jobs.look_around(0)
        ended(other)
        assert [item.state for item in items(other)] == ["importing"]  # handed to the queue of imports
        assert at_work(hanging)
        jobs.look_around(0)
        assert sum(thread.name == f"pickup {hanging}" for thread in threads()) == 1
    ended(hanging)
    assert (
        fault(hanging) in ("slow", "lost", "unreachable") and pickup.pickup_for(SYSTEM, hanging).failures == 1
    )


def test_what_is_paused_or_not_due_is_left_alone(
    shop: Path, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paused = begun(folder(inbox))
    pickup.switch(paused, is_on=False, actor=SYSTEM)
    begins: list[int] = []
    monkeypatch.setattr(jobs, "_begin", begins.append)
    jobs.look_around(0)
    assert begins == []
    pickup.switch(paused, is_on=True, actor=SYSTEM)
    jobs.look_around(0)
    assert begins == [paused]


def test_the_password_of_what_was_removed_is_forgotten(shop: Path) -> None:
    from huoshui.core import sql

    kept = sql.Statement("kept", "select count(*) as secrets from pickup_secret")
    pickup_id = begun(asked("sftp", {"host": "h", "user": "u"}, secret={"password": "x"}))
    pickup.remove(pickup_id, actor=SYSTEM)
    assert sql.fetch_one(kept).secrets == 1
    jobs.forget(0)
    assert sql.fetch_one(kept).secrets == 0
