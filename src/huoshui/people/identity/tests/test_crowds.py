"""A number under which many were told of by name is no one human's."""

from __future__ import annotations

import pytest
from django.db import transaction

from huoshui.core import sql
from huoshui.people import api as people
from huoshui.people.identity.crowds import Named, called, humans, with_many_names
from huoshui.people.identity.rules import AS_DELIVERED
from huoshui.people.identity.tests.meeting import Carried, meet_all, new

_RAISED = sql.Statement("raised", "select code from fact_exception order by id")
MOST = AS_DELIVERED.kinds["phone"].most_links + 1


def test_names_and_birthdays_must_both_differ() -> None:
    dozens = {f"客{n}人": {f"1960-01-{n + 1:02d}"} for n in range(20)}
    assert humans(dozens, MOST) == MOST + 1, "and no further"
    assert humans({name: set() for name in dozens}, MOST) == MOST + 1
    assert humans({name: {"1990-01-01"} for name in dozens}, MOST) == 1, (
        "one, whose name is written in many ways"
    )
    assert humans({"林要走": {f"1990-01-{n + 1:02d}" for n in range(20)}}, MOST) == 1
    assert humans({"a": {"1", "2"}, "b": {"1"}, "c": {"2", "3"}}, MOST) == 3, "whoever can give way does"
    assert humans({}, MOST) == 0


def test_what_is_no_name_is_nobodys() -> None:
    assert called(" 林 要走 ") == called("林要走女士") == "林要走"
    assert {called(name) for name in ("王女士", "张**", "陈先生", "", "李")} == {""}


def told(names: dict[str, str], *, kind: str = "phone", scope: str = "") -> list[Named]:
    return [Named(kind, scope, "k", name, day, n) for n, (name, day) in enumerate(names.items(), 1)]


def test_a_household_is_none_and_seven_are() -> None:
    family = {f"家人{n}": f"19{60 + n}-01-01" for n in range(4)}
    often = (
        told(family)
        + told(dict.fromkeys(family, ""))
        + told({f"{name}先生": day for name, day in family.items()})
    )
    assert with_many_names(often, AS_DELIVERED) == {}
    seven = {f"客{n}人": f"19{60 + n}-01-01" for n in range(MOST + 1)}
    assert with_many_names(told(seven), AS_DELIVERED) == {("phone", "", "k"): MOST + 1}
    assert with_many_names(told(seven, scope="fixed"), AS_DELIVERED) == {}
    assert with_many_names(told(dict(list(seven.items())[:MOST])), AS_DELIVERED) == {}


@pytest.mark.django_db
def test_a_dealers_number_is_found_out_whenever_the_seventh_comes() -> None:
    def register(phone: Carried, start: int, end: int) -> None:
        for n in range(start, end):
            meet_all([[phone]], traits=(("name", f"客{n}人"), ("birthday", f"19{60 + n}-01-01")))

    def look() -> int:
        with transaction.atomic():
            return people.guard_crowds()

    dealer, household = new("phone"), new("phone")
    register(household, 0, 4)
    register(dealer, 0, MOST)
    assert look() == 0
    # All of it was read before: of what comes now only the seventh's name is new
    for statement in _READ_BEFORE:
        sql.run(statement)
    register(dealer, MOST, MOST + 1)
    assert look() == 1 and [r.code for r in sql.fetch(_RAISED)] == ["shared_identifier"]
    assert meet_all([[dealer], [household]])[0] is None is not meet_all([[household]])[0]
    assert look() == 0


_READ_BEFORE = [
    sql.Statement("read_before", text)
    for text in (
        "update settlement set xid = '1'::xid8",
        "update person set xid = '1'::xid8",
        "update watermark set xid = '2'::xid8 where reader = 'crowds'",
    )
]
