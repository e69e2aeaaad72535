"""A device goes from one to the next: each keeps what was told in their time, in whatever order it comes and is written down."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM
from huoshui.core.errors import NotFound, Refused
from huoshui.core.facts import api as core_facts
from huoshui.core.facts import withdrawn
from huoshui.core.subscribers import Erased, registry
from huoshui.intake.devices import api as devices
from huoshui.intake.devices import jobs
from huoshui.intake.devices.tests.conftest import NOW, Machine, Register, body, days_ago
from huoshui.intake.river.settle import take_steps
from huoshui.people import api as people

# Facts that count, by day before NOW, and whose they are; figures beside them, as trends read them
COUNT = sql.Statement(
    "count",
    "select f.id, f.occurred_at, s.person_id, f.body ->> 'retells' as retells from fact f"
    " join settlement s on s.fact_id = f.id"
    " where f.name = 'Body Measured' and s.state = 'settled'"
    " and not exists (select from fact_withdrawn w where w.fact_id = f.id) order by f.occurred_at, f.id",
)
FIGURES = sql.Statement("figures", "select fact_id, at, person_id from body_reading order by at, fact_id")
EVERY = sql.Statement(
    "every", "select id, body::text as body from fact where name = 'Body Measured' order by id"
)

Person = Callable[[str], int]


@pytest.fixture
def two(person: Person, monkeypatch: pytest.MonkeyPatch) -> tuple[int, int]:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return person("13912340001"), person("13912340002")


def whose() -> list[tuple[float, int | None]]:
    """(days ago, person) of all that counts; the figures say the same."""
    found = [((NOW - r.occurred_at) / timedelta(days=1), r.person_id) for r in sql.fetch(COUNT)]
    assert [(r.fact_id, r.person_id) for r in sql.fetch(FIGURES)] == [
        (r.id, r.person_id) for r in sql.fetch(COUNT)
    ]
    return found


def given(scale: Machine, who: int, days: float, member: str = "") -> int:
    return devices.give(
        scale.id, person_id=who, notice_version="v1", since=days_ago(days), member=member, actor=SYSTEM
    )


def tell(scale: Machine, *days: float, **more: Any) -> None:
    told = [body(days_ago(d), f"m{d}", weight_kg=60) | more for d in days]
    assert {v.status for v in scale.tell(*told)} == {"accepted"}


def test_handed_over_the_older_keeps_the_older_readings_also_those_that_come_late(
    register: Register, two: tuple[int, int]
) -> None:
    anna, bert = two
    scale = register()
    first = given(scale, anna, 20)
    tell(
        scale, 15, 4
    )  # the last one in the days in which it had changed hands already, though nobody had said so
    second = devices.hand_over(
        scale.id,
        first,
        person_id=bert,
        notice_version="v2",
        at=days_ago(10),
        reason="送给了弟弟",
        actor=SYSTEM,
    )
    assert whose() == [(15, anna), (4, bert)]
    tell(scale, 12, 3)  # by their own time, not by when they come
    assert whose() == [(15, anna), (12, anna), (4, bert), (3, bert)]
    assert [f.name for f in devices.facts_of(SYSTEM, bert)].count("Body Measured") == 2
    now, before = devices.terms_of_device(scale.id)
    assert (now.id, now.person_id, now.since, now.until) == (second, bert, days_ago(10), None)
    assert (before.person_id, before.until, before.reason) == (anna, days_ago(10), "送给了弟弟")
    assert (now.readings, before.readings) == (2, 2)
    assert [t.device_id for t in devices.devices_of(SYSTEM, anna)] == [scale.id]
    assert people.standing_for(SYSTEM, bert)["sensitive", ""]


def test_what_came_before_somebody_was_written_down_is_told_again_word_for_word(
    register: Register, two: tuple[int, int]
) -> None:
    anna, _ = two
    scale = register()
    tell(scale, 9, 5)
    before = sql.fetch(EVERY)
    given(scale, anna, 6)
    assert whose() == [(9, None), (5, anna)]
    # Facts never change: the old one stays as it was, beside the one that now stands for it
    assert sql.fetch(EVERY)[:2] == before
    assert [r.retells for r in sql.fetch(COUNT)] == [None, str(before[1].id)]
    assert scale.tell(body(days_ago(5), "m5", weight_kg=60))[0].status == "duplicate"
    assert whose() == [(9, None), (5, anna)]


def test_a_term_is_mended_there_and_back(register: Register, two: tuple[int, int]) -> None:
    anna, bert = two
    scale = register()
    first = given(scale, anna, 20)
    devices.take_back(scale.id, first, at=days_ago(10), actor=SYSTEM)
    given(scale, bert, 8)
    tell(scale, 19, 12, 9, 7)
    tell(scale, 11, member="2")
    before = [(19, anna), (12, anna), (11, None), (9, None), (7, bert)]
    assert whose() == before
    mend: dict[str, Any] = {"reason": "日期写错了", "actor": SYSTEM}
    assert devices.correct_term(scale.id, first, since=days_ago(15), until=days_ago(8), **mend) == 2
    assert whose() == [(19, None), (12, anna), (11, None), (9, anna), (7, bert)]
    assert devices.correct_term(scale.id, first, since=days_ago(20), until=days_ago(10), **mend) == 2
    assert whose() == before
    assert devices.correct_term(scale.id, first, since=days_ago(20), until=days_ago(10), **mend) == 0
    with pytest.raises(Refused, match="绑定了别人"):
        devices.correct_term(scale.id, first, since=days_ago(20), until=days_ago(7), **mend)
    with pytest.raises(Refused, match="绑定了别人"):
        devices.correct_term(scale.id, first, since=days_ago(20), until=None, **mend)
    with pytest.raises(Refused, match="为什么"):
        devices.correct_term(scale.id, first, since=days_ago(20), until=None, reason=" ", actor=SYSTEM)
    with pytest.raises(Refused, match="之后"):
        devices.correct_term(scale.id, first, since=days_ago(5), until=days_ago(5), **mend)
    with pytest.raises(Refused, match="别人在用"):
        given(scale, anna, 15)
    with pytest.raises(NotFound):
        devices.correct_term(register().id, first, since=days_ago(20), until=None, **mend)
    assert whose() == before


def test_bound_to_the_wrong_person_nothing_of_it_is_theirs(register: Register, two: tuple[int, int]) -> None:
    anna, bert = two
    scale = register()
    wrong = given(scale, bert, 20)
    tell(scale, 15)
    assert devices.never_had(scale.id, wrong, reason="绑错了人", actor=SYSTEM) == 1
    assert whose() == [(15, None)]
    assert devices.facts_of(SYSTEM, bert) == [] and devices.devices_of(SYSTEM, bert) == []
    given(scale, anna, 20)
    assert whose() == [(15, anna)]


def test_nobody_gets_readings_whose_consent_is_withdrawn(register: Register, two: tuple[int, int]) -> None:
    anna, _ = two
    scale = register()
    term = given(scale, anna, 5)
    tell(scale, 9, 3)
    people.say_consent(anna, [people.Said("sensitive", "", False)], actor=SYSTEM)
    with pytest.raises(Refused, match="撤回"):
        devices.correct_term(scale.id, term, since=days_ago(10), until=None, reason="更早", actor=SYSTEM)
    assert whose() == [(9, None), (3, anna)]
    assert devices.terms_of_device(scale.id)[0].since == days_ago(5)
    # Taking them away is always possible
    assert devices.never_had(scale.id, term, reason="绑错了人", actor=SYSTEM) == 1


def test_what_was_noticed_by_anothers_readings_never_held(register: Register, two: tuple[int, int]) -> None:
    anna, bert = two
    scale = register()
    first = given(scale, anna, 30)
    fat = {20: 24, 16: 24.5, 12: 25, 9: 27}
    for days, percent in fat.items():
        scale.tell(body(days_ago(days), f"f{days}", body_fat_percent=percent))
    jobs.notice()
    assert [n.person_id for n in devices.notices(SYSTEM)] == [anna]
    hand: dict[str, Any] = {"notice_version": "v1", "reason": "转送"}
    second = devices.hand_over(scale.id, first, person_id=bert, at=days_ago(10), **hand, actor=SYSTEM)
    jobs.notice()
    assert devices.notices(SYSTEM) == []
    assert "Trend Noticed" not in [f.name for f in devices.facts_of(SYSTEM, anna)]
    # It had been hers all along: it is noticed once more, and once only
    devices.never_had(scale.id, second, reason="没有转送", actor=SYSTEM)
    devices.correct_term(scale.id, first, since=days_ago(30), until=None, reason="没有转送", actor=SYSTEM)
    for _ in range(2):
        jobs.notice()
        assert [n.person_id for n in devices.notices(SYSTEM)] == [anna]
    assert [f.name for f in devices.facts_of(SYSTEM, anna)].count("Trend Noticed") == 1


def test_twice_the_readings_cost_no_more_statements(register: Register, two: tuple[int, int]) -> None:
    anna, bert = two

    def cost(readings: int, who: int) -> int:
        scale = register()
        first = given(scale, anna, 90)
        scale.tell(*[body(days_ago(80 - n), f"c{n}", weight_kg=60) for n in range(readings)])
        hand: dict[str, Any] = {"notice_version": "v1", "reason": "转送", "at": days_ago(85)}
        with CaptureQueriesContext(connection) as seen, Sent() as sent:
            devices.hand_over(scale.id, first, person_id=who, **hand, actor=SYSTEM)
        assert {w for _, w in whose_of(scale)} == {who}
        return len(seen) + len(sent)

    cost(2, bert)
    assert cost(20, bert) == cost(40, bert)


def whose_of(scale: Machine) -> list[tuple[Any, int | None]]:
    figures = sql.Statement(
        "of", "select at, person_id from body_reading where device_id = %(device_id)s::int"
    )
    return [(r.at, r.person_id) for r in sql.fetch(figures, device_id=scale.id)]


class Sent:
    """Statements that go by `core.sql`."""

    def __enter__(self) -> list[str]:
        self.seen: list[str] = []
        self.before = {name: getattr(sql, name) for name in ("fetch", "fetch_as", "fetch_one", "run", "send")}
        for name, how in self.before.items():
            setattr(sql, name, self._counted(how))
        return self.seen

    def _counted(self, how: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*args: Any, **more: Any) -> Any:
            self.seen.append(str(args[0] if not isinstance(args[0], type) else args[1]))
            return how(*args, **more)

        return counted

    def __exit__(self, *_: Any) -> None:
        for name, how in self.before.items():
            setattr(sql, name, how)


def test_readings_that_others_took_back_follow_the_facts_that_tell_of_them_now(
    register: Register, two: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody named at a shop's scale, of whom an import was undone or a shared number parted: the river tells it again."""
    scale = register()
    scale.tell(
        body(days_ago(2), "n1", weight_kg=60) | {"person": {"phone": "13912340001"}, "consent": "v1"},
        body(days_ago(1), "n2", weight_kg=70) | {"person": {"phone": "13912340002"}, "consent": "v1"},
    )
    assert whose() == [(2, two[0]), (1, two[1])]
    ids = [r.fact_id for r in sql.fetch(FIGURES)]
    by = withdrawn.reverse_others(7, ids)
    withdrawn.withdraw(7, [(ids[0], by[ids[0]], True), (ids[1], by[ids[1]], False)])
    core_facts.wake_readers()
    take_steps(withdrawn.retell(ids[:1]), actor=SYSTEM)
    monkeypatch.setattr("huoshui.core.facts.reads.horizon", lambda: 1 << 60)  # this transaction is not over
    jobs.notice()
    assert whose() == [(2, two[0])]
    assert len(sql.fetch(FIGURES)) == 1


