"""Body readings past their time go with the words that told them; nothing younger, and once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.subscribers import registry
from huoshui.intake.devices import api as devices
from huoshui.intake.devices.tests.conftest import NOW, Register, body, days_ago

READINGS = sql.Statement("readings", "select at, value from body_reading order by at")
TOLD = sql.Statement(
    "told",
    "select f.occurred_at, f.body is null as is_bare, s.person_id from fact f join settlement s on s.fact_id = f.id"
    " where f.name = 'Body Measured' order by f.occurred_at",
)
ASIDE = sql.Statement("aside", "select count(*) as n from device_aside")


def test_old_readings_go_and_that_she_stepped_on_the_scale_stays(
    register: Register, person: Callable[[str], int]
) -> None:
    scale, anna = register(), person("13912340001")
    devices.give(scale.id, person_id=anna, notice_version="v1", since=days_ago(20), actor=SYSTEM)
    scale.tell(body(days_ago(10), "a", weight_kg=61), body(days_ago(3), "b", weight_kg=60))
    kept, before = registry.expiries["devices.readings"], NOW - timedelta(days=5)
    assert kept.count(before) == kept.take(before) == {"身体读数": 1}
    assert [(r.at, r.value) for r in sql.fetch(READINGS)] == [(days_ago(3), 60)]
    assert [(r.occurred_at, r.is_bare, r.person_id) for r in sql.fetch(TOLD)] == [
        (days_ago(10), True, anna),
        (days_ago(3), False, anna),
    ]
    assert kept.count(before) == kept.take(before) == {"身体读数": 0}
    scale.tell(body(days_ago(10), "a", weight_kg=61))
    assert len(sql.fetch(READINGS)) == 1, "told again, it does not come back"


def test_what_nobody_mended_goes_after_its_time(register: Register) -> None:
    register().tell({"type": "body", "at": "?"})
    kept = registry.expiries["devices.aside"]
    now = clock.now()
    assert kept.take(now - timedelta(days=1)) == {"设备没收下的数据": 0}
    assert kept.take(now + timedelta(seconds=1)) == {"设备没收下的数据": 1}
    assert sql.fetch_one(ASIDE).n == 0
