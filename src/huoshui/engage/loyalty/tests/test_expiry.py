"""Points that expire."""

from __future__ import annotations

from datetime import date

import pytest

from huoshui.core import sql
from huoshui.core.actor import SYSTEM
from huoshui.core.ledger import api as ledger
from huoshui.core.tests.ground import statements
from huoshui.engage.loyalty import api as loyalty
from huoshui.engage.loyalty import jobs
from huoshui.engage.loyalty.tests.till import (
    Till,
    audit,
    give,
    held,
    money,
    noon,
    person,
    persons,
)
from huoshui.people import api as people

pytestmark = pytest.mark.django_db

TOLD = sql.Statement(
    "told",
    "select s.person_id, f.name, (f.body->>'points')::int as points from settlement s join fact f on f.id = s.fact_id"
    " where f.name in ('Points Expired', 'Points Expiring') order by f.id",
)


def told() -> list[tuple[int, str, int]]:
    return [tuple(r) for r in sql.fetch(TOLD)]


def test_what_is_past_its_month_is_taken_and_told() -> None:
    ann, ben = persons(2)
    give(ann, 30, "2026-02")
    give(ann, 20, "2026-03")
    give(ann, 10, "2026-04")
    give(ann, 5, "")
    give(ben, 7, "2026-04")
    assert loyalty.expire_due(noon(date(2026, 3, 31))) == 1
    assert held(ann) == {"": 5, "2026-03": 20, "2026-04": 10}
    assert loyalty.expire_due(noon(date(2026, 4, 1))) == 1
    assert loyalty.expire_due(noon(date(2026, 4, 1))) == 0
    assert held(ann) == {"": 5, "2026-04": 10}
    assert held(ben) == {"2026-04": 7}
    assert told() == [(ann, "Points Expired", 30), (ann, "Points Expired", 20)]
    audit()
    transfers, explained = ledger.explained()
    assert transfers - explained == 5, "all but the five gifts, which no fact tells of"


def test_some_at_a_time_until_none_is_left() -> None:
    for p in persons(5):
        give(p, 1, "2026-02")
    rounds = []
    while taken := loyalty.expire_due(noon(date(2026, 3, 1)), limit=2):
        rounds.append(taken)
    assert rounds == [2, 2, 1]


def test_a_debt_does_not_expire() -> None:
    ann = person()
    Till().sell("O1", ann, money(50), points=(100, 100))
    loyalty.expire_due(noon(date(2036, 3, 1)))
    assert held(ann) == {"debt": -100}


def test_told_of_once_for_each_human_and_month() -> None:
    ann, also = persons(2)
    people.merge(person_a=ann, person_b=also, reason="同一个人", actor=SYSTEM)
    give(ann, 30, "2026-03")
    give(also, 12, "2026-03")
    give(ann, 10, "2026-04")
    assert loyalty.notice(noon(date(2026, 2, 28))) == 0
    assert loyalty.notice(noon(date(2026, 3, 1))) == 1
    assert loyalty.notice(noon(date(2026, 3, 31))) == 1
    assert loyalty.notice(noon(date(2026, 3, 31))) == 0
    assert told() == [(ann, "Points Expiring", 42), (ann, "Points Expiring", 10)]


def test_the_job_comes_to_an_end() -> None:
    ann = person()
    give(ann, 30, "2026-02")
    jobs.expire_points(timestamp=int(noon(date(2026, 3, 1)).timestamp()))
    assert held(ann) == {}


def test_more_people_take_no_more_queries() -> None:
    def cost(count: int, month: int) -> int:
        for p in persons(count):
            give(p, 9, f"2026-{month:02}")
        at = noon(date(2026, month + 1, 1))
        return statements(lambda: loyalty.expire_due(at)) + statements(
            lambda: loyalty.notice(noon(date(2026, month, 20)))
        )

    for month in (1, 2, 3):  # what is done once for a month that nobody has told of is no matter here
        cost(2, month)
    assert cost(8, 3) <= cost(4, 3)