BARE = sql.Statement(
    "bare",
    "select f.occurred_at, f.body is null as is_bare, s.person_id, w.fact_id is not null as is_back from fact f"
    " join settlement s on s.fact_id = f.id left join fact_withdrawn w on w.fact_id = f.id"
    " where f.name = 'Body Measured' order by f.occurred_at, f.id",
)


def test_figures_that_had_been_told_of_somebody_else_are_erased_with_whose_they_are(
    register: Register, two: tuple[int, int]
) -> None:
    anna, bert = two
    scale = register()
    first = given(scale, anna, 20)
    tell(scale, 15, 5)
    hand: dict[str, Any] = {"notice_version": "v1", "reason": "转送", "at": days_ago(10)}
    devices.hand_over(scale.id, first, person_id=bert, **hand, actor=SYSTEM)
    _, erase = registry.erasers["设备"]
    assert erase(Erased((bert,)))["身体读数"] == 1
    rows = [(r.person_id, r.is_back, r.is_bare) for r in sql.fetch(BARE)]
    # What stood under anna's name is his, and bare; that under his own is bared with all his facts, by identity
    assert rows == [(anna, False, False), (anna, True, True), (bert, False, False)]


def test_figures_past_their_time_go_wherever_they_had_been_told(
    register: Register, two: tuple[int, int]
) -> None:
    anna, bert = two
    scale = register()
    tell(scale, 15, 5)
    wrong = given(scale, bert, 20)
    devices.never_had(scale.id, wrong, reason="绑错了人", actor=SYSTEM)
    given(scale, anna, 20)
    assert len(sql.fetch(BARE)) == 8  # of nobody, of bert, of nobody, of anna
    registry.expiries["devices.readings"].take(days_ago(10))
    assert {(NOW - r.occurred_at).days for r in sql.fetch(BARE) if r.is_bare} == {15}
    assert [r.is_bare for r in sql.fetch(BARE)] == [True] * 4 + [False] * 4
