"""Points given and taken by hand, by one person or two."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
import time_machine
from django.db import transaction
from pytest import MonkeyPatch

from huoshui.core import clock, sql
from huoshui.core.actor import SYSTEM, Actor
from huoshui.core.approvals import api as approvals
from huoshui.core.approvals.api import AlreadyDecided, SecondPersonNeeded
from huoshui.core.errors import NotFound, Refused
from huoshui.core.tests.ground import clean_tables
from huoshui.core.tests.racing import race, take_out
from huoshui.engage.loyalty import adjusting
from huoshui.engage.loyalty import api as loyalty
from huoshui.engage.loyalty.adjusting import PointsShort
from huoshui.engage.loyalty.tests.till import (
    Till,
    audit,
    by_reason,
    give,
    held,
    money,
    noon,
    person,
    persons,
    total,
)
from huoshui.people import api as people

__all__ = ["clean_tables"]

pytestmark = pytest.mark.django_db

LI, WANG = Actor("staff", 1, "李"), Actor("staff", 2, "王")
AUDITED = sql.Statement(
    "audited", "select actor, action from audit_entry where action like 'points_adjustment.%%' order by id"
)
COUNT = sql.Statement("count", "select count(*) as n from approval")
FACTS = sql.Statement("facts", "select count(*) as n from fact where name = 'Points Adjusted'")


def test_a_few_points_are_given_at_once() -> None:
    ann = person()
    done = loyalty.adjust(person_id=ann, points=100, reason="生日漏送", actor=LI)
    assert (done.state, total(ann)) == ("done", 100)
    assert done.fact_id is not None
    assert by_reason([done.fact_id]) == {"adjust": 100}
    assert [tuple(r) for r in sql.fetch(AUDITED)] == [
        ("staff:1", "points_adjustment.asked"),
        ("staff:1", "points_adjustment.done"),
    ]
    audit()


def test_given_points_pay_a_debt_first() -> None:
    ann = person()
    Till().sell("O1", ann, money(50), points=(50, 50))
    loyalty.adjust(person_id=ann, points=80, reason="补", actor=LI)
    assert total(ann) == 30
    assert "debt" not in held(ann)


def test_more_than_there_is_cannot_be_taken() -> None:
    ann = person()
    give(ann, 100)
    with pytest.raises(PointsShort):
        loyalty.adjust(person_id=ann, points=-101, reason="扣", actor=LI)
    assert total(ann) == 100


def test_they_are_taken_from_all_ids_of_a_human() -> None:
    ann, also = persons(2)
    give(ann, 60)
    give(also, 60)
    people.merge(person_a=ann, person_b=also, reason="同一个人", actor=SYSTEM)
    loyalty.adjust(person_id=also, points=-100, reason="扣", actor=LI)
    assert total(ann) + total(also) == 20


def test_many_points_wait_for_another_person() -> None:
    ann = person()
    asked = loyalty.adjust(person_id=ann, points=1001, reason="赔偿", actor=LI)
    assert (asked.state, total(ann)) == ("waiting", 0)
    with pytest.raises(SecondPersonNeeded):
        loyalty.approve(asked.id, actor=LI)
    with pytest.raises(SecondPersonNeeded):
        loyalty.reject(asked.id, actor=LI)
    assert total(ann) == 0
    assert [w.id for w in loyalty.waiting()] == [asked.id]
    done = loyalty.approve(asked.id, actor=WANG)
    assert (done.state, done.decided_by, total(ann)) == ("done", "staff:2", 1001)
    for again in (loyalty.approve, loyalty.reject):
        with pytest.raises(AlreadyDecided):
            again(asked.id, actor=WANG)
    assert total(ann) == 1001
    assert loyalty.waiting() == []


def test_what_one_did_today_counts_against_his_limit() -> None:
    ann, ben = persons(2)
    for _ in range(2):
        assert loyalty.adjust(person_id=ann, points=500, reason="补", actor=LI).state == "done"
    asked = loyalty.adjust(person_id=ann, points=1, reason="补", actor=LI)
    assert (asked.state, total(ann)) == ("waiting", 1000)
    assert loyalty.adjust(person_id=ann, points=-1, reason="扣", actor=LI).state == "waiting"
    assert loyalty.adjust(person_id=ben, points=1000, reason="补", actor=LI).state == "done"
    people.merge(person_a=ann, person_b=ben, reason="同一个人", actor=SYSTEM)
    assert loyalty.adjust(person_id=ben, points=1, reason="补", actor=LI).state == "waiting"
    loyalty.approve(asked.id, actor=WANG)
    assert loyalty.adjust(person_id=ann, points=1000, reason="补", actor=WANG).state == "done"
    with time_machine.travel(noon(clock.today() + timedelta(days=1)), tick=False):
        assert loyalty.adjust(person_id=ann, points=1000, reason="补", actor=LI).state == "done"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_locked", [True, False])
def test_two_at_once_are_added_up(clean_tables: None, monkeypatch: MonkeyPatch, is_locked: bool) -> None:
    """The control: without the lock both see nothing of the other."""
    with transaction.atomic():
        ann = person()
    both = Barrier(2)
    carry_out = adjusting._carry_out

    def waits_for_the_other(*args: Any, **more: Any) -> Any:
        with suppress(BrokenBarrierError):
            both.wait(0.7)
        return carry_out(*args, **more)

    monkeypatch.setattr(adjusting, "_carry_out", waits_for_the_other)
    if not is_locked:
        take_out(monkeypatch, approvals.Q, "lock_alone", "pg_advisory_xact_lock")

    def give_800() -> str:
        with transaction.atomic():
            return loyalty.adjust(person_id=ann, points=800, reason="补", actor=LI).state

    found = race(give_800, give_800)
    assert sorted(found.results) == (["done", "waiting"] if is_locked else ["done", "done"]), found.errors


def test_what_is_rejected_moves_nothing() -> None:
    ann = person()
    asked = loyalty.adjust(person_id=ann, points=5000, reason="赔偿", actor=LI)
    assert loyalty.reject(asked.id, actor=WANG).state == "rejected"
    assert total(ann) == 0
    assert sql.fetch_one(FACTS).n == 0


def test_what_is_no_adjustment() -> None:
    ann = person()
    for points, reason in ((0, "补"), (5, "  ")):
        with pytest.raises(Refused):
            loyalty.adjust(person_id=ann, points=points, reason=reason, actor=LI)
    with pytest.raises(NotFound):
        loyalty.adjust(person_id=10**12, points=5, reason="补", actor=LI)
    with pytest.raises(NotFound):
        loyalty.approve(10**12, actor=LI)
    assert sql.fetch_one(COUNT).n == 0
