"""What is past its time goes at night, and nothing younger: people through the erasers, the books to the cent."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction

from huoshui.core import clock, sql
from huoshui.core.actor import Actor
from huoshui.core.errors import NotFound, Refused
from huoshui.core.subscribers import Expiry, registry
from huoshui.core.tests.ground import clean_tables, wait_for_readers
from huoshui.engage.loyalty import api as loyalty
from huoshui.intake.imports.tests.shop import shop
from huoshui.intake.river.tests.world import check_books
from huoshui.lake import api as lake
from huoshui.people import api as people
from huoshui.people.retention import jobs
from huoshui.people.retention.types import Rule
from tests.people.erasure import columns, dump, files, hits
from tests.people.test_erasure import BOSS, books, home, person, settle, upload

__all__ = ["clean_tables", "home", "shop"]

OPERATOR = Actor("staff", 2, "运营", frozenset({"operator"}))
IDLE = "people.idle"
DAYS = 1_100
GONE = ("VIP90001", "13911110001", "lin.a@example.com", "林要走", "VIP90003", "13911110003")
STAY = ("VIP90002", "王留下", "VIP90004", "VIP90005", "VIP90006")

PEOPLE = """会员卡号,手机号,邮箱,姓名
VIP90001,13911110001,lin.a@example.com,林要走
VIP90002,13911110002,wang.b@example.com,王留下
VIP90003,13911110003,lin.c@example.com,林也走
VIP90004,13911110004,,新来的
VIP90005,13911110005,,点头的
VIP90006,13911110006,,要查的
"""
SALES = """销售单号,交易时间,门店编码,会员卡号,手机号,商品编码,数量,实付金额
A1,{old} 10:00:00,S1,VIP90001,13911110001,P1,1,30.00
A2,{new} 11:00:00,S1,VIP90002,,P1,1,15.00
A3,{old} 11:00:00,S1,,13911110003,P2,2,70.00
A4,{old} 12:00:00,S1,VIP90002,,P2,1,35.00
"""


def day(ago: int) -> str:
    return f"{clock.today() - timedelta(days=ago):%Y-%m-%d}"


def told() -> None:
    """A base that came in long ago. 2 bought lately, 4 is new, 5 has just allowed something, 6 waits for her copy; 1 and 3
    are long gone, and one human."""
    upload("people", PEOPLE)
    upload("sales", SALES.format(old=day(DAYS + 1), new=day(DAYS - 1)))
    with transaction.atomic():
        people.merge(
            person_a=person("VIP90001"), person_b=person("VIP90003"), reason="林要走本人说的", actor=BOSS
        )
        people.say_consent(
            person("VIP90005"), [people.Said("marketing", "sms", True, proof="签字")], actor=BOSS
        )
        people.rights.ask(BOSS, person("VIP90006"), "copy", said="要看")
    born(day(DAYS + 1))
    born(day(DAYS - 1), person("VIP90004"))
    settle()


def born(when: str, person_id: int | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "update person set born_at = %s where %s::bigint is null or id = %s", [when, person_id, person_id]
        )


def turn_on(name: str, days: int) -> None:
    with transaction.atomic():
        people.retention.set_days(BOSS, name, days)
    people.retention.count(BOSS)
    with transaction.atomic():
        people.retention.turn(BOSS, name, on=True)


def rule(name: str) -> Rule:
    return next(r for r in people.retention_reads.rules_of(BOSS) if r.name == name)


def owed() -> bool:
    turn_on(IDLE, DAYS)
    return rule(IDLE).tonight == {"久未往来的顾客": 0}


def audits() -> int:
    asked = sql.Statement("audits", "select count(*) as n from audit_entry where action = 'retention.ran'")
    return int(sql.fetch_one(asked).n)


def test_who_is_long_gone_is_forgotten_as_the_erased_are_and_the_books_stay(home: Path) -> None:
    told()
    before, everyone = books(), people.count_people()
    assert people.retention.run(BOSS) == {}, "as delivered, nothing goes"
    assert people.count_people() == everyone and audits() == 0
    assert owed(), "points that nobody has taken back are owed, and keep whom they are owed to"
    loyalty.expire_due(clock.now())
    before = books()
    turn_on(IDLE, DAYS)
    assert rule(IDLE).tonight == {"久未往来的顾客": 1}, "counted, with nothing touched"
    assert people.count_people() == everyone
    jobs.take_expired.func()
    wait_for_readers()
    assert hits(GONE, {**dump(), **columns(), **files(home / "imports")}) == []
    assert {word for word, _ in hits(STAY, dump())} == set(STAY), "nobody younger is touched"
    assert books() == before
    check_books()
    assert lake.reconcile().agrees
    assert audits() == 1 and rule(IDLE).last == {"久未往来的顾客": 1}

    jobs.take_expired.func()  # again at once: there is nothing
    assert people.count_people() == everyone - 1 and rule(IDLE).last == {"久未往来的顾客": 1}
    assert rule(IDLE).tonight == {"久未往来的顾客": 0}

    upload("people", PEOPLE)  # the old list brings nobody back
    settle()
    assert people.count_people() == everyone - 1
    assert books() == before


@pytest.fixture
def shelf(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, list[int]]]:
    """Two classes of data, which are lists of ages in days; the second cannot be taken."""
    kept: dict[str, list[int]] = {"a": [5, 9, 10, 30], "b": [30]}

    def count(name: str):  # type: ignore[no-untyped-def]
        return lambda before: {"件": sum(age > (clock.now() - before).days for age in kept[name])}

    def take(before):  # type: ignore[no-untyped-def]
        limit = (clock.now() - before).days
        gone = [age for age in kept["a"] if age > limit]
        kept["a"] = [age for age in kept["a"] if age <= limit]
        return {"件": len(gone)}

    def broken(before):  # type: ignore[no-untyped-def]
        raise OSError("打不开")

    monkeypatch.setattr(
        registry,
        "expiries",
        {
            "b": Expiry("乙", "因为", 10, count("b"), broken),
            "a": Expiry("甲", "因为", 10, count("a"), take, least=7),
        },
    )
    with connection.cursor() as cursor:
        cursor.execute("truncate retention_rule, retention_run")
    yield kept


def test_nothing_is_turned_on_unseen_nor_below_the_law_nor_by_others(shelf: dict[str, list[int]]) -> None:
    assert [(r.name, r.days, r.is_on) for r in people.retention_reads.rules_of(BOSS)] == [
        ("b", 10, False),
        ("a", 10, False),
    ]
    with pytest.raises(Refused, match="先数一数"), transaction.atomic():
        people.retention.turn(BOSS, "a", on=True)
    with pytest.raises(Refused, match="最少要留 7 天"), transaction.atomic():
        people.retention.set_days(BOSS, "a", 6)
    with pytest.raises(Refused), transaction.atomic():
        people.retention.set_days(OPERATOR, "a", 20)
    with pytest.raises(NotFound), transaction.atomic():
        people.retention.turn(BOSS, "sales", on=True)
    assert people.retention.count(BOSS) == {"b": {"件": 1}, "a": {"件": 1}}
    with transaction.atomic():
        people.retention.turn(BOSS, "a", on=True)
    assert rule("a").is_on
    with transaction.atomic():
        people.retention.set_days(BOSS, "a", 7)
    assert not rule("a").is_on and not rule("a").is_counted, "other days have to be seen first"
    assert shelf["a"] == [5, 9, 10, 30]


def test_what_fails_is_told_and_does_not_keep_the_others(shelf: dict[str, list[int]]) -> None:
    people.retention.count(BOSS)
    with transaction.atomic():
        people.retention.turn(BOSS, "a", on=True)
        people.retention.turn(BOSS, "b", on=True)
    assert people.retention.run(BOSS) == {"a": {"件": 1}}
    assert shelf["a"] == [5, 9, 10]
    assert people.retention.run(BOSS) == {"a": {}}
    second, first = people.retention_reads.runs(BOSS)
    assert first.failed == {"b": "打不开"} and first.ended_at and first.taken == {"a": {"件": 1}}
    assert second.taken == {"a": {}} and rule("a").last == {"件": 1}
