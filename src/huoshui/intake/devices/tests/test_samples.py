"""One claim code, one person, one sample out; and a week later somebody asks how it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
import time_machine
from django.db import connection

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.intake.devices import api as devices
from huoshui.intake.devices import samples
from huoshui.intake.devices.tests.conftest import NOW, Machine, Register

PHONE = "13912340001"
FACTS = sql.Statement(
    "facts",
    "select f.name, f.body, s.person_id from fact f join settlement s on s.fact_id = f.id"
    " where f.name like 'Sample%%' order by f.id",
)


@pytest.fixture
def machine(register: Register) -> Machine:
    return register(devices.DISPENSER)


@pytest.fixture
def code(machine: Machine) -> str:
    sample = devices.add_sample(name="小样·山茶花精华", sku_code="SKU9", follow_up_days=7, actor=SYSTEM)
    return devices.make_codes(sample, count=1, actor=SYSTEM)[0]


def claim(code: str, message: str = "c", phone: str = PHONE) -> dict[str, Any]:
    return {"type": "claim", "code": code, "person": {"phone": phone}, "messageId": message}


def out(code: str, message: str = "o", result: str = "out") -> dict[str, Any]:
    return {"type": "dispense", "code": code, "result": result, "messageId": message}


def names() -> list[str]:
    return [row.name for row in sql.fetch(FACTS)]


def test_a_code_names_a_person_lets_a_sample_out_and_is_followed_up(machine: Machine, code: str) -> None:
    with time_machine.travel(NOW, tick=False):
        (claimed,) = machine.tell(claim(code.lower()))
        assert (claimed.status, claimed.gives) == ("accepted", True)
        anna = devices.find_person(PHONE)
        assert anna is not None
        (came,) = machine.tell(out(code))
        assert (came.status, came.gives) == ("accepted", None)
        devices.tend()
        assert names() == ["Sample Claimed", "Sample Dispensed"]
    with time_machine.travel(NOW + timedelta(days=7, minutes=1), tick=False):
        devices.tend()
        devices.tend()
    rows = sql.fetch(FACTS)
    assert [row.name for row in rows] == ["Sample Claimed", "Sample Dispensed", "Sample Follow Up Due"]
    assert {row.person_id for row in rows} == {anna}
    assert (
        json.loads(rows[1].body)["sample"] == "小样·山茶花精华" and json.loads(rows[1].body)["sku"] == "SKU9"
    )
    (notice,) = devices.notices(SYSTEM)
    assert notice.person_id == anna and notice.said["sample"] == "小样·山茶花精华"
    devices.close_notice(notice.fact_id, actor=SYSTEM)
    assert devices.notices(SYSTEM) == [] and len(devices.notices(SYSTEM, state="done")) == 1


def test_a_used_code_gives_nothing_and_a_lost_answer_is_given_again(machine: Machine, code: str) -> None:
    assert machine.tell(claim(code, "c1"))[0].gives is True
    again = machine.tell(claim(code, "c1"))[0]
    assert (again.status, again.gives) == ("duplicate", True)
    other = machine.tell(claim(code, "c2", "13912340002"))[0]
    assert (other.status, other.code, other.gives) == ("rejected", "sample_code_used", False)
    machine.tell(out(code))
    assert machine.tell(claim(code, "c1"))[0].gives is False
    assert machine.tell(claim(code, "c3"))[0].code == "sample_code_used"
    assert machine.tell(claim("NOSUCHCODE", "c4"))[0].code == "sample_code_unknown"
    assert names() == ["Sample Claimed", "Sample Dispensed"]
    # Who got nothing left no trace among people
    assert devices.find_person("13912340002") is None


def test_two_claims_in_one_delivery_give_one_sample(machine: Machine, code: str) -> None:
    told = machine.tell(claim(code, "c1"), claim(code, "c2", "13912340002"), out(code), out(code, "o2"))
    assert [(v.status, v.code, v.gives) for v in told] == [
        ("accepted", "", True),
        ("rejected", "sample_code_used", False),
        ("accepted", "", None),
        ("rejected", "sample_not_claimed", None),
    ]


def test_a_stuck_machine_gives_the_code_free_again(machine: Machine, register: Register, code: str) -> None:
    machine.tell(claim(code, "c1"))
    elsewhere = register(devices.DISPENSER)
    assert elsewhere.tell(out(code))[0].code == "sample_not_claimed"
    assert machine.tell(out(code, "o1", "stuck"))[0].status == "accepted"
    assert elsewhere.tell(claim(code, "c2"))[0].gives is True
    assert elsewhere.tell(out(code, "o2"))[0].status == "accepted"
    assert names() == ["Sample Claimed", "Sample Stuck", "Sample Claimed", "Sample Dispensed"]
    assert [(s.codes, s.claimed, s.out) for s in devices.list_samples()] == [(1, 0, 1)]


def test_a_claim_says_who_and_a_closed_sample_gives_nothing(machine: Machine, code: str) -> None:
    nameless = {"type": "claim", "code": code, "messageId": "n"}
    assert machine.tell(nameless)[0].code == "person_wrong"
    assert machine.tell({"type": "claim", "person": {"phone": PHONE}})[0].code == "sample_code_missing"
    assert machine.tell(out(code, result="eaten"))[0].code == "sample_result_unknown"
    (sample,) = devices.list_samples()
    devices.switch_sample(sample.id, is_on=False, actor=SYSTEM)
    assert machine.tell(claim(code))[0].code == "sample_code_closed"
    devices.switch_sample(sample.id, is_on=True, actor=SYSTEM)
    assert machine.tell(claim(code))[0].gives is True


Race = Callable[[], list[bool | None]]


@pytest.fixture
def race(transactional_db: None) -> Race:
    """Two dispensers claim one code at the same moment."""
    brand.ensure_headquarters("总部")
    brand.unit_ids(["S1"])
    machines = [
        Machine(devices.register(kind=devices.DISPENSER, name=n, store_code="S1", actor=SYSTEM)) for n in "ab"
    ]
    sample = devices.add_sample(name="小样", actor=SYSTEM)

    def run() -> list[bool | None]:
        code = devices.make_codes(sample, count=1, actor=SYSTEM)[0]
        posts = [m.post(claim(code, code, f"1391234000{n}")) for n, m in enumerate(machines)]
        start, found = Barrier(2), []

        def work(post: devices.Post) -> None:
            start.wait(10)
            found.append(devices.take([post])[0][0].gives)
            connection.close()

        threads = [Thread(target=work, args=(post,)) for post in posts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        return found

    return run


def test_of_two_who_claim_at_once_one_gets_the_sample(race: Race) -> None:
    for _ in range(5):
        assert sorted(race(), key=bool) == [False, True]


def test_without_the_lock_both_would(race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: a claim that looks first and writes then."""
    both = Barrier(2)

    def look_and_write(readings: Any) -> dict[int, Any]:
        for one in readings:
            (row,) = sql.fetch(samples.Q.codes_as_they_are, codes=[one.code])
            assert row.state == "made"
        both.wait(10)
        return {}

    monkeypatch.setattr(samples, "claim", look_and_write)
    assert race() == [True, True]
