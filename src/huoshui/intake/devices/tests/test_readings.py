"""What devices tell becomes facts of whoever they are of; what cannot be is set aside with its reason."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huoshui.brand import api as brand
from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.crypto import unseal
from huoshui.core.errors import Refused
from huoshui.core.subscribers import Erased, registry
from huoshui.intake.devices import api as devices
from huoshui.intake.devices.tests.conftest import NOW, Machine, Register, body, days_ago
from huoshui.people import api as people

FACTS = sql.Statement(
    "facts",
    "select f.id, f.name, f.occurred_at, f.body, s.state, s.person_id from fact f join settlement s on s.fact_id = f.id"
    " join source o on o.id = f.source_id where o.name like 'device:%%' order by f.id",
)
LINKS = sql.Statement("links", "select count(*) as links from link")

Person = Callable[[str], int]
AGREED = {"consent": "v1"}
SOON = timedelta(days=400)  # after whatever was bound or said while the test ran


def facts() -> list[Any]:
    return sql.fetch(FACTS)


def said(fact: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(fact.body)
    return found


def refusal(machine: Machine, reading: Any, **how: Any) -> tuple[str, str]:
    (verdict,) = machine.tell(reading, **how)
    assert verdict.status == devices.REJECTED
    return verdict.code, verdict.pointer


def visitors(minute: int = 0, *, people_in: Any = 3, out: Any = 1, message: str = "", length: int = 5) -> Any:
    start = NOW - timedelta(minutes=60 - minute)
    told = {
        "type": "visitors",
        "from": start.isoformat(),
        "to": (start + timedelta(minutes=length)).isoformat(),
        "in": people_in,
        "out": out,
    }
    return told | ({"messageId": message} if message else {})


def test_a_key_is_known_by_its_hash_only_and_a_rotated_one_ends(register: Register) -> None:
    scale = register()
    holder = devices.holder_of(scale.token)
    assert holder is not None and holder.code == scale.code
    row = sql.fetch_one(sql.Statement("d", "select * from device"))
    assert scale.token not in str(row) and scale.token[-24:] not in str(row)
    new = devices.rotate_key(scale.id, actor=SYSTEM)
    assert devices.holder_of(scale.token) is None
    assert devices.holder_of(new.token) is not None
    for wrong in ("", "hsd_", new.token[:-1], new.token + "x", "hsw_" + new.token[4:]):
        assert devices.holder_of(wrong) is None


def test_a_scale_tells_of_whom_it_was_given_to_while_they_have_it(register: Register, person: Person) -> None:
    scale, anna = register(), person("13912340001")
    before = days_ago(3)
    binding = devices.give(scale.id, person_id=anna, notice_version="v1", since=days_ago(2), actor=SYSTEM)
    told = scale.tell(
        body(before, "m1", weight_kg=60),
        body(days_ago(1), "m2", weight_kg=60.5, body_fat_percent=25, heart_rate_bpm=70),
        body(days_ago(1), "m3", weight_kg=20) | {"member": "child"},
    )
    assert [v.status for v in told] == ["accepted"] * 3
    assert [f.person_id for f in facts()] == [None, anna, None]
    assert {f.state for f in facts()} == {"settled"}
    assert facts()[1].name == "Body Measured" and said(facts()[1])["metrics"]["weight_kg"] == 60.5
    names = [f.name for f in devices.facts_of(SYSTEM, anna)]
    assert names == ["Device Given", "Body Measured"]
    devices.take_back(scale.id, binding, actor=SYSTEM)
    scale.tell(body(NOW + SOON, "m4", weight_kg=61), received_at=NOW + SOON)
    assert facts()[-1].person_id is None


def test_nobody_is_bound_without_consent_and_no_member_to_two(register: Register, person: Person) -> None:
    scale, anna, bert = register(), person("13912340001"), person("13912340002")
    with pytest.raises(Refused, match="单独同意"):
        devices.give(scale.id, person_id=anna, notice_version=" ", actor=SYSTEM)
    devices.give(scale.id, person_id=anna, notice_version="v1", actor=SYSTEM)
    with pytest.raises(Refused, match="已经绑定"):
        devices.give(scale.id, person_id=bert, notice_version="v1", actor=SYSTEM)
    devices.give(scale.id, person_id=bert, notice_version="v1", member="2", actor=SYSTEM)
    counter = register(devices.COUNTER)
    with pytest.raises(Refused, match="体脂秤"):
        devices.give(counter.id, person_id=bert, notice_version="v1", actor=SYSTEM)
    assert {b.person_id for b in devices.bindings(scale.id)} == {anna, bert}
    # One scale, two people: the machine joins nobody to anybody
    scale.tell(body(NOW, "a", weight_kg=60), body(NOW, "b", weight_kg=80) | {"member": "2"})
    assert sql.fetch_one(LINKS).links == 0


def test_who_has_stepped_onto_a_shops_scale_says_one_number_and_becomes_known(register: Register) -> None:
    scale = register()
    (verdict,) = scale.tell(body(NOW, "m", weight_kg=60) | {"person": {"phone": "139 1234 0009"}} | AGREED)
    anna = devices.find_person("13912340009")
    assert verdict.status == "accepted" and anna is not None
    assert [(f.state, f.person_id) for f in facts()] == [("settled", anna)]
    assert "13912340009" not in str(said(facts()[0]))
    silent = {"person": {"phone": "13912340011"}}
    assert refusal(scale, body(NOW, "s", weight_kg=60) | silent) == ("consent_missing", "/consent")
    both = {"person": {"phone": "13912340009", "member_no": "M1"}}
    assert refusal(scale, body(NOW, "n", weight_kg=60) | both) == ("person_wrong", "/person")
    blocked = {"person": {"phone": "13800138000"}}
    assert refusal(scale, body(NOW, "o", weight_kg=60) | blocked) == ("person_is_nobody", "/person/phone")
    devices.give(scale.id, person_id=anna, notice_version="v1", actor=SYSTEM)
    named = {"person": {"phone": "13912340010"}} | AGREED
    assert refusal(scale, body(NOW, "p", weight_kg=60) | named) == ("person_of_a_bound_device", "/person")
    assert devices.find_person("13912340010") is None


def test_consent_is_in_the_ledger_and_withdrawn_ends_the_readings(register: Register, person: Person) -> None:
    scale, anna = register(), person("13912340001")
    devices.give(scale.id, person_id=anna, notice_version="v3", actor=SYSTEM)
    (entry,) = people.consents_for(SYSTEM, anna)
    assert entry.purpose == "sensitive" and entry.is_given
    assert scale.tell(body(NOW + SOON, "m1", weight_kg=60), received_at=NOW + SOON)[0].status == "accepted"
    people.say_consent(anna, [people.Said("sensitive", "", False)], actor=SYSTEM)
    later = body(NOW + SOON, "m2", weight_kg=61)
    assert refusal(scale, later, received_at=NOW + SOON)[0] == "consent_withdrawn"
    assert [said(f)["metrics"]["weight_kg"] for f in facts()] == [60]
    kept = sql.fetch_one(sql.Statement("kept", "select body from device_aside"))
    assert json.loads(unseal(bytes(kept.body))) == {}


def test_what_is_set_aside_leads_to_nobody(register: Register) -> None:
    scale = register()
    wrong = body(NOW, "m1", weight_kg=600) | {"person": {"phone": "13912340001"}} | AGREED
    assert refusal(scale, wrong)[0] == "metric_implausible"
    kept = sql.fetch_one(sql.Statement("kept", "select body from device_aside"))
    assert json.loads(unseal(bytes(kept.body))) == {n: v for n, v in wrong.items() if n != "person"}


def test_who_is_erased_is_gone_from_the_devices(register: Register, person: Person) -> None:
    scale, anna, bert = register(), person("13912340001"), person("13912340002")
    for n, who in enumerate((anna, bert)):
        devices.give(
            scale.id, person_id=who, member=str(n), notice_version="v1", since=days_ago(9), actor=SYSTEM
        )
        scale.tell(body(days_ago(1), f"m{n}", weight_kg=60 + n) | {"member": str(n)})
    (mine,) = registry.copies["身体读数"]([anna])
    assert (mine["项目"], mine["数值"], mine["单位"]) == ("体重", 60, "公斤")
    _, erase = registry.erasers["设备"]
    assert erase(Erased((anna,)))["身体读数"] == 1
    assert registry.copies["身体读数"]([anna]) == [] and len(registry.copies["身体读数"]([bert])) == 1
    assert [b.person_id for b in devices.bindings(scale.id)] == [bert]
    scale.tell(body(NOW, "after", weight_kg=60) | {"member": "0"})
    assert facts()[-1].person_id is None


def test_what_was_set_aside_and_names_the_erased_goes(register: Register) -> None:
    scale = register()
    for n, phone in enumerate(("13912340001", "13912340002")):
        wrong = body(NOW, f"m{n}", weight_kg=600) | {"note": f"请回电 {phone}"}
        assert refusal(scale, wrong)[0] == "metric_implausible"
    _, erase = registry.erasers["设备（没收下的）"]
    assert erase(Erased((), frozenset({"13912340001"}))) == {"没收下的设备读数": 1}
    assert [a.message_id for a in devices.asides(scale.id)] == ["m1"]
    assert devices.device_view(scale.id).aside == 1


def test_a_message_counts_once_for_ever(register: Register) -> None:
    scale = register()
    reading = body(NOW, "m1", weight_kg=60)
    first, again = scale.tell(reading, reading)
    assert (first.status, again.status) == ("accepted", "duplicate")
    later = NOW + timedelta(days=300)
    assert scale.tell(reading, received_at=later)[0].status == "duplicate"
    assert scale.tell(reading | {"metrics": {"weight_kg": 70}})[0].status == "duplicate"
    # Another device has ids of its own; a reading without one is known by all it says
    assert register().tell(reading)[0].status == "accepted"
    assert [v.status for v in scale.tell(body(NOW, weight_kg=61), body(NOW, weight_kg=61))] == [
        "accepted",
        "duplicate",
    ]
    assert len(facts()) == 3
    view = devices.device_view(scale.id)
    assert (view.taken, view.repeated) == (2, 4)


def test_what_was_refused_takes_no_id_and_comes_again_mended(register: Register) -> None:
    scale = register()
    assert refusal(scale, body(NOW, "m1", weight_kg=600)) == ("metric_implausible", "/metrics/weight_kg")
    assert scale.tell(body(NOW, "m1", weight_kg=60))[0].status == "accepted"
    (kept,) = devices.asides(scale.id)
    assert kept.message_id == "m1" and kept.sentence == "体重 600 不在 2 到 300 公斤之间，请检查单位。"
    assert devices.device_view(scale.id).aside == 1


@pytest.mark.parametrize(
    ("reading", "code", "pointer"),
    [
        (b"{", "reading_unreadable", ""),
        (b"[]", "reading_unreadable", ""),
        (b'{"type":"body","metrics":{"weight_kg":1e999}}', "reading_unreadable", ""),
        (b'{"type":"body","x":"' + b"y" * 9000 + b'"}', "reading_too_large", ""),
        ({"type": "visitors"}, "reading_type_unknown", "/type"),
        ({}, "reading_type_unknown", "/type"),
        ({"type": "body"}, "metrics_missing", "/metrics"),
        ({"type": "body", "metrics": {}}, "metrics_missing", "/metrics"),
        ({"type": "body", "metrics": {"height": 1}}, "metric_unknown", "/metrics/height"),
        ({"type": "body", "metrics": {"a/b": 1}}, "metric_unknown", "/metrics/a~1b"),
        ({"type": "body", "metrics": {"weight_kg": "60"}}, "metric_not_a_number", "/metrics/weight_kg"),
        ({"type": "body", "metrics": {"weight_kg": True}}, "metric_not_a_number", "/metrics/weight_kg"),
        (
            {"type": "body", "metrics": {"weight_kg": 60}, "at": "2026-11-26"},
            "reading_time_unreadable",
            "/at",
        ),
        ({"type": "body", "metrics": {"weight_kg": 60}, "at": 7}, "reading_time_unreadable", "/at"),
        ({"type": "body", "metrics": {"weight_kg": 60}, "member": "x" * 41}, "member_too_long", "/member"),
        (
            {"type": "body", "metrics": {"weight_kg": 60}, "person": {"openid": "o"}},
            "person_wrong",
            "/person",
        ),
        (
            {"type": "body", "metrics": {"weight_kg": 60}, "messageId": "x" * 101},
            "reading_message_id_too_long",
            "/messageId",
        ),
    ],
)
def test_what_is_wrong_is_said_with_its_place(
    register: Register, reading: Any, code: str, pointer: str
) -> None:
    scale = register()
    assert refusal(scale, reading) == (code, pointer)
    (kept,) = devices.asides(scale.id)
    assert kept.code == code and "？" not in kept.sentence and "{" not in kept.sentence.replace("{", "", 1)
    assert not facts()


def test_what_the_database_cannot_hold_spoils_nothing_else(register: Register) -> None:
    screen = register(devices.DISPLAY)
    nul = {"type": "shown", "content": "春\x00茶", "messageId": "a\x00b"}
    half = b'{"type":"shown","content":"\\ud800"}'
    verdicts = screen.tell(nul, half, {"type": "touched", "content": "春茶", "seconds": 3.5})
    assert [v.status for v in verdicts] == ["accepted", "rejected", "accepted"]
    assert [f.name for f in facts()] == ["Screen Shown", "Screen Touched"]


def test_people_in_and_out_are_counted_once_by_store_and_hour(register: Register) -> None:
    counter, other = register(devices.COUNTER), register(devices.COUNTER, store="S2")
    told = counter.tell(visitors(0, message="a"), visitors(5, message="b"), visitors(0, message="c"))
    assert [v.code for v in told] == ["", "", "interval_known"]
    assert refusal(counter, visitors(7, message="d"))[0] == "interval_known"
    assert counter.tell(visitors(0, message="a"))[0].status == "duplicate"
    other.tell(visitors(10, people_in=7, out=7))
    units = brand.find_units(["S1", "S2"])
    rows = devices.counted(list(units.values()), days_ago(1), NOW)
    assert [(r.org_unit_id, r.ins, r.outs) for r in rows] == [(units["S1"], 6, 2), (units["S2"], 7, 7)]
    assert {r.hour for r in rows} == {NOW - timedelta(hours=1)}
    assert devices.counted([units["S1"]], NOW, NOW + timedelta(days=1)) == []
    fact = said(facts()[0])
    assert {k: fact[k] for k in ("store", "in", "out", "from", "to")} == {
        "store": "S1",
        "in": 3,
        "out": 1,
        "from": (NOW - timedelta(hours=1)).isoformat(),
        "to": (NOW - timedelta(minutes=55)).isoformat(),
    }
    for wrong, pointer in (
        (visitors(20, people_in=-1), "/in"),
        (visitors(20, out=1.5), "/out"),
        (visitors(20, out=None), "/out"),
        (visitors(20, length=0), "/from"),
        (visitors(-20, length=61), "/from"),
    ):
        assert refusal(counter, wrong)[1] == pointer
    homeless = register(devices.COUNTER, store="")
    assert refusal(homeless, visitors())[0] == "store_missing"


def test_the_wrong_clock_is_set_right_by_what_was_sent(register: Register) -> None:
    scale = register()
    ahead = timedelta(hours=9)
    told = scale.tell(body(NOW - timedelta(minutes=10) + ahead, "m1", weight_kg=60), sent_at=NOW + ahead)
    assert told[0].status == "accepted"
    assert facts()[0].occurred_at == NOW - timedelta(minutes=10)
    assert devices.device_view(scale.id).offset == ahead
    # What lay in a broker is as wrong as the clock was when last seen, however long it lay
    lain = body(NOW - timedelta(hours=2) + ahead, "m2", weight_kg=60)
    scale.tell(lain, sent_at=NOW - timedelta(hours=2) + ahead, is_live=False)
    assert facts()[1].occurred_at == NOW - timedelta(hours=2)
    # Without a clock of its own: when it came
    assert scale.tell({"type": "body", "metrics": {"weight_kg": 60}, "messageId": "m3"})[0].fact_id
    assert facts()[2].occurred_at == NOW


def test_the_future_and_years_ago_are_set_aside(register: Register) -> None:
    scale = register()
    assert refusal(scale, body(NOW + timedelta(hours=1), "f", weight_kg=60)) == ("reading_in_future", "/at")
    assert refusal(scale, body(days_ago(3000), "o", weight_kg=60)) == ("reading_too_old", "/at")
    year_one = body(NOW, "y", weight_kg=60) | {"at": "0001-01-01T00:00:00+00:00"}
    assert refusal(scale, year_one, sent_at=NOW + timedelta(days=9)) == ("reading_too_old", "/at")
    assert not facts()
    slightly = scale.tell(body(NOW + timedelta(seconds=100), "s", weight_kg=60))
    assert slightly[0].status == "accepted" and facts()[0].occurred_at == NOW
    # A clock that stands in 1970 tells right times all the same, as long as it says when it sent
    epoch = NOW - timedelta(days=20_000)
    scale.tell(body(epoch - timedelta(hours=1), "e", weight_kg=60), sent_at=epoch)
    assert facts()[1].occurred_at == NOW - timedelta(hours=1)


def test_a_device_gone_mad_fills_no_disk(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    from huoshui.intake.devices import actions

    monkeypatch.setattr(actions, "MOST_ASIDE", 3)
    scale = register()
    for n in range(6):
        scale.tell(body(NOW, f"m{n}", weight_kg=1000 + n))
    assert len(devices.asides(scale.id)) == 3
    assert devices.device_view(scale.id).aside == 6


def test_many_readings_cost_no_more_queries_than_few(register: Register, person: Person) -> None:
    scale = register()
    devices.give(
        scale.id, person_id=person("13912340001"), notice_version="v1", since=days_ago(90), actor=SYSTEM
    )

    def queries(some: int, first: int) -> int:
        readings = [body(days_ago(n / 10), f"q{first + n}", weight_kg=60) for n in range(some)]
        with CaptureQueriesContext(connection) as captured, counting() as ran:
            scale.tell(*readings)
        return len(captured) + ran[0]

    queries(1, 0)
    assert queries(20, 100) == queries(200, 1000)


class counting:
    """How many statements `core.sql` ran: they are not among Django's."""

    def __enter__(self) -> list[int]:
        import psycopg

        self._before, self._count = psycopg.Cursor.execute, [0]
        count, before = self._count, self._before

        def execute(cursor: Any, *args: Any, **how: Any) -> Any:
            count[0] += 1
            return before(cursor, *args, **how)

        psycopg.Cursor.execute = execute  # type: ignore[method-assign,assignment]
        return self._count

    def __exit__(self, *_: object) -> None:
        import psycopg

        psycopg.Cursor.execute = self._before  # type: ignore[method-assign]


def test_how_often_readings_came_again_is_counted_by_source(register: Register) -> None:
    one, other, counter = register(), register(), register(devices.COUNTER)
    one.tell(body(NOW, "m1", weight_kg=60), body(NOW, "m1", weight_kg=60))
    one.tell(body(NOW, "m1", weight_kg=60))
    other.tell(body(NOW, "m1", weight_kg=60))
    other.tell(body(NOW, "m1", weight_kg=60))
    counter.tell(visitors(message="v"))
    assert devices.repeated() == {"device:scale": 3, "device:counter": 0}
