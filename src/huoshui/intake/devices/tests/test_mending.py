"""What was set aside is mended and told again: once, at its own time, and of nobody's it is not."""

from __future__ import annotations

import json

import pytest
import time_machine

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.errors import NotFound, Refused
from huoshui.intake.devices import api as devices
from huoshui.intake.devices.tests.conftest import NOW, Machine, Register, body, days_ago

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_now")]

_READINGS = sql.Statement("readings", "select value, at from body_reading order by fact_id")
_STATE = sql.Statement("state", "select aside, taken from device_state where device_id = %(id)s")
_CLOSED = sql.Statement("closed", "select state, closed_by, fact_id from device_aside order by id")


@pytest.fixture
def _now() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


def only(machine: Machine) -> devices.OpenedAside:
    (one,) = devices.asides(machine.id)
    return devices.open_aside(one.id)


def state(machine: Machine) -> tuple[int, int]:
    row = sql.fetch_one(_STATE, id=machine.id)
    return row.aside, row.taken


def test_mended_it_is_taken_in_at_its_time_and_once(register: Register) -> None:
    scale = register()
    wrong = body(days_ago(1), "m1", weight_kg=6200)
    assert [v.code for v in scale.tell(wrong)] == ["metric_implausible"]
    scale.tell(wrong)
    one = only(scale)
    assert (one.times, state(scale)) == (2, (2, 0))
    mended = json.loads(one.text)
    mended["metrics"]["weight_kg"] = 62
    verdict = devices.replay_aside(one.id, text=json.dumps(mended), actor=SYSTEM)
    assert verdict.status == devices.ACCEPTED
    assert [(r.value, r.at) for r in sql.fetch(_READINGS)] == [(62, days_ago(1))]
    assert (devices.asides(scale.id), devices.aside_counts(), state(scale)) == ([], [], (0, 1))
    (closed,) = sql.fetch(_CLOSED)
    assert (closed.state, closed.closed_by, closed.fact_id) == ("replayed", str(SYSTEM), verdict.fact_id)
    with pytest.raises(Refused):
        devices.replay_aside(one.id, text=None, actor=SYSTEM)
    scale.tell(wrong)
    assert devices.asides(scale.id) == [], "the same wrong message again has been dealt with"
    assert len(sql.fetch(_READINGS)) == 1


def test_still_wrong_it_stays_with_its_present_reason(register: Register) -> None:
    scale = register()
    scale.tell(body(days_ago(1), "m1", weight_kg=6200))
    one = only(scale)
    text = json.dumps(body(days_ago(1), "m1", wait_kg=62) | {"person": {"phone": "13800138000"}})
    assert devices.replay_aside(one.id, text=text, actor=SYSTEM).status == devices.REJECTED
    now = only(scale)
    assert (now.id, now.code) == (one.id, "metric_unknown")
    assert "wait_kg" in now.text and "13800138000" not in now.text
    assert (sql.fetch(_READINGS), state(scale)) == ([], (1, 0))


def test_unmended_once_its_cause_is_gone(register: Register) -> None:
    counter = register(devices.COUNTER, store="")
    told = {
        "type": "visitors",
        "messageId": "v1",
        "from": days_ago(1).isoformat(),
        "to": days_ago(0.99).isoformat(),
        "in": 3,
        "out": 1,
    }
    assert [v.code for v in counter.tell(told)] == ["store_missing"]
    one = only(counter)
    devices.change(counter.id, name="门口", store_code="S1", rate_per_minute=60, is_on=False, actor=SYSTEM)
    assert devices.replay_aside(one.id, text=None, actor=SYSTEM).status == devices.ACCEPTED


def test_dropped_with_a_reason(register: Register) -> None:
    scale = register()
    scale.tell(body(days_ago(1), "m1", weight_kg=6200))
    one = only(scale)
    with pytest.raises(Refused):
        devices.drop_aside(one.id, reason=" ", actor=SYSTEM)
    devices.drop_aside(one.id, reason="试机", actor=SYSTEM)
    assert devices.asides(scale.id) == []
    assert [row.state for row in sql.fetch(_CLOSED)] == ["dropped"]
    with pytest.raises(NotFound):
        devices.drop_aside(one.id + 1, reason="x", actor=SYSTEM)


def test_a_sample_is_not_claimed_afterwards(register: Register) -> None:
    dispenser = register(devices.DISPENSER)
    dispenser.tell({"type": "claim", "messageId": "c1", "at": days_ago(0.1).isoformat(), "code": "NOPE"})
    with pytest.raises(Refused, match="当场"):
        devices.replay_aside(only(dispenser).id, text=None, actor=SYSTEM)
    assert len(devices.asides(dispenser.id)) == 1
